/** What goes for all runs side by side: how the maps look, what they share, and the way between two rows. */
import { useState } from "preact/hooks";
import type { About, PathKind } from "../backend/backend";
import { Toolbar } from "../map/toolbar";
import { Button, IconButton, Segments, Toggle } from "../parts/controls";
import { usePlayback } from "../parts/playback";
import { GenerateControls } from "../panels/generate";
import { WORDS as WORDS_OF_GENERATING } from "../panels/generate-words";
import { pathChoices } from "../panels/morph";
import { useAppState, useSession } from "../session/context";
import { linkBetween, type Link, type Together } from "../session/together";
import { useCell } from "../state/cell";
import type { Shared } from "../state/state";

const FRAME_TIME = 110;

interface Props {
  readonly together: Together;
  readonly runs: readonly About[];
}

export function SharedBar({ together, runs }: Props) {
  const { store } = useSession();
  const generating = useAppState((state) => state.panel === "generate");
  return (
    <section class="shared-bar surface" aria-label="All runs">
      <div class="row">
        <Toolbar steering={null} axes={false} />
        <Sharing together={together} />
        <Toggle on={generating} onToggle={(on) => store.dispatch({ type: "opened", panel: on ? "generate" : "sliders" })}>
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
      aria-label="Add a run"
      value=""
      onChange={(event) => store.dispatch({ type: "compared", beside: [...shown.slice(1), event.currentTarget.value] })}
    >
      <option value="">Add a run …</option>
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
      <span>A drag shares</span>
      <Segments<Shared>
        label="A drag shares"
        value={shared}
        choices={[
          { value: "code", text: "the code", title: "All runs decode the same z" },
          { value: "row", text: "the nearest row", title: "Other runs go to the row that is nearest to the probe" },
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
        {about.rows > 1 ? "Random A and B" : "Random codes"}
      </Button>
      <Segments<PathKind>
        label="Way"
        value={path}
        choices={pathChoices(about)}
        onChoose={(value) => store.dispatch({ type: "morphed", morph: { path: value } })}
      />
      <div class="row player">
        <IconButton
          icon={playing ? "pause" : "play"}
          label={playing ? "Pause" : "Play the way"}
          disabled={!walk || !both}
          onClick={() => {
            if (!playing) together.goTo(Math.max(frame, 0), true);
            setPlaying(!playing);
          }}
        />
        <input
          type="range"
          aria-label="Frame"
          min="0"
          max={n - 1}
          step="1"
          value={Math.max(frame, 0)}
          disabled={!walk || !both}
          aria-valuetext={`frame ${Math.max(frame, 0) + 1} of ${n}`}
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
  code: (name) => `${name} decodes the same code`,
  row: (name) => `${name} shows the row nearest to the probe`,
  apart: (name) => `${name} has other rows and other latents, and stays where it is`,
};

function Explanation({ together }: { together: Together }) {
  const shared = useAppState((state) => state.shared);
  const { a, b } = useAppState((state) => state.morph);
  const [own, ...others] = together.sessions;
  if (!others.length) return null;
  const drags = others.map((other) => WORDS[linkBetween(own!, other, shared)](other.about.name)).join("; ");
  const ways = a && b ? "" : " Press A and B over a map, or choose two rows at random, to see the way between them in each run.";
  return (
    <p class="hint">
      A row that is pointed at is ringed in every map. While you drag, {drags}.{ways}
    </p>
  );
}
