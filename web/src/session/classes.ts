/** The same code under every class, while someone looks. */
import { rowsOf, stacked, type Values } from "../backend/arrays";
import type { About, Backend } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import type { State } from "../state/state";

export class Classes {
  readonly pictures = new Cell<readonly Values[] | null>(null);
  readonly #count: number;
  readonly #ask: (z: readonly number[]) => void;

  constructor(about: About, backend: Backend) {
    this.#count = about.conditional ? (about.classes?.length ?? 0) : 0;
    const each = Array.from({ length: this.#count }, (_, i) => i);
    this.#ask = latest(
      (z: readonly number[]) => {
        const y = stacked(each.map((i) => oneHot(i, this.#count)));
        return backend.decode(stacked(each.map(() => z)), y);
      },
      (x) => this.pictures.set(rowsOf(x)),
      // Why decoding fails is told where the probe itself is decoded.
      () => this.pictures.set(null),
    );
  }

  follow(state: Cell<State>): void {
    if (!this.#count) return;
    let last: readonly number[] | null = null;
    const look = ({ z, panel }: State): void => {
      if (panel !== "condition" || z === last) return;
      last = z;
      this.#ask(z);
    };
    look(state.value);
    state.subscribe(look);
  }
}

export function oneHot(place: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i === place ? 1 : 0));
}

/** Weights of two classes, the second's given: they sum to one, as a link's must. */
export function mixed(from: number, to: number, weight: number, count: number): number[] {
  const rest = Number((1 - weight).toFixed(9));
  return Array.from({ length: count }, (_, i) => (i === to ? weight : i === from ? rest : 0));
}
