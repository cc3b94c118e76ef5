/** Values of a network's graph: an array, its shape, and of what it is. */
import { product } from "../../backend/arrays";

/** Whole numbers of 64 bits are held as float64, which counts exactly up to 2⁵³; nothing here goes near. */
export type Kind = "float32" | "float64" | "int64" | "int32" | "bool";
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface Value {
  readonly kind: Kind;
  readonly data: Numbers;
  readonly shape: readonly number[];
}

export class UnknownOperator extends Error {}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int64: Float64Array, int32: Int32Array, bool: Uint8Array };

/**
 * Arrays that a network's run is done with are taken again by the next: what a drag makes for each picture would else be
 * memory to collect, which is seen as a picture that comes late.
 */
export class Pool {
  readonly #free = new Map<unknown, Map<number, Numbers[]>>();
  readonly #held = new Map<Numbers, number>();
  /** What is not from here (a network's input, its weights) doesn't come back here. */
  readonly #made = new WeakSet<Numbers>();

  /** A value of this shape, whose numbers are anything. */
  take(kind: Kind, shape: readonly number[]): Value {
    const [type, size] = [ARRAYS[kind], product(shape)];
    const data = this.#free.get(type)?.get(size)?.pop() ?? new type(size);
    this.#made.add(data);
    return { kind, data, shape };
  }

  hold({ data }: Value): void {
    this.#held.set(data, (this.#held.get(data) ?? 0) + 1);
  }

  /** Of an array that nothing holds any more, another value may be made. */
  release({ data }: Value): void {
    const left = (this.#held.get(data) ?? 0) - 1;
    if (left > 0) this.#held.set(data, left);
    else this.#recover(data);
  }

  /** At the end of a run nothing is held. */
  recover(): void {
    for (const data of [...this.#held.keys()]) this.#recover(data);
  }

  /** Forgets what is free: it will not be needed in these sizes. */
  clear(): void {
    this.#held.clear();
    this.#free.clear();
  }

  #recover(data: Numbers): void {
    this.#held.delete(data);
    // Once: who released it has no more to do with it.
    if (!this.#made.delete(data)) return;
    const sizes = this.#free.get(data.constructor) ?? new Map<number, Numbers[]>();
    this.#free.set(data.constructor, sizes);
    const free = sizes.get(data.length);
    if (free) free.push(data);
    else sizes.set(data.length, [data]);
  }
}

/** Steps in an array of this shape from one value to the next along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** An axis that may be counted from the end. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!(found >= 0 && found < Math.max(rank, 1))) throw new Error(`there is no axis ${axis} of ${rank}`);
  return found;
}

/** The shape that two are broadcast to: axes are aligned at the end, and those of length 1 repeated. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (one !== other && one !== 1 && other !== 1) throw new Error(`shapes (${a}) and (${b}) don't fit`);
    return one === 1 ? other : one;
  });
}

/** Strides by which an array of this shape is read as one of the shape `to`: 0 along what is repeated. */
export function repeated(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/**
 * Where each value of an array of this shape is read from, row by row of its last axis: `row(at, from)` is told where the
 * row begins, and where what it reads begins, in one array or more.
 */
export function eachRow(shape: readonly number[], strides: readonly (readonly number[])[], row: (at: number, from: readonly number[]) => void): void {
  const outer = shape.slice(0, -1);
  const rows = product(outer);
  const width = shape.at(-1) ?? 1;
  if (!width) return;
  const place = new Array<number>(outer.length).fill(0);
  const from = new Array<number>(strides.length).fill(0);
  for (let r = 0; r < rows; r++) {
    row(r * width, from);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const next = ++place[axis]! < outer[axis]!;
      const steps = next ? 1 : 1 - outer[axis]!;
      for (let i = 0; i < strides.length; i++) from[i]! += steps * strides[i]![axis]!;
      if (next) break;
      place[axis] = 0;
    }
  }
}
