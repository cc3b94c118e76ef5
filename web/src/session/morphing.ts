/** The way between the two ends of a morph, asked for anew when one of them, the kind of path or the context changes. */
import { stacked, type Tensor } from "../backend/arrays";
import { sentenceOf, type Backend, type Codes } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import { showsWay, type End, type Morph, type State } from "../state/state";
import type { Cloud } from "./cloud";

export interface Walk {
  readonly morph: Morph;
  readonly z: Codes;
  readonly x: Tensor;
  readonly length: number;
  readonly straight: number;
}

type Question = Pick<State, "morph" | "y">;

export class Morphing {
  readonly walk = new Cell<Walk | null>(null);
  readonly busy = new Cell(false);
  readonly failed = new Cell<string | null>(null);
  readonly #cloud: Cloud;
  readonly #ask: (question: Question) => void;

  constructor(backend: Backend, cloud: Cloud) {
    this.#cloud = cloud;
    this.#ask = latest(
      async ({ morph, y }: Question): Promise<Walk | null> => {
        const [a, b] = [this.code(morph.a), this.code(morph.b)];
        if (!a || !b) return null;
        this.busy.set(true);
        const { path, n } = morph;
        return { morph, ...(await backend.path({ a, b, n, path }, y && stacked([y]))) };
      },
      (walk) => this.#done(walk, null),
      (error) => this.#done(null, sentenceOf(error)),
    );
  }

  /** The code of an end; null where there is none yet. */
  code(end: End | null): readonly number[] | null {
    if (!end) return null;
    return "z" in end ? end.z : this.#cloud.code(end.row);
  }

  follow(state: Cell<State>): void {
    let last: Question | null = null;
    const look = (next: State): void => {
      if (!showsWay(next) || (next.morph === last?.morph && next.y === last.y)) return;
      last = next;
      this.#ask(next);
    };
    look(state.value);
    state.subscribe(look);
    // Ends that are rows have no code before the rows have come.
    this.#cloud.complete.subscribe(() => last && this.#ask(last));
  }

  #done(walk: Walk | null, failed: string | null): void {
    this.busy.set(false);
    this.walk.set(walk);
    this.failed.set(failed);
  }
}
