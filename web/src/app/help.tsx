/** What the page can do with keys, mouse and fingers. */
import { Segments } from "../parts/controls";
import { Dialog } from "../parts/dialog";
import { chooseLanguage } from "../words/language";
import { LANGUAGES, language, say, type Language } from "../words/words";

type Line = readonly [keys: readonly string[], does: string];

const onTheMap = (): readonly Line[] => [
  [["←", "→", "↑", "↓"], say("move the probe; with Shift in larger steps")],
  [["Ctrl", say("arrows")], say("move the map")],
  [["+", "−", "0"], say("zoom in, zoom out, show all")],
  [["Enter"], say("go to the row that is pointed at, or nearest to the probe")],
  [["A", "B"], say("set the ends of a morph")],
  [["L"], say("show or hide the decoded lattice")],
  [["R"], say("draw a code at random")],
  [["H"], say("let dragging move the map, or the probe again")],
  [["Esc"], say("remove the trail")],
];

const withTheLasso = (): readonly Line[] => [
  [[say("Drag")], say("draw around points; they are taken when you let go")],
  [["←", "→", "↑", "↓"], say("bring a rectangle, and move it")],
  [["Shift", say("arrows")], say("change its size")],
  [["Enter"], say("take the points inside")],
  [["Esc"], say("leave the lasso")],
];

const everywhere = (): readonly Line[] => [
  [["/"], say("find a row by its number or name, or a class")],
  [["Ctrl", "Z"], say("undo")],
  [["Ctrl", "Shift", "Z"], say("redo")],
  [["P"], say("large and with little around it, for a room; Esc leaves")],
  [["←", "→"], say("in a tour, the step before and the next one; Esc ends it")],
  [["?"], say("this help")],
];

const pointing = (): readonly Line[] => [
  [[say("Drag")], say("decode along the way")],
  [["Shift", say("drag")], say("move the map; so does the right button, and two fingers")],
  [[say("Wheel")], say("zoom; so does a pinch")],
  [[say("Double-click")], say("go to a row’s code")],
];

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog id="help" title={say("How to move around")} open={open} onClose={onClose}>
      <Segments<Language> label={say("Language")} value={language.value} choices={LANGUAGES} onChoose={chooseLanguage} />
      <Lines title={say("Mouse and touch")} lines={pointing()} />
      <Lines title={say("Keys, while the map has the focus")} lines={onTheMap()} />
      <Lines title={say("While a group is lassoed")} lines={withTheLasso()} />
      <Lines title={say("Keys, everywhere")} lines={everywhere()} />
      <p class="hint">{say("The address holds all that you set: copy it to come back, or to show someone.")}</p>
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
