/**
 * From the rows without an attribute to those with it. Amounts along a direction are in its own lengths, counted from
 * the mean of the rows without: 0 is their mean, and 1 that of the rows with, as long as the direction leads there.
 */
import type { Tensor } from "../backend/arrays";
import { dot, type Vector } from "./orthogonal";
import { ascending, quantile } from "./percentile";

/** What a row belongs to, as bits: two groups that the reader drew may overlap. */
export const [WITH, WITHOUT] = [1, 2] as const;

export interface Direction {
  /** The mean of the rows without. */
  readonly origin: Vector;
  readonly vector: Vector;
}

/** How the rows of one group lie along a direction. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
  /** The share of the group in each of the bins. */
  readonly shares: readonly number[];
}

export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly with: Spread;
  readonly without: Spread;
  /** The rows of neither group. */
  readonly neither: Spread;
}

export const BINS = 48;
/** The share of the rows at either end that may lie beyond the histogram. */
const OUTERMOST = 0.002;
/** How far it goes beyond both means at least, so that there is room to move. */
const ROOM = 0.5;
const SAMPLE = 50_000;
const ENDS = [-ROOM, 1 + ROOM] as const;

type Codes = Tensor<Float32Array>;

/** The mean code of the rows that have this bit; null where there are none. */
export function meanCode({ data, shape }: Codes, members: Uint8Array, bit: number): Vector | null {
  const width = shape[1]!;
  const mean = new Float64Array(width);
  let count = 0;
  for (let row = 0, at = 0; row < members.length; row++, at += width) {
    if (!(members[row]! & bit)) continue;
    count++;
    for (let d = 0; d < width; d++) mean[d]! += data[at + d]!;
  }
  return count ? mean.map((sum) => sum / count) : null;
}

export function directionOf(withMean: Vector, withoutMean: Vector): Direction {
  return { origin: withoutMean, vector: withMean.map((value, d) => value - withoutMean[d]!) };
}

/** How far z lies along the direction. */
export function amountOf({ origin, vector }: Direction, z: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < vector.length; d++) sum += (z[d]! - origin[d]!) * vector[d]!;
  return sum / dot(vector, vector);
}

/** z moved by so much along the direction. */
export function shifted({ vector }: Direction, z: readonly number[], by: number): number[] {
  return z.map((value, d) => value + by * vector[d]!);
}

/** How far each of the codes lies along the direction. */
export function amountsOf(direction: Direction, { data, shape }: Codes): Float64Array {
  const [count = 0, width = 0] = shape;
  const { origin, vector } = direction;
  const weights = vector.map((value) => value / dot(vector, vector));
  const start = dot(origin, weights);
  const amounts = new Float64Array(count);
  for (let row = 0, at = 0; row < count; row++, at += width) {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += data[at + d]! * weights[d]!;
    amounts[row] = sum - start;
  }
  return amounts;
}

/** Of a quantity amounts have no 0 and 1 that must be seen: the histogram reaches as far as the rows do. */
export function histogramOf(amounts: Float64Array, members: Uint8Array, ends: readonly [number, number] | null = ENDS): Histogram {
  const [low, high] = rangeOf(amounts, ends);
  const spread = (belongs: (member: number) => boolean): Spread => spreadOf(amounts, members, belongs, low, high);
  return {
    low,
    high,
    with: spread((member) => (member & WITH) !== 0),
    without: spread((member) => (member & WITHOUT) !== 0),
    neither: spread((member) => member === 0),
  };
}

/** Where nearly all rows lie, and both means with room around them. */
function rangeOf(amounts: Float64Array, ends: readonly [number, number] | null): [number, number] {
  const every = Math.ceil(amounts.length / SAMPLE) || 1;
  const sample = ascending(Float32Array.from(amounts.filter((_, row) => row % every === 0)));
  const low = Math.min(ends?.[0] ?? Infinity, quantile(sample, OUTERMOST));
  const high = Math.max(ends?.[1] ?? -Infinity, quantile(sample, 1 - OUTERMOST));
  const edge = (high - low || 1) / BINS;
  return [low - edge, high + edge];
}

function spreadOf(
  amounts: Float64Array,
  members: Uint8Array,
  belongs: (member: number) => boolean,
  low: number,
  high: number,
): Spread {
  const counts = new Float64Array(BINS);
  let [count, mean, squares] = [0, 0, 0];
  for (let row = 0; row < amounts.length; row++) {
    if (!belongs(members[row]!)) continue;
    const amount = amounts[row]!;
    // Welford's way: no difference of large sums.
    const before = amount - mean;
    mean += before / ++count;
    squares += before * (amount - mean);
    const bin = Math.floor(((amount - low) / (high - low)) * BINS);
    if (bin >= 0 && bin < BINS) counts[bin]!++;
  }
  const shares = Array.from(counts, (inside) => inside / Math.max(1, count));
  return { count, mean, deviation: Math.sqrt(squares / Math.max(1, count)), shares };
}

/** A row and how far it lies along a direction. */
export interface Along {
  readonly row: number;
  readonly amount: number;
}

/** Rows at even shares of all, from the lowest to the highest. */
export function evenly(amounts: Float64Array, count: number): readonly Along[] {
  const order = Uint32Array.from(amounts.keys()).sort((a, b) => amounts[a]! - amounts[b]! || a - b);
  const most = Math.min(count, order.length);
  return Array.from({ length: most }, (_, i) => {
    const row = order[Math.min(order.length - 1, Math.floor(((i + 0.5) * order.length) / most))]!;
    return { row, amount: amounts[row]! };
  });
}
