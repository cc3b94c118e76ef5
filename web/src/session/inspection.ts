/** What the card on the map shows of a row: the original, its reconstruction and the rows whose codes are nearest. */
import { rowOf, rowsOf, stacked, type Values } from "../backend/arrays";
import type { About, Backend } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import type { State } from "../state/state";
import type { Cloud } from "./cloud";

export interface Inspected {
  readonly row: number;
  readonly original: Values;
  readonly reconstruction: Values;
  readonly neighbours: readonly { readonly row: number; readonly x: Values }[];
}

/** What is found out is known of one model under one y. */
interface Question {
  readonly row: number;
  readonly known: Map<number, Inspected>;
}

const NEIGHBOURS = 5;
const KEPT = 400;

export class Inspection {
  /** The row that is pointed at; −1 for none. */
  readonly row = new Cell(-1);
  readonly shown = new Cell<Inspected | null>(null);
  #known = new Map<number, Inspected>();
  readonly #ask: (question: Question) => void;

  constructor(about: About, backend: Backend, cloud: Cloud, contextOf: (row: number) => readonly number[] | null) {
    this.#ask = latest(
      async ({ row }: Question) => {
        const z = stacked([cloud.code(row) ?? []]);
        const y = contextOf(row);
        const [near, decoded] = await Promise.all([
          backend.neighbours(z, Math.min(NEIGHBOURS + 1, about.rows)),
          backend.decode(z, y && stacked([y])),
        ]);
        const others = [...near.indices.data].filter((other) => other !== row).slice(0, NEIGHBOURS);
        const [original, ...pictures] = rowsOf(await backend.rows([row, ...others]));
        const neighbours = others.map((other, i) => ({ row: other, x: pictures[i]! }));
        return { row, original: original!, reconstruction: rowOf(decoded, 0), neighbours };
      },
      (inspected, { known }) => {
        keep(known, inspected);
        if (known === this.#known && inspected.row === this.row.value) this.shown.set(inspected);
      },
      () => this.shown.set(null),
    );
    this.row.subscribe((row) => this.#look(row));
  }

  /** A row is reconstructed under y. */
  follow(state: Cell<State>): void {
    let last = state.value.y;
    state.subscribe(({ y }) => {
      if (y === last) return;
      last = y;
      this.forget();
    });
  }

  /** What was known was of another model, or under another y. */
  forget(): void {
    this.#known = new Map();
    this.#look(this.row.value);
  }

  #look(row: number): void {
    const known = this.#known.get(row);
    if (known) this.shown.set(known);
    else if (row >= 0) this.#ask({ row, known: this.#known });
  }
}

function keep(known: Map<number, Inspected>, inspected: Inspected): void {
  known.set(inspected.row, inspected);
  if (known.size > KEPT) known.delete(known.keys().next().value!);
}
