/** What the page can do with keys, mouse and fingers. */
import { Dialog } from "../parts/dialog";

type Line = readonly [keys: readonly string[], does: string];

const ON_THE_MAP: readonly Line[] = [
  [["←", "→", "↑", "↓"], "move the probe; with Shift in larger steps"],
  [["Ctrl", "arrows"], "move the map"],
  [["+", "−", "0"], "zoom in, zoom out, show all"],
  [["Enter"], "go to the row that is pointed at, or nearest to the probe"],
  [["A", "B"], "set the ends of a morph"],
  [["L"], "show or hide the decoded lattice"],
  [["R"], "draw a code at random"],
  [["H"], "let dragging move the map, or the probe again"],
  [["Esc"], "remove the trail"],
];

const WITH_THE_LASSO: readonly Line[] = [
  [["Drag"], "draw around points; they are taken when you let go"],
  [["←", "→", "↑", "↓"], "bring a rectangle, and move it"],
  [["Shift", "arrows"], "change its size"],
  [["Enter"], "take the points inside"],
  [["Esc"], "leave the lasso"],
];

const EVERYWHERE: readonly Line[] = [
  [["/"], "find a row by its number or name, or a class"],
  [["Ctrl", "Z"], "undo"],
  [["Ctrl", "Shift", "Z"], "redo"],
  [["?"], "this help"],
];

const POINTING: readonly Line[] = [
  [["Drag"], "decode along the way"],
  [["Shift", "drag"], "move the map; so does the right button, and two fingers"],
  [["Wheel"], "zoom; so does a pinch"],
  [["Double-click"], "go to a row’s code"],
];

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog id="help" title="How to move around" open={open} onClose={onClose}>
      <Lines title="Mouse and touch" lines={POINTING} />
      <Lines title="Keys, while the map has the focus" lines={ON_THE_MAP} />
      <Lines title="While a group is lassoed" lines={WITH_THE_LASSO} />
      <Lines title="Keys, everywhere" lines={EVERYWHERE} />
      <p class="hint">The address holds all that you set: copy it to come back, or to show someone.</p>
    </Dialog>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <>
      <h3>{title}</h3>
      <dl class="keys">
        {lines.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
