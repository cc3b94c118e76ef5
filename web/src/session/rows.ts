/** Rows of the data by their number, each fetched once. */
import { rowOf, type Values } from "../backend/arrays";
import type { Backend } from "../backend/backend";

const KEPT = 300;

export class Rows {
  readonly #backend: Backend;
  readonly #known = new Map<number, Promise<Values>>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get(row: number): Promise<Values> {
    const known = this.#known.get(row);
    if (known) return known;
    const found = this.#backend.rows([row]).then((x) => rowOf(x, 0));
    found.catch(() => this.#known.delete(row));
    this.#known.set(row, found);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    return found;
  }
}
