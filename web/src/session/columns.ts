/** What rows have in columns of labels, each fetched when it is first wanted. */
import { sentenceOf, type About, type Backend, type ColumnValues } from "../backend/backend";
import { LABEL, columnNamed } from "../state/columns";
import { Cell } from "../state/cell";
import { short } from "../maths/format";
import { say } from "../words/words";
import type { Cloud } from "./cloud";

export class Columns {
  /** Grows when a column has come. */
  readonly changed = new Cell(0);
  readonly #about: () => About;
  readonly #backend: Pick<Backend, "column">;
  readonly #cloud: Cloud;
  readonly #notice: (sentence: string) => void;
  readonly #known = new Map<string, ColumnValues | null>();

  constructor(about: () => About, backend: Pick<Backend, "column">, cloud: Cloud, notice: (sentence: string) => void) {
    this.#about = about;
    this.#backend = backend;
    this.#cloud = cloud;
    this.#notice = notice;
    for (const cell of [cloud.labels, cloud.values] as const) cell.subscribe(() => this.#tell());
  }

  /** Null while it has not come. */
  get(name: string): ColumnValues | null {
    if (name === LABEL) return this.#own();
    if (!this.#known.has(name)) void this.load(name);
    return this.#known.get(name) ?? null;
  }

  /** The same, when it has come; null where it could not be read. */
  async load(name: string): Promise<ColumnValues | null> {
    if (name === LABEL) return this.#own();
    const known = this.#known.get(name);
    if (known) return known;
    this.#known.set(name, null);
    try {
      const found = await this.#backend.column(name);
      this.#known.set(name, found);
      this.#tell();
      return found;
    } catch (error) {
      this.#notice(say("The column {name} could not be read: {why}", { name, why: sentenceOf(error) }));
      return null;
    }
  }

  /** A row's value as text; empty where it has none, or it has not come. */
  text(name: string, row: number): string {
    const found = this.get(name);
    if (!found) return "";
    const number = found.values?.[row];
    if (number !== undefined) return Number.isFinite(number) ? short(number) : "";
    return (found.words ?? columnNamed(this.#about(), name)?.words)?.[found.index?.[row] ?? -1] ?? "";
  }

  #own(): ColumnValues | null {
    const [labels, values] = [this.#cloud.labels.value, this.#cloud.values.value];
    if (values) return { index: null, values: values.values, words: null };
    if (!labels) return null;
    const { unlabelled, labels: words } = this.#about();
    const last = unlabelled ? words!.length - 1 : -1;
    return { index: last < 0 ? labels : labels.map((label) => (label === last ? -1 : label)), values: null, words: null };
  }

  #tell(): void {
    this.changed.set(this.changed.value + 1);
  }
}
