/** Columns of labels that lie in the file: what rows have in them, and rows by their names. */
import { BackendError, type About, type ColumnValues, type Hit } from "../backend/backend";
import type { Contents } from "./contents";

export function columnIn({ columns = [] }: Contents, { columns: told = [] }: About, name: string): ColumnValues {
  const found = columns[told.findIndex((column) => column.name === name)];
  if (!found) throw new BackendError(`there is no column ${name}`);
  return found;
}

/** Names that are the text first, then those that begin with it, then those that hold it. */
export function foundIn({ columns = [] }: Contents, { columns: told = [] }: About, text: string, most: number): readonly Hit[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const hits: (Hit & { readonly rank: number })[] = [];
  columns.forEach(({ index, words }, i) => {
    if (!words || !index) return;
    const ranks = words.map((word) => rankOf(word.toLowerCase(), wanted));
    index.forEach((place, row) => {
      const rank = ranks[place] ?? null;
      if (rank !== null) hits.push({ row, text: words[place]!, column: told[i]!.name, rank });
    });
  });
  hits.sort((a, b) => a.rank - b.rank || a.row - b.row);
  return hits.slice(0, most).map(({ row, text: name, column }) => ({ row, text: name, column }));
}

function rankOf(word: string, wanted: string): number | null {
  if (word === wanted) return 0;
  return word.startsWith(wanted) ? 1 : word.includes(wanted) ? 2 : null;
}
