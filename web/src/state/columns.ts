/** Columns of labels by name: y, which is called "label" as the server calls it, and those beside it. */
import type { About, ColumnAbout } from "../backend/backend";
import { say } from "../words/words";
import type { Colouring } from "./state";

export const LABEL = "label";
/** The unit of dates, a word of ours. */
export const YEAR = "year";

/** Those that colours can tell: classes and quantities. */
export function colourable({ columns = [] }: Pick<About, "columns">): readonly ColumnAbout[] {
  return columns.filter(({ kind }) => kind !== "name");
}

/** All of which directions can be found, y first. */
export function traitsOf(about: About): readonly ColumnAbout[] {
  const own = ownColumn(about);
  return own ? [own, ...colourable(about)] : colourable(about);
}

export function columnNamed(about: About, name: string): ColumnAbout | null {
  return traitsOf(about).find((column) => column.name === name) ?? null;
}

/** y as a column; null where there is none, or nothing to tell of it. */
function ownColumn({ labels, unlabelled, label_scale: scale }: About): ColumnAbout | null {
  const usual = { name: LABEL, counts: null, low: 0, high: 0, missing: 0, unit: null };
  if (labels) return { ...usual, kind: "category", words: unlabelled ? labels.slice(0, -1) : labels };
  return scale ? { ...usual, kind: "quantity", words: null, ...scale } : null;
}

/** What y is called: its own name, else what is usual. */
export function ownName({ label_name: name }: Pick<About, "label_name">, usual: string): string {
  return name ?? usual;
}

/** The column that a colouring goes by; null where it goes by none. */
export function columnOfColour(about: About, colour: Colouring): ColumnAbout | null {
  if (colour === "label") return columnNamed(about, LABEL);
  return colour.startsWith("column:") ? columnNamed(about, colour.slice("column:".length)) : null;
}

/** The words that a colouring's legend singles out, with the one for rows that have none where y has one. */
export function wordsOfColour(about: About, colour: Colouring): readonly string[] {
  return colour.startsWith("column:") ? (columnOfColour(about, colour)?.words ?? []) : (about.labels ?? []);
}

/** What a column is called for the reader. */
export function titleOf({ name, unit }: Pick<ColumnAbout, "name" | "unit">): string {
  return unit && !name.includes(unit) ? `${name} (${unit === YEAR ? say("year") : unit})` : name;
}
