/** Rows as a CSV file: their numbers, names, labels, codes and scores. */
import { csvOf, type Column } from "../share/csv";
import { save } from "../share/save";
import { LABEL } from "../state/columns";
import { float32Text } from "../share/numbers";
import { say } from "../words/words";
import { grouped } from "../maths/format";
import { sentenceOf } from "../backend/backend";
import type { Session } from "./session";

/** The file's name ends with what was chosen, as far as file systems take it. */
export async function saveRows(session: Session, rows: readonly number[], what: string): Promise<void> {
  try {
    const text = csvOf(rows, await columnsOf(session, rows));
    const name = `${session.about.id}-${what}`.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);
    save(new Blob([text], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
    session.said.set(say("{count} rows were saved as {name}.", { count: grouped(rows.length), name: `${name}.csv` }));
  } catch (error) {
    session.notice.set(say("The rows could not be saved: {why}", { why: sentenceOf(error) }));
  }
}

export async function columnsOf(session: Session, rows: readonly number[]): Promise<Column[]> {
  const { about, cloud, columns, backend } = session;
  const found: Column[] = [];
  const taken = new Set(["row"]);
  const add = (wished: string, cell: (row: number) => string, words: boolean): void => {
    let name = wished;
    for (let number = 2; taken.has(name); number++) name = `${wished} (${number})`;
    taken.add(name);
    found.push({ name, cell, words });
  };
  if (about.labels || about.label_scale) {
    const numbers = cloud.values.value?.values;
    add(LABEL, (row) => (numbers ? numberText(numbers[row]!) : (cloud.knownLabel(row) ?? "")), !numbers);
  }
  for (const column of about.columns ?? []) {
    const values = await columns.load(column.name);
    if (!values) continue;
    const words = values.words ?? column.words ?? [];
    const cell = (row: number): string => (values.values ? numberText(values.values[row]!) : (words[values.index?.[row] ?? -1] ?? ""));
    add(column.name, cell, !values.values);
  }
  const codes = cloud.codes.value;
  const width = about.latent_dim;
  for (let d = 0; d < width; d++) add(`z${d}`, (row) => (codes ? numberText(codes.data[row * width + d]!) : ""), false);
  if (!rows.length) return found;
  const scores = cloud.scores.value?.values ?? (await backend.scores());
  add(about.score.name === "−ELBO" ? "minus_elbo_nats" : `${about.score.name}_${about.score.unit}`, (row) => numberText(scores[row]!), false);
  return found;
}

/** Nothing where there is no number; else as few digits as bring the float back. */
const numberText = (value: number): string => (Number.isFinite(value) ? float32Text(value) : "");
