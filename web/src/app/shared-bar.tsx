/** What goes for all runs side by side: how the maps look, what they share, and the way between two rows. */
import { useState } from "preact/hooks";
import type { About, PathKind } from "../backend/backend";
import { Toolbar } from "../map/toolbar";
import { Button, IconButton, Segments, Toggle } from "../parts/controls";
import { usePlayback } from "../parts/playback";
import { GenerateControls, drawThrough } from "../panels/generate";
import { WORDS as WORDS_OF_GENERATING } from "../panels/generate-words";
import { pathChoices } from "../panels/morph";
import { useAppState, useSession } from "../session/context";
import { linkBetween, type Link, type Together } from "../session/together";
import { useCell } from "../state/cell";
import type { Shared } from "../state/state";
import { say } from "../words/words";

const FRAME_TIME = 110;
const ASKED = "can it generate";

interface Props {
  readonly together: Together;
  readonly runs: readonly About[];
}

export function SharedBar({ together, runs }: Props) {
  const { store } = useSession();
  const generating = useAppState((state) => state.panel === "generate");
  const { seed, box } = useAppState((state) => state.generate);
  /** The question is answered at once, by the first draws. */
  const ask = (on: boolean): void => {
    store.dispatch({ type: "opened", panel: on ? "generate" : "sliders" }, ASKED);
    if (on && !seed && !box) drawThrough(together.sessions, store, 1, ASKED);
  };
  return (
    <section class="shared-bar surface" aria-label={say("All runs")}>
      <div class="row">
        <Toolbar steering={null} axes={false} />
        <Sharing together={together} />
        <Toggle on={generating} onToggle={ask}>
          {WORDS_OF_GENERATING.title}
        </Toggle>
        <AddRun together={together} runs={runs} />
      </div>
      {generating ? (
        <GenerateControls sessions={together.sessions} />
      ) : (
        <>
          <div class="row">
            <Ways together={together} />
          </div>
          <Explanation together={together} />
        </>
      )}
    </section>
  );
}

/** Only where there are runs that are not shown. */
function AddRun({ together, runs }: Props) {
  const { store } = useSession();
  const shown = together.sessions.map(({ about }) => about.id);
  const free = runs.filter(({ id }) => !shown.includes(id));
  if (!free.length) return null;
  return (
    <select
      aria-label={say("Add a run")}
      value=""
      onChange={(event) => store.dispatch({ type: "compared", beside: [...shown.slice(1), event.currentTarget.value] })}
    >
      <option value="">{say("Add a run …")}</option>
      {free.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Only where codes can be shared, and rows as well. */
function Sharing({ together }: { together: Together }) {
  const { store } = useSession();
  const shared = useAppState((state) => state.shared);
  const [own, ...others] = together.sessions;
  const either = others.some((other) => linkBetween(own!, other, "code") !== linkBetween(own!, other, "row"));
  if (!either) return null;
  return (
    <div class="field">
      <span>{say("A drag shares")}</span>
      <Segments<Shared>
        label={say("A drag shares")}
        value={shared}
        choices={[
          { value: "code", text: say("the code"), title: say("All runs decode the same z") },
          { value: "row", text: say("the nearest row"), title: say("Other runs go to the row that is nearest to the probe") },
        ]}
        onChoose={(value) => store.dispatch({ type: "joined", shared: value })}
      />
    </div>
  );
}

/** The ends, the kind and the player of the ways from A to B. */
function Ways({ together }: { together: Together }) {
  const { store, morphing, about } = useSession();
  const { a, b, path, n } = useAppState((state) => state.morph);
  const walk = useCell(morphing.walk);
  const frame = useCell(together.frame);
  const [playing, setPlaying] = useState(false);
  usePlayback(playing, n, Math.max(frame, 0), FRAME_TIME, (next) => together.goTo(next, false));
  const both = a !== null && b !== null;
  return (
    <>
      <Button icon="dice" onClick={() => together.chooseEnds()}>
        {about.rows > 1 ? say("Random A and B") : say("Random codes")}
      </Button>
      <Segments<PathKind>
        label={say("Way")}
        value={path}
        choices={pathChoices(about)}
        onChoose={(value) => store.dispatch({ type: "morphed", morph: { path: value } })}
      />
      <div class="row player">
        <IconButton
          icon={playing ? "pause" : "play"}
          label={playing ? say("Pause") : say("Play the way")}
          disabled={!walk || !both}
          onClick={() => {
            if (!playing) together.goTo(Math.max(frame, 0), true);
            setPlaying(!playing);
          }}
        />
        <input
          type="range"
          aria-label={say("Frame")}
          min="0"
          max={n - 1}
          step="1"
          value={Math.max(frame, 0)}
          disabled={!walk || !both}
          aria-valuetext={say("frame {frame} of {count}", { frame: Math.max(frame, 0) + 1, count: n })}
          onPointerDown={() => together.goTo(Math.max(frame, 0), true)}
          onInput={(event) => {
            setPlaying(false);
            together.goTo(event.currentTarget.valueAsNumber, false);
          }}
        />
        <span class="number hint">
          {frame < 0 ? "–" : frame + 1} / {n}
        </span>
      </div>
    </>
  );
}

const WORDS: Readonly<Record<Link, (name: string) => string>> = {
  code: (name) => say("{name} decodes the same code", { name }),
  row: (name) => say("{name} shows the row nearest to the probe", { name }),
  apart: (name) => say("{name} has other rows and other latents, and stays where it is", { name }),
};

function Explanation({ together }: { together: Together }) {
  const shared = useAppState((state) => state.shared);
  const { a, b } = useAppState((state) => state.morph);
  const [own, ...others] = together.sessions;
  if (!others.length) return null;
  const drags = others.map((other) => WORDS[linkBetween(own!, other, shared)](other.about.name)).join(say("; "));
  const ways =
    a && b ? "" : say("Press A and B over a map, or choose two rows at random, to see the way between them in each run.");
  return (
    <p class="hint">
      {say("A row that is pointed at is ringed in every map. While you drag, {drags}.", { drags })} {ways}
    </p>
  );
}
