/** The way between the two ends of a morph, asked for anew when one of them, the kind of path or the context changes. */
import { stacked, type Tensor } from "../backend/arrays";
import { sentenceOf, type Backend, type Codes, type PathKind } from "../backend/backend";
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
type Asker = (question: Question) => void;

/** Whether both say the same way, though they may be of other epochs or contexts. */
export function sameWay(a: Morph, b: Morph): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class Morphing {
  readonly walk = new Cell<Walk | null>(null);
  /** The kind of way that is being looked for; null while none is. */
  readonly finding = new Cell<PathKind | null>(null);
  readonly failed = new Cell<string | null>(null);
  readonly #cloud: Cloud;
  /** A geodesic takes its time: another kind of way does not wait for one that nobody wants any more. */
  readonly #askers: Readonly<Record<"geodesic" | "quick", Asker>>;
  #newest: Question | null = null;

  constructor(backend: Backend, cloud: Cloud) {
    this.#cloud = cloud;
    const asker = (): Asker =>
      latest(
        async ({ morph, y }: Question): Promise<Walk | null> => {
          const { path, n } = morph;
          const [a, b] = [this.code(morph.a), this.code(morph.b)];
          return a && b && { morph, ...(await backend.path({ a, b, n, path }, y && stacked([y]))) };
        },
        (walk, question) => this.#done(question, walk, null),
        (error, question) => this.#done(question, null, sentenceOf(error)),
      );
    this.#askers = { geodesic: asker(), quick: asker() };
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
      this.#ask({ morph: next.morph, y: next.y });
    };
    look(state.value);
    state.subscribe(look);
    // Ends that are rows have no code before the rows have come.
    this.#cloud.complete.subscribe(() => last && this.#ask(last));
  }

  #ask(question: Question): void {
    const { a, b, path } = question.morph;
    this.#newest = question;
    if (!this.code(a) || !this.code(b)) return this.#done(question, null, null);
    this.finding.set(path);
    this.#askers[path === "geodesic" ? "geodesic" : "quick"](question);
  }

  #done(question: Question, walk: Walk | null, failed: string | null): void {
    const newest = this.#newest!;
    // Meanwhile another way may be wanted.
    if (!sameWay(question.morph, newest.morph)) return;
    this.walk.set(walk);
    this.failed.set(failed);
    if (question === newest) this.finding.set(null);
  }
}
