/** The directions of the attributes in the state, found from the codes that the page holds: no model is asked. */
import type { About, Codes } from "../backend/backend";
import {
  WITH,
  WITHOUT,
  amountOf,
  amountsOf,
  directionOf,
  histogramOf,
  meanCode,
  shifted,
  type Direction,
  type Histogram,
} from "../maths/directions";
import { plural } from "../maths/format";
import { lengthOf, orthogonalised, type Vector } from "../maths/orthogonal";
import { insideOf } from "../maths/outline";
import { placed } from "../maths/plane";
import { roundStep, slopeOf, type Slope } from "../maths/regression";
import { columnsOf, isLassoed, isQuantity, wordsOf, type Attribute, type Attributes, type Group } from "../state/attributes";
import { columnNamed } from "../state/columns";
import { Cell } from "../state/cell";
import type { State } from "../state/state";
import { say } from "../words/words";
import type { Cloud } from "./cloud";
import type { Columns } from "./columns";

/** An attribute, the rows of its groups and, where both have some, its direction. */
export interface Found {
  readonly attribute: Attribute;
  readonly members: Uint8Array;
  readonly direction: Direction | null;
  readonly histogram: Histogram | null;
  /** Of a quantity: where its numbers are. */
  readonly slope: Slope | null;
  /** How much of the amount the arrow on the map is long, and a step of the slider is a part of. */
  readonly step: number;
  /** Why there is no direction. */
  readonly problem: string | null;
}

export interface Directions {
  readonly list: readonly Found[];
  /** Why the directions are not at right angles though they should be. */
  readonly problem: string | null;
}

const NOTHING = 1e-9;
const sameMean = (): string => say("Both groups have the same mean: nothing leads from one to the other.");
const noSlope = (): string => say("Fewer than two rows differ in it: nothing leads from one to another.");
const NONE: Directions = { list: [], problem: null };
/** Codes that move from one epoch's places to the next one's are looked at when they rest. */
const REST = 120;

