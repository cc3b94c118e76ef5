/** The codes' change per unit of a quantity, Cov(z, t) / Var(t): of 0 and 1 it is the difference of two mean codes. */
import type { Tensor } from "../backend/arrays";
import type { Direction } from "./directions";

export interface Slope {
  readonly direction: Direction;
  /** Of the quantity, over the rows that have it. */
  readonly mean: number;
  readonly deviation: number;
}

/** The direction's origin is where the quantity is 0. Null where fewer than two rows differ in it. */
export function slopeOf({ data, shape }: Tensor<Float32Array>, t: Float32Array): Slope | null {
  const width = shape[1]!;
  const centre = new Float64Array(width);
  let [count, mean, squares] = [0, 0, 0];
  for (let row = 0, at = 0; row < t.length; row++, at += width) {
    if (!Number.isFinite(t[row]!)) continue;
    count++;
    const before = t[row]! - mean;
    mean += before / count;
    squares += before * (t[row]! - mean);
    for (let d = 0; d < width; d++) centre[d]! += (data[at + d]! - centre[d]!) / count;
  }
  if (count < 2 || !(squares > 0)) return null;
  const vector = new Float64Array(width);
  for (let row = 0, at = 0; row < t.length; row++, at += width) {
    if (!Number.isFinite(t[row]!)) continue;
    const share = (t[row]! - mean) / squares;
    for (let d = 0; d < width; d++) vector[d]! += share * (data[at + d]! - centre[d]!);
  }
  const origin = centre.map((value, d) => value - mean * vector[d]!);
  return { direction: { origin, vector }, mean, deviation: Math.sqrt(squares / count) };
}

/** A round number near a value: 1, 2 or 5 times a power of ten. */
export function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= value * 0.75) ?? 10) * power;
  return Number(step.toPrecision(1));
}
