/** What a text finds: rows by their numbers and names, and classes by theirs. */
import type { About, Backend, Hit } from "../backend/backend";
import { grouped } from "../maths/format";
import { LABEL, traitsOf } from "../state/columns";
import { say } from "../words/words";

export type Suggestion =
  | { readonly kind: "row"; readonly row: number; readonly text: string; readonly more: string }
  /** Rows of one word in a column. */
  | { readonly kind: "class"; readonly column: string; readonly place: number; readonly text: string; readonly more: string };

const MOST = 8;

/** At once: a row's number, and classes that hold the text, those that begin with it first. */
export function suggested(about: About, text: string): Suggestion[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found: Suggestion[] = [];
  const number = rowOf(text, about.rows);
  if (number !== null) found.push({ kind: "row", row: number, text: say("Row {row}", { row: grouped(number) }), more: "" });
  const classes: (Suggestion & { readonly rank: number })[] = [];
  for (const { name, words, counts } of traitsOf(about)) {
    words?.forEach((word, place) => {
      const rank = rankOf(word.toLowerCase(), wanted);
      if (rank === null) return;
      const more = counts ? say("{count} rows", { count: grouped(counts[place]!) }) : "";
      classes.push({ kind: "class", column: name, place, text: name === LABEL ? word : say("{name}: {value}", { name, value: word }), more, rank });
    });
  }
  classes.sort((a, b) => a.rank - b.rank);
  return [...found, ...classes.map(({ rank: _, ...each }) => each as Suggestion)].slice(0, MOST);
}

/** With the rows whose names hold the text, which the server knows. */
export async function searched(about: About, backend: Pick<Backend, "find">, text: string): Promise<Suggestion[]> {
  const own = suggested(about, text);
  const named = about.columns?.some(({ kind }) => kind === "name");
  const wanted = text.trim();
  if (!named || !wanted || wanted.length > LONGEST) return own;
  const hits = await backend.find(wanted, MOST);
  const rows = hits.map(
    ({ row, text: name }: Hit): Suggestion => ({ kind: "row", row, text: name, more: say("row {row}", { row: grouped(row) }) }),
  );
  const exact = rows.filter((each) => each.text.toLowerCase() === wanted.toLowerCase());
  return [...exact, ...own, ...rows.filter((each) => !exact.includes(each))].slice(0, MOST);
}

const LONGEST = 200;

/** Rows are counted from 0, and may be written with commas. */
export function rowOf(text: string, rows: number): number | null {
  const plain = text.trim().replace(/^row\s+/i, "").replaceAll(/[,\u202f\u00a0 ]/g, "");
  return /^\d{1,12}$/.test(plain) && Number(plain) < rows ? Number(plain) : null;
}

function rankOf(word: string, wanted: string): number | null {
  if (word === wanted) return 0;
  return word.startsWith(wanted) ? 1 : word.includes(wanted) ? 2 : null;
}

/** One sentence for a text that finds nothing. */
export function nothing(about: About, text: string): string {
  const wanted = text.trim();
  if (/^(row\s+)?-?[\d,. ]+$/i.test(wanted)) {
    return say("There is no row {text}: rows are counted from 0 to {last}.", { text: wanted, last: grouped(about.rows - 1) });
  }
  return say("No row and no class is called “{text}”.", { text: wanted });
}
