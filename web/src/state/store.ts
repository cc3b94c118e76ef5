/** The one place where the state lives, with its history and its link. */
import type { About } from "../backend/backend";
import { Cell } from "./cell";
import { begun, redone, replaced, stepped, undone, type History } from "./history";
import { isStep, reduce, type Action } from "./reducer";
import type { State } from "./state";
import { fromHash, toHash } from "./url";

export class Store {
  readonly state: Cell<State>;
  readonly history: Cell<History>;
  #about: About;
  readonly #runs: readonly About[];

  /** `runs` are those that may stand beside this one. */
  constructor(about: About, state: State, runs: readonly About[] = []) {
    this.#about = about;
    this.#runs = runs;
    this.history = new Cell(begun(state));
    this.state = new Cell(state);
  }

  /** What is known of the run has changed. */
  describe(about: About): void {
    this.#about = about;
  }

  /** Changes of the same gesture are undone together. */
  dispatch(action: Action, gesture: string | null = null): void {
    const history = this.history.value;
    const next = reduce(history.present, action);
    this.#set(isStep(action) ? stepped(history, next, gesture) : replaced(history, next));
  }

  undo(): void {
    this.#set(undone(this.history.value));
  }

  redo(): void {
    this.#set(redone(this.history.value));
  }

  get hash(): string {
    return toHash(this.state.value, this.#about, this.#runs);
  }

  restore(hash: string): void {
    if (hash === this.hash) return;
    this.dispatch({ type: "restored", state: fromHash(hash, this.#about, this.#runs) });
  }

  #set(history: History): void {
    this.history.set(history);
    this.state.set(history.present);
  }
}
