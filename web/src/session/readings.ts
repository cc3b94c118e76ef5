/** How well each of the directions is read off the codes, and what comes along with it: the server fits on the rows. */
import { sentenceOf, type Backend, type TraitAnswer, type TraitQuestion } from "../backend/backend";
import { WITH, WITHOUT } from "../maths/directions";
import { isLassoed, isQuantity, wordsOf, type Attribute } from "../state/attributes";
import { Cell } from "../state/cell";
import type { DirectionFinder, Found } from "./attributes";

export type ReadingState =
  | { readonly kind: "waiting" }
  | { readonly kind: "known"; readonly answer: TraitAnswer }
  | { readonly kind: "failed"; readonly sentence: string };

const WAITING: ReadingState = { kind: "waiting" };

export class Readings {
  /** By the slots of the attributes. */
  readonly bySlot = new Cell<ReadonlyMap<number, ReadingState>>(new Map());
  readonly #backend: Pick<Backend, "trait">;
  readonly #directions: DirectionFinder;
  /** By what was asked, of the model that is shown. */
  #known = new Map<string, ReadingState>();

  constructor(backend: Pick<Backend, "trait">, directions: DirectionFinder) {
    this.#backend = backend;
    this.#directions = directions;
  }

  follow(model: Cell<string>): void {
    this.#directions.found.subscribe(() => this.#look());
    model.subscribe(() => {
      this.#known = new Map();
      this.#look();
    });
  }

  #look(): void {
    const list = this.#directions.found.value?.list ?? [];
    const able = list.filter(({ direction }) => direction);
    for (const one of able) this.#ask(keyOf(one.attribute), one);
    this.#tell();
  }

  #ask(key: string, found: Found): void {
    if (this.#known.has(key)) return;
    const known = this.#known;
    known.set(key, WAITING);
    this.#backend.trait(questionOf(found)).then(
      (answer) => this.#came(known, key, { kind: "known", answer }),
      (error) => this.#came(known, key, { kind: "failed", sentence: sentenceOf(error) }),
    );
  }

  #came(known: Map<string, ReadingState>, key: string, state: ReadingState): void {
    known.set(key, state);
    if (known === this.#known) this.#tell();
  }

  #tell(): void {
    const list = this.#directions.found.value?.list ?? [];
    this.bySlot.set(
      new Map(list.flatMap(({ attribute }) => {
        const state = this.#known.get(keyOf(attribute));
        return state ? [[attribute.slot, state] as const] : [];
      })),
    );
  }
}

const keyOf = ({ with: has, without }: Attribute): string => JSON.stringify([has, without]);

function questionOf({ attribute, members }: Found): TraitQuestion {
  const { with: has, without: lacks } = attribute;
  if (isQuantity(has)) return { column: has.quantity };
  const [word, other] = [wordsOf(has), wordsOf(lacks)];
  if (word && lacks === "others") return { column: word.column, value: word.value };
  if (word && other && word.column === other.column) return { column: word.column, value: word.value, other: other.value };
  const rows = (bit: number): number[] => Array.from(members.keys()).filter((row) => members[row]! & bit);
  const without = lacks === "others" && isLassoed(has) ? {} : { without: rows(WITHOUT) };
  return { with: rows(WITH), ...without };
}
