/** Tables as comma-separated values: RFC 4180, and nothing that a spreadsheet takes for a formula. */

export interface Column {
  readonly name: string;
  readonly cell: (row: number) => string;
  /** Whether its cells are texts, of which a spreadsheet could take some for formulas. */
  readonly words: boolean;
}

const LINE = "\r\n";
/** Of a text beyond ASCII, spreadsheets need a mark to read it as UTF-8. */
const MARK = "\ufeff";
const BEYOND_ASCII = /[^\0-\x7f]/;
/** OWASP, "CSV injection": a cell that begins so is run by spreadsheets; an apostrophe before it makes it a text. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The rows by their numbers, counted from 0, with these columns. */
export function csvOf(rows: readonly number[], columns: readonly Column[]): string {
  const head = ["row", ...columns.map(({ name }) => text(name))].join(",");
  const lines = rows.map((row) => [String(row), ...columns.map(({ cell, words }) => (words ? text(cell(row)) : cell(row)))].join(","));
  const whole = [head, ...lines, ""].join(LINE);
  return BEYOND_ASCII.test(whole) ? MARK + whole : whole;
}

function text(cell: string): string {
  const safe = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) || safe.trim() !== safe ? `"${safe.replaceAll('"', '""')}"` : safe;
}
