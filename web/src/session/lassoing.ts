/** The lasso: which group of rows is being drawn on the map, and what it becomes. */
import type { Plane, Point } from "../maths/plane";
import { added, changed, freeSlot, type Side } from "../state/attributes";
import { Cell } from "../state/cell";
import type { Store } from "../state/store";

/** The group that is wanted: of a new attribute where there is no slot. */
export interface Task {
  readonly side: Side;
  readonly slot: number | null;
}

/** An outline as far as it is drawn, with the points inside of it in the order of the map's grid. */
export interface Drawn {
  readonly outline: readonly Point[];
  readonly inside: Uint8Array;
  readonly count: number;
  /** Whether it waits to be taken, as a rectangle does; a line is taken when the pointer is lifted. */
  readonly waits: boolean;
}

export class Lassoing {
  readonly task = new Cell<Task | null>(null);
  readonly drawn = new Cell<Drawn | null>(null);
  /** Whether the last outline had no points inside. */
  readonly missed = new Cell(false);
  /** The slot of the attribute that a lasso has made or changed last: its slider comes next. */
  readonly taken = new Cell<number | null>(null);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  begin(task: Task): void {
    this.drawn.set(null);
    this.missed.set(false);
    this.task.set(task);
  }

  leave(): void {
    this.task.set(null);
    this.drawn.set(null);
  }

  take(plane: Plane, outline: readonly Point[]): void {
    const task = this.task.value;
    const { attributes } = this.#store.state.value;
    if (!task) return;
    const group = { plane, outline };
    const slot = task.slot ?? freeSlot(attributes);
    const next =
      task.slot === null
        ? added(attributes, { with: group, without: "others" })
        : changed(attributes, slot, { [task.side]: group });
    this.#store.dispatch({ type: "attributed", attributes: { ...next, shown: slot } });
    this.leave();
    this.taken.set(slot);
  }
}