export class DirectionFinder {
  /** Null while the rows have not come. */
  readonly found = new Cell<Directions | null>(NONE);
  readonly #described: Cell<About>;
  readonly #cloud: Cloud;
  readonly #columns: Columns;
  #last: Attributes | null = null;
  #of: { codes: Codes; about: About } | null = null;
  #known = new Map<number, Found>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(described: Cell<About>, cloud: Cloud, columns: Columns) {
    this.#columns = columns;
    this.#described = described;
    this.#cloud = cloud;
  }

  follow(state: Cell<State>): void {
    const look = ({ attributes }: State): void => {
      if (attributes.list === this.#last?.list && attributes.orthogonal === this.#last.orthogonal) return;
      this.#last = attributes;
      this.#find();
    };
    look(state.value);
    state.subscribe(look);
    this.#cloud.complete.subscribe(() => this.#find());
    this.#columns.changed.subscribe(() => this.#find());
    this.#cloud.codes.subscribe(() => this.#findLater());
    this.#described.subscribe(() => this.#findLater());
  }

  #findLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), REST);
  }

  #find(): void {
    clearTimeout(this.#timer);
    const { list = [], orthogonal = false } = this.#last ?? {};
    const [codes, about] = [this.#cloud.codes.value, this.#described.value];
    if (!list.length) return this.#set(NONE);
    if (!codes || !this.#cloud.complete.value || !this.#haveCome(list)) return this.#set(null);
    if (codes !== this.#of?.codes || about !== this.#of.about) this.#known.clear();
    this.#of = { codes, about };
    const plain = list.map((attribute) => this.#plain(attribute, codes));
    const { vectors, problem } = orthogonal ? rightAngled(plain, about) : AS_THEY_ARE;
    this.#set({ list: plain.map((one) => this.#spread(one, vectors.get(one) ?? null, codes)), problem });
  }

  /** Whether all columns that the groups are of are there; those that are not are asked for. */
  #haveCome(list: readonly Attribute[]): boolean {
    const names = new Set(list.flatMap((attribute) => columnsOf(attribute)));
    return [...names].map((name) => this.#columns.get(name)).every((column) => column !== null);
  }

  #set(found: Directions | null): void {
    this.#known = new Map(found?.list.map((one) => [one.attribute.slot, one]));
    this.found.set(found);
  }

  /** Without the other directions. What was found for the same groups is used again. */
  #plain(attribute: Attribute, codes: Codes): Plain {
    const before = this.#known.get(attribute.slot);
    const same = before?.attribute.with === attribute.with && before.attribute.without === attribute.without;
    const members = same ? before!.members : this.#members(attribute, codes);
    if (isQuantity(attribute.with)) return this.#along(attribute, attribute.with.quantity, members, codes);
    const [has, lacks] = [meanCode(codes, members, WITH), meanCode(codes, members, WITHOUT)];
    if (!has || !lacks) {
      const problem = `No row is ${has ? "without" : "with"} it: a direction needs both groups.`;
      return { attribute, members, direction: null, slope: null, step: 1, problem };
    }
    const direction = directionOf(has, lacks);
    // Equal means leave rounding errors, and those have directions too.
    const leads = lengthOf(direction.vector) > NOTHING * (1 + lengthOf(has));
    return { attribute, members, direction: leads ? direction : null, slope: null, step: 1, problem: leads ? null : sameMean() };
  }

  /** The codes' change per unit of a quantity. */
  #along(attribute: Attribute, name: string, members: Uint8Array, codes: Codes): Plain {
    const slope = slopeOf(codes, this.#columns.get(name)!.values!);
    const leads = slope && lengthOf(slope.direction.vector) * slope.deviation > NOTHING;
    const direction = leads ? slope.direction : null;
    const step = slope ? roundStep(slope.deviation) : 1;
    return { attribute, members, direction, slope, step, problem: direction ? null : noSlope() };
  }

  #spread(one: Plain, vector: Vector | null, codes: Codes): Found {
    if (!one.direction) return { ...one, histogram: null };
    const direction = vector ? turned(one, vector) : one.direction;
    const before = this.#known.get(one.attribute.slot);
    if (before?.direction && before.members === one.members && sameVector(before.direction.vector, direction.vector)) {
      return { ...before, attribute: one.attribute };
    }
    const ends = one.slope ? null : undefined;
    return { ...one, direction, histogram: histogramOf(amountsOf(direction, codes), one.members, ends) };
  }

  #members(attribute: Attribute, codes: Codes): Uint8Array {
    const rows = codes.shape[0]!;
    const members = new Uint8Array(rows);
    const mark = (group: Group, bit: number): void => {
      const inside = this.#inside(group, codes);
      for (let row = 0; row < rows; row++) if (inside(row)) members[row]! |= bit;
    };
    mark(attribute.with, WITH);
    if (attribute.without !== "others") mark(attribute.without, WITHOUT);
    else if (!isQuantity(attribute.with)) {
      const known = this.#told(attribute.with);
      members.forEach((member, row) => (members[row] = member || (known(row) ? WITHOUT : 0)));
    }
    return members;
  }

  /** All others are those of which something is known: a row without a word may well have the trait. */
  #told(group: Group): (row: number) => boolean {
    const words = wordsOf(group);
    const index = words && this.#columns.get(words.column)!.index;
    return index ? (row) => index[row]! >= 0 : () => true;
  }

  #inside(group: Group, codes: Codes): (row: number) => boolean {
    if (isLassoed(group)) {
      const { xs, ys } = placed(group.plane, this.#described.value, codes);
      const inside = insideOf(group.outline, xs, ys);
      return (row) => inside[row] === 1;
    }
    if (group === "others") return () => false;
    if (isQuantity(group)) {
      const values = this.#columns.get(group.quantity)!.values;
      return (row) => Number.isFinite(values?.[row]);
    }
    if ("label" in group) {
      const [labels, place] = [this.#cloud.labels.value, this.#described.value.labels?.indexOf(group.label) ?? -1];
      return (row) => place >= 0 && labels?.[row] === place;
    }
    const { column, value } = group;
    const index = this.#columns.get(column)!.index;
    const place = columnNamed(this.#described.value, column)?.words?.indexOf(value) ?? -1;
    return (row) => place >= 0 && index?.[row] === place;
  }
}

/** A direction with another vector; a quantity's is where it was at the mean. */
function turned({ direction, slope }: Plain, vector: Vector): Direction {
  if (!slope) return { ...direction!, vector };
  const { origin, vector: before } = slope.direction;
  return { vector, origin: origin.map((value, d) => value + slope.mean * (before[d]! - vector[d]!)) };
}

type Plain = Omit<Found, "histogram">;

interface RightAngled {
  readonly vectors: ReadonlyMap<Plain, Vector>;
  readonly problem: string | null;
}

const AS_THEY_ARE: RightAngled = { vectors: new Map(), problem: null };

function rightAngled(plain: readonly Plain[], { latent_dim: room }: About): RightAngled {
  const able = plain.filter(({ direction }) => direction);
  const turned = orthogonalised(able.map(({ direction }) => direction!.vector));
  if (turned) return { vectors: new Map(able.map((one, k) => [one, turned[k]!])), problem: null };
  const count = able.length;
  const crowded = { count, latents: plural(room, "latent"), over: count - room };
  return {
    vectors: new Map(),
    problem:
      count > room
        ? say("{count} directions can’t all be at right angles in {latents}: delete {over}.", crowded)
        : say("One of these directions is a combination of the others, so they can’t all be at right angles: delete one."),
  };
}

function sameVector(a: Vector, b: Vector): boolean {
  return a.every((value, d) => value === b[d]);
}

/** z moved along a direction by a slider: always from where its gesture began, so that the way back is exact. */
export class AmountSetter {
  #began: { z: readonly number[]; amount: number; direction: Direction; last: readonly number[] } | null = null;

  /** The next z from the present one. */
  next(direction: Direction, z: readonly number[], amount: number): number[] {
    if (this.#began?.last !== z || this.#began.direction !== direction) {
      this.#began = { z, amount: amountOf(direction, z), direction, last: z };
    }
    return shifted(direction, this.#began.z, amount - this.#began.amount);
  }

  /** What the next z became: as long as it is the present one, the gesture goes on. */
  became(z: readonly number[]): void {
    if (this.#began) this.#began = { ...this.#began, last: z };
  }
}
