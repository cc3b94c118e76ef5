/**
 * One example on its way through the model: the row that is pointed at or where the probe is, what the probe decodes to,
 * or a picture that was drawn. The model is asked while someone looks.
 */
import { rowOf, stacked, type Tensor, type Values } from "../backend/arrays";
import { decodedAtOnce, sentenceOf, type About, type Backend, type InsideAnswer } from "../backend/backend";
import { latest } from "../backend/latest";
import { eventSize } from "../maths/pixels";
import { normal, seeded } from "../maths/random";
import { Cell } from "../state/cell";
import { roundedNoise, type State } from "../state/state";
import type { Decoding } from "./decoding";
import type { Drawing } from "./drawing";
import type { Inspection } from "./inspection";
import type { Rows } from "./rows";
import type { Tell } from "./telling";
import { say } from "../words/words";

export interface Source {
  readonly kind: "row" | "pointed" | "probe" | "drawing";
  readonly row: number | null;
  /** Known already, where it is no row. */
  readonly x: Values | null;
  readonly y: State["y"];
}

export interface Passage {
  readonly of: Source;
  readonly x: Values;
  /** By the noise that is chosen. */
  readonly answer: InsideAnswer;
}

/** The same example by many draws of the noise. */
export interface Draws {
  readonly of: Source;
  readonly answer: InsideAnswer;
}

interface Question {
  readonly source: Source;
  readonly epsilon: readonly number[] | null;
}

interface Parts {
  readonly about: About;
  readonly backend: Backend;
  readonly state: Cell<State>;
  readonly decoding: Decoding;
  readonly drawing: Drawing;
  readonly inspection: Inspection;
  readonly rows: Rows;
  readonly contextOfRow: (row: number) => readonly number[] | null;
  readonly tell: Tell;
}

const [DRAWS, FEWEST, REST] = [64, 8, 160];
/** So many values at most are decoded for them. */
const VALUES = 2 ** 21;
/** Milliseconds for which a dragged probe has to rest: while it moves, its picture comes first. */
const PROBE_REST = 100;
const SEED = 1;

export class Insides {
  readonly passage = new Cell<Passage | null>(null);
  readonly draws = new Cell<Draws | null>(null);
  readonly #parts: Parts;
  readonly #ask: (question: Question) => void;
  readonly #askDraws: (source: Source) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;
  #last: Question | null = null;
  #seed = Date.now();

  constructor(parts: Parts) {
    this.#parts = parts;
    const { tell } = parts;
    const failed = (error: unknown): void => tell(say("The example could not be followed through the model: {why}", { why: sentenceOf(error) }));
    this.#ask = latest(
      async ({ source, epsilon }: Question) => {
        const x = await this.#example(source);
        return { of: source, x, answer: await this.#inside(source, x, epsilon && stacked([epsilon])) };
      },
      (passage) => {
        tell(null);
        this.passage.set(passage);
      },
      failed,
    );
    this.#askDraws = latest(
      async (source: Source) => ({ of: source, answer: await this.#inside(source, await this.#example(source), this.#noise()) }),
      (draws) => draws.of === this.#last?.source && this.draws.set(draws),
      // Without many draws the chosen one still is what was asked for.
      () => this.draws.set(null),
    );
  }

  follow(): void {
    const { state, decoding, drawing, inspection } = this.#parts;
    const look = (): void => this.#look();
    look();
    state.subscribe(look);
    decoding.picture.subscribe(look);
    drawing.picture.subscribe(look);
    inspection.row.subscribe(look);
  }

  /** The model is another one. */
  renew(): void {
    this.#last = null;
    this.#look();
  }

  /** ε ~ N(0, I), other numbers each time. */
  drawnNoise(): readonly number[] | null {
    const uniform = seeded(++this.#seed);
    return roundedNoise(Array.from({ length: this.#width }, () => normal(uniform)));
  }

  get #width(): number {
    return this.#parts.about.posterior?.noise ?? 0;
  }

  #look(): void {
    const { panel, inside, beside } = this.#parts.state.value;
    if (panel !== "inside" || beside.length) {
      this.#last = null;
      return;
    }
    const source = this.#source();
    const epsilon = inside.epsilon;
    if (!source || (this.#last?.source === source && this.#last.epsilon === epsilon)) return;
    const before = this.#last?.source;
    this.#last = { source, epsilon };
    if (before?.kind === "probe" && source.kind === "probe" && before !== source) this.#askSoon();
    else this.#ask(this.#last);
    if (before === source || !this.#width) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#askDraws(source), REST);
  }

  /** Not at every step of a drag. */
  #askSoon(): void {
    clearTimeout(this.#probeTimer);
    this.#probeTimer = setTimeout(() => this.#last && this.#ask(this.#last), PROBE_REST);
  }

  /** The same object for the same example. */
  #source(): Source | null {
    const { state, inspection, drawing, decoding, contextOfRow } = this.#parts;
    const { row, y, inside } = state.value;
    const pointed = inspection.row.value;
    const drawn = inside.of === "drawing" ? drawing.picture.value : null;
    const at = pointed >= 0 ? pointed : drawn ? null : row;
    const found: Source | null =
      at !== null ? { kind: pointed >= 0 ? "pointed" : "row", row: at, x: null, y: contextOfRow(at) }
      : drawn ? { kind: "drawing", row: null, x: drawn, y }
      : decoding.picture.value && { kind: "probe", row: null, x: decoding.picture.value.x, y }; // prettier-ignore
    const last = this.#last?.source;
    return found && last && alike(found, last) ? last : found;
  }

  async #example({ row, x }: Source): Promise<Values> {
    return x ?? this.#parts.rows.get(row!);
  }

  #inside({ y }: Source, x: Values, epsilon: Tensor<Float32Array> | null): Promise<InsideAnswer> {
    const batch = { data: x, shape: [1, ...this.#parts.about.event] };
    return this.#parts.backend.inside(batch, epsilon, y && stacked([y]));
  }

  /** The same for every example, so that what changes is the example's. */
  #noise(): Tensor<Float32Array> {
    const uniform = seeded(SEED);
    const { about } = this.#parts;
    const n = decodedAtOnce(Math.max(FEWEST, Math.min(DRAWS, Math.floor(VALUES / eventSize(about)))), about);
    return stacked(Array.from({ length: n }, () => Array.from({ length: this.#width }, () => normal(uniform))));
  }
}

function alike(a: Source, b: Source): boolean {
  return a.kind === b.kind && a.row === b.row && a.x === b.x && JSON.stringify(a.y) === JSON.stringify(b.y);
}

/** The code that was drawn, of a passage. */
export function codeOf({ answer }: Passage): number[] {
  return Array.from(rowOf(answer.z, 0));
}
