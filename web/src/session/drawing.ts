/** What the model makes of a picture that the reader drew or brought: its posterior, its reconstruction, its score. */
import { rowOf, rowsOf, stacked, type Tensor, type Values } from "../backend/arrays";
import { decodedAtOnce, sentenceOf, type About, type Backend } from "../backend/backend";
import { latest } from "../backend/latest";
import type { Rgb } from "../maths/colour";
import { eventSize, fromLevels, layoutOf } from "../maths/pixels";
import { draw, seeded } from "../maths/random";
import { Cell } from "../state/cell";
import { drawnLevels } from "../state/drawn";
import type { State } from "../state/state";
import type { Tell } from "./telling";
import { say } from "../words/words";

export interface Encoded {
  readonly x: Values;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly reconstruction: Values;
}

export interface Resampled {
  readonly of: Encoded;
  readonly pictures: readonly Values[];
}

interface Question {
  readonly x: Values;
  readonly y: State["y"];
}

/** What the answer depends on. */
type Asked = Pick<State, "drawn" | "y">;

const SCORE_REST = 250;
const DRAWS = 48;

export class Drawing {
  /** The picture as one example in the data's units; null while nothing is drawn. */
  readonly picture = new Cell<Values | null>(null);
  readonly encoded = new Cell<Encoded | null>(null);
  readonly score = new Cell<number | null>(null);
  readonly resampled = new Cell<Resampled | null>(null);
  /** The colour on which one draws, once it is known: it stays while the decoded picture changes. */
  ground: Rgb | null = null;
  readonly #about: About;
  readonly #backend: Backend;
  readonly #state: Cell<State>;
  readonly #tell: Tell;
  readonly #encode: (question: Question) => void;
  readonly #rate: (question: Question) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #seed = 0;
  #asked: Asked | null = null;

  constructor(about: About, backend: Backend, state: Cell<State>, tell: Tell) {
    this.#about = about;
    this.#backend = backend;
    this.#state = state;
    this.#tell = tell;
    const failed = (error: unknown): void => tell(say("The picture could not be encoded: {why}", { why: sentenceOf(error) }));
    this.#encode = latest(
      (question: Question) => this.#encoded(question),
      (encoded) => {
        tell(null);
        this.#set(encoded);
      },
      failed,
    );
    this.#rate = latest(
      ({ x, y }: Question) => backend.score(this.#batch(x), y && stacked([y])),
      (scores, { x }) => x === this.picture.value && this.score.set(scores[0]!),
      failed,
    );
  }

  /** The model is asked while someone looks. */
  follow(state: Cell<State>): void {
    let shown: string | null = null;
    const look = (next: State): void => {
      if (next.drawn !== shown) this.#show((shown = next.drawn));
      this.#look(next);
    };
    look(state.value);
    state.subscribe(look);
  }

  /** The model is another one. */
  renew(): void {
    this.#asked = null;
    this.#look(this.#state.value);
  }

  /** Draws from the posterior, decoded. Each call draws others. */
  async resample(): Promise<void> {
    const encoded = this.encoded.value;
    if (!encoded) return;
    const uniform = seeded(++this.#seed);
    const z = Array.from({ length: decodedAtOnce(DRAWS, this.#about) }, () => draw(uniform, encoded.mean, encoded.deviation));
    const { y } = this.#state.value;
    try {
      const x = await this.#backend.decode(stacked(z), y && stacked([y]));
      if (this.encoded.value === encoded) this.resampled.set({ of: encoded, pictures: rowsOf(x) });
    } catch (error) {
      this.#tell(say("The posterior could not be resampled: {why}", { why: sentenceOf(error) }));
    }
  }

  #show(drawn: string | null): void {
    const levels = drawn === null ? null : drawnLevels(drawn, eventSize(this.#about));
    this.picture.set(levels && fromLevels(levels, layoutOf(this.#about), this.#about.dtype));
    this.score.set(null);
    if (!levels) this.#set(null);
  }

  #look({ drawn, y, panel }: State): void {
    if (panel !== "draw" || (this.#asked?.drawn === drawn && this.#asked.y === y)) return;
    this.#asked = { drawn, y };
    const x = this.picture.value;
    clearTimeout(this.#timer);
    this.score.set(null);
    if (!x) return;
    const question = { x, y };
    this.#encode(question);
    this.#timer = setTimeout(() => this.#rate(question), SCORE_REST);
  }

  async #encoded({ x, y }: Question): Promise<Encoded> {
    const context = y && stacked([y]);
    const { mean, deviation } = await this.#backend.encode(this.#batch(x), context);
    const reconstruction = rowOf(await this.#backend.decode(mean, context), 0);
    return { x, mean: Array.from(rowOf(mean, 0)), deviation: Array.from(rowOf(deviation, 0)), reconstruction };
  }

  #set(encoded: Encoded | null): void {
    if (encoded && !this.picture.value) return;
    this.encoded.set(encoded);
    this.resampled.set(null);
  }

  #batch(x: Values): Tensor {
    return { data: x, shape: [1, ...this.#about.event] };
  }
}
