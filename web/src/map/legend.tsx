/** What the colours mean. Labels are buttons: they single out their points. */
import { plural, short } from "../maths/format";
import { hasLabels } from "../backend/backend";
import { Told } from "../parts/explained";
import { useAppState, useSession } from "../session/context";
import { Cell, useCell } from "../state/cell";
import type { Legend as Content, LegendEntry } from "./colouring";
import { say } from "../words/words";

interface Props {
  readonly legend: Cell<Content>;
  readonly among: Cell<number>;
}

export function Legend({ legend, among }: Props) {
  const { about } = useSession();
  const one = useCell(among);
  const points = useAppState((state) => state.layers.includes("points"));
  if (about.rows === 0 || !points) return null;
  return (
    <>
      <Colours legend={legend} />
      {one > 1 && <p class="legend hint">{say("One of {one} points is drawn, so that the lattice shows.", { one })}</p>}
    </>
  );
}

function Colours({ legend }: { legend: Cell<Content> }) {
  const { about, cloud } = useSession();
  const content = useCell(legend);
  const colour = useAppState((state) => state.colour);
  const scores = useCell(cloud.scores);
  if (content.kind === "labels") return <Labels entries={content.entries} />;
  if (colour === "score" && !scores) {
    return <p class="legend hint" aria-busy="true">{say("Scoring {rows} …", { rows: plural(about.rows, "row") })}</p>;
  }
  if (content.kind === "none" && about.label_note && !hasLabels(about)) {
    return <p class="legend hint">{say("No colour by label: {why}.", { why: about.label_note })}</p>;
  }
  if (content.kind !== "scale") return null;
  return (
    <div class="legend scale">
      <span>{colour === "score" ? <Told word={about.score.name}>{content.name}</Told> : content.name}</span>
      <span class="number">{short(content.low)}</span>
      <svg class="ramp" viewBox="0 0 8 1" preserveAspectRatio="none" aria-hidden="true">
        <linearGradient id="ramp">
          {content.colours.map((stop, i) => (
            <stop key={i} offset={i / (content.colours.length - 1)} stop-color={stop} />
          ))}
        </linearGradient>
        <rect width="8" height="1" fill="url(#ramp)" />
      </svg>
      <span class="number">{short(content.high)}</span>
      {content.words && <span>{colour === "score" ? <Told word={about.score.unit}>{content.words}</Told> : content.words}</span>}
    </div>
  );
}

function Labels({ entries }: { entries: readonly LegendEntry[] }) {
  const { store } = useSession();
  const only = useAppState((state) => state.only);
  const toggle = (label: number): void => {
    const next = only.includes(label) ? only.filter((other) => other !== label) : [...only, label];
    store.dispatch({ type: "singled", only: next.length === entries.length ? [] : next });
  };
  return (
    <div class="legend" role="group" aria-label={say("Labels to single out")}>
      {entries.map(({ label, text, colour, count }) => (
        <button
          key={label}
          type="button"
          class={`swatch ${only.length && !only.includes(label) ? "faint" : ""}`}
          aria-pressed={only.includes(label)}
          title={`${text}: ${plural(count, "row")}`}
          onClick={() => toggle(label)}
        >
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={colour} />
          </svg>
          <span class="text">{text}</span>
          <span class="unseen">{plural(count, "row")}</span>
        </button>
      ))}
      {only.length > 0 && (
        <button type="button" class="swatch all" onClick={() => store.dispatch({ type: "singled", only: [] })}>
          {say("Show all")}
        </button>
      )}
    </div>
  );
}
