/** The picture of the state's code: asked for at each change, the newest first and no two at a time. */
import { float32, rowOf, stacked, type Values } from "../backend/arrays";
import { sentenceOf, type About, type Backend, type Context } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import type { State } from "../state/state";
import type { Tell } from "./telling";
import { say } from "../words/words";

export interface Picture {
  readonly z: readonly number[];
  readonly x: Values;
}

/** How far an interval of one deviation reaches from the decoded values: below is negative. */
export interface Reach {
  readonly below: Float32Array;
  readonly above: Float32Array;
}

type Question = Pick<State, "z" | "y">;

/** Intervals wait until the probe rests: while it moves, the last one moves along with it. */
const REST = 80;

export class Decoding {
  readonly picture = new Cell<Picture | null>(null);
  readonly reach = new Cell<Reach | null>(null);
  readonly #decode: (question: Question) => void;
  readonly #interval: (question: Question) => void;
  readonly #withInterval: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(about: About, backend: Backend, tell: Tell) {
    this.#withInterval = about.interval && about.kind !== "image";
    this.#decode = latest(
      async (question: Question) => ({ z: question.z, x: rowOf(await backend.decode(...asked(question)), 0) }),
      (picture) => {
        tell(null);
        this.picture.set(picture);
      },
      (error) => tell(say("The point could not be decoded: {why}", { why: sentenceOf(error) })),
    );
    this.#interval = latest(
      (question: Question) => reachOf(backend, question),
      (reach) => this.reach.set(reach),
      // Values without their interval still are what was asked for.
      () => this.reach.set(null),
    );
  }

  follow(state: Cell<State>): void {
    let last: Question | null = null;
    const look = (next: State): void => {
      if (next.z === last?.z && next.y === last.y) return;
      last = next;
      this.#decode(next);
      if (!this.#withInterval) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#interval(next), this.reach.value ? REST : 0);
    };
    look(state.value);
    state.subscribe(look);
  }
}

function asked({ z, y }: Question): [ReturnType<typeof stacked>, Context] {
  return [stacked([z]), y && stacked([y])];
}

async function reachOf(backend: Backend, question: Question): Promise<Reach> {
  const [decoded, ends] = await Promise.all([
    backend.decode(...asked(question)),
    backend.interval(...asked(question)),
  ]);
  const x = rowOf(decoded, 0);
  const from = (values: Values): Float32Array => float32(values).map((value, i) => value - x[i]!);
  return { below: from(rowOf(ends.low, 0)), above: from(rowOf(ends.high, 0)) };
}
