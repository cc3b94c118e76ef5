/** What the colours mean. Labels are buttons: they single out their points. */
import { useState } from "preact/hooks";
import { toHex } from "../maths/colour";
import { grouped, plural } from "../maths/format";
import { otherColour } from "../maths/palette";
import { endText, tickText } from "../maths/ticks";
import { theme } from "../parts/theme";
import { rowsText } from "../panels/attributes-groups";
import { saveRows } from "../session/saving";
import type { Session } from "../session/session";
import { columnOfColour } from "../state/columns";
import { say, told } from "../words/words";
import { hasLabels } from "../backend/backend";
import { Told } from "../parts/explained";
import { useAppState, useSession } from "../session/context";
import { Cell, useCell } from "../state/cell";
import type { Legend as Content, LegendEntry, Scale } from "./colouring";

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
  if (content.kind === "labels") return <Labels content={content} />;
  if (colour === "score" && !scores) {
    return <p class="legend hint" aria-busy="true">{say("Scoring {rows} …", { rows: plural(about.rows, "row") })}</p>;
  }
  if (content.kind === "none" && about.label_note && !hasLabels(about)) {
    return <p class="legend hint">{say("No colour by label: {why}.", { why: told(about.label_note) })}</p>;
  }
  if (content.kind !== "scale") return null;
  return <Ramp scale={content} score={colour === "score"} />;
}

/** Percent of the ramp. */
const NEAR = 5;

function Ramp({ scale, score }: { scale: Scale; score: boolean }) {
  const { about } = useSession();
  const { name, low, high, colours, words } = scale;
  const share = (value: number): number => (100 * (value - low)) / (high - low || 1);
  // The ends are marked beside the ramp.
  const marked = (scale.ticks ?? []).filter((value) => share(value) > NEAR && share(value) < 100 - NEAR);
  const within = marked.length > 1;
  return (
    <div class="legend scale">
      <span>{score ? <Told word={about.score.name}>{name}</Told> : name}</span>
      <span class="ramp-line">
        <span class="number">{endText(low, low, high)}</span>
        <span class={within ? "ramp-room ticked" : "ramp-room"}>
          <svg class="ramp" viewBox="0 0 8 1" preserveAspectRatio="none" aria-hidden="true">
            <linearGradient id="ramp">
              {colours.map((stop, i) => (
                <stop key={i} offset={i / (colours.length - 1)} stop-color={stop} />
              ))}
            </linearGradient>
            <rect width="8" height="1" fill="url(#ramp)" />
          </svg>
          {within &&
            marked.map((value) => (
              <span key={value} class="ramp-tick number" style={{ left: `${share(value).toFixed(2)}%` }}>
                {tickText(value, marked)}
              </span>
            ))}
        </span>
        <span class="number">{endText(high, low, high)}</span>
      </span>
      {words && <span>{score ? <Told word={about.score.unit}>{words}</Told> : words}</span>}
    </div>
  );
}

/** Of more a part is listed, the rest is found by its name. */
const MOST_LISTED = 60;

function Labels({ content: { entries, name, missing = 0 } }: { content: Extract<Content, { kind: "labels" }> }) {
  const session = useSession();
  const { store } = session;
  const [all, setAll] = useState(false);
  const only = useAppState((state) => state.only);
  const dressed = useCell(theme);
  const toggle = (label: number): void => {
    const next = only.includes(label) ? only.filter((other) => other !== label) : [...only, label];
    store.dispatch({ type: "singled", only: next.length === entries.length ? [] : next });
  };
  return (
    <div class="legend" role="group" aria-label={say("Labels to single out")}>
      {name !== undefined && <span class="legend-name">{name}</span>}
      {(all ? entries : listed(entries, only)).map(({ label, text, colour, count }) => (
        <button
          key={label}
          type="button"
          class={`swatch ${only.length && !only.includes(label) ? "faint" : ""}`}
          aria-pressed={only.includes(label)}
          title={say("{name}: {rows}", { name: text, rows: rowsText(count) })}
          onClick={() => toggle(label)}
        >
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={colour} />
          </svg>
          <span class="text">{text}</span>
          <span class="unseen">{rowsText(count)}</span>
        </button>
      ))}
      {missing > 0 && (
        <span class="legend-missing hint">
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={toHex(otherColour(dressed))} />
          </svg>
          {say("{rows} without one", { rows: rowsText(missing) })}
        </span>
      )}
      {entries.length > MOST_LISTED && (
        <button type="button" class="swatch all" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? say("Fewer") : say("{count} more", { count: grouped(entries.length - MOST_LISTED) })}
        </button>
      )}
      {only.length > 0 && (
        <>
          <button type="button" class="swatch all" onClick={() => store.dispatch({ type: "singled", only: [] })}>
            {say("Show all")}
          </button>
          <button type="button" class="swatch all" onClick={() => saveSingled(session, entries, only)}>
            {say("Save them as CSV")}
          </button>
        </>
      )}
    </div>
  );
}

/** The first ones, and those that are singled out. */
function listed(entries: readonly LegendEntry[], only: readonly number[]): readonly LegendEntry[] {
  return entries.filter(({ label }, i) => i < MOST_LISTED || only.includes(label));
}

function saveSingled(session: Session, entries: readonly LegendEntry[], only: readonly number[]): void {
  const { colour } = session.store.state.value;
  const column = colour === "label" ? null : columnOfColour(session.about, colour);
  const index = column ? session.columns.get(column.name)?.index : session.cloud.labels.value;
  const rows = Array.from(index?.keys() ?? []).filter((row) => only.includes(index![row]!));
  const names = entries.filter(({ label }) => only.includes(label)).map(({ text }) => text);
  void saveRows(session, rows, names.join("-"));
}
