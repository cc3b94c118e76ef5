/** How unusual examples are, told from what encoder and decoder give at the posterior mean. */
import { float32, rowOf, type Tensor, type Values } from "../backend/arrays";
import type { Codes } from "../backend/backend";
import type { Contents, Scoring } from "./contents";
import type { Decoded } from "./model";

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
/** A float32 beside 1: a probability that is nearer to it was rounded to it. */
const NEAREST = 2 ** -24;
/** Of its size: what a constant may seem to change by. */
const CLOSE = 1e-6;

export interface Prior {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export const isDensity = (scoring: Scoring): boolean => scoring === "gaussian" || scoring === "bernoulli";

/** Distortion at the posterior mean, in the data's units, and what it takes to tell the posterior from the prior. */
export function scoresOf(
  contents: Contents,
  x: Tensor,
  q: { mean: Codes; deviation: Codes },
  p: Decoded,
  prior: (row: number) => Prior,
): Float32Array {
  // A rate by dimension is told of a posterior and a prior that are Gaussians: of no others is it computed here.
  const rated = contents.about.rate !== null && isDensity(contents.scoring);
  return Float32Array.from({ length: x.shape[0]! }, (_, i) => {
    const distortion = distortionOf(contents, rowOf(x, i), rowOf(p.mean, i), p.deviation && rowOf(p.deviation, i));
    return distortion + (rated ? rateOf(rowOf(q.mean, i), rowOf(q.deviation, i), prior(i)) : 0);
  });
}

export function distortionOf(contents: Contents, x: Values, mean: Float32Array, deviation: Float32Array | null): number {
  const { scoring, shift, scale } = contents;
  const values = float32(x);
  let sum = 0;
  for (let d = 0; d < mean.length; d++) {
    const [at, of] = [values[d]!, mean[d]!];
    if (scoring === "gaussian") sum += surprise(at, of, deviation![d]!);
    else if (scoring === "bernoulli") sum += crossEntropy(unit(at, d, shift, scale), unit(of, d, shift, scale));
    else if (scoring === "squares") sum += (at - of) ** 2;
    else if (!Number.isNaN(at)) sum += ((at - of) / scale[d % scale.length]!) ** 2;
  }
  return sum;
}

/** −log of a Gaussian density; without a spread, of a value that never changed: nothing, or no probability at all. */
function surprise(at: number, of: number, sigma: number): number {
  if (sigma === 0) return Math.abs(at - of) > CLOSE * Math.abs(of) ? Infinity : 0;
  return 0.5 * ((at - of) / sigma) ** 2 + Math.log(sigma) + HALF_LOG_2PI;
}

function unit(value: number, d: number, shift: ArrayLike<number>, scale: ArrayLike<number>): number {
  return (value - shift[d % shift.length]!) / scale[d % scale.length]!;
}

function crossEntropy(x: number, probability: number): number {
  const p = Math.min(1 - NEAREST, Math.max(NEAREST, probability));
  return -(x * Math.log(p) + (1 - x) * Math.log1p(-p));
}

function rateOf(mean: Float32Array, deviation: Float32Array, prior: Prior): number {
  return ratesOf(mean, deviation, prior).reduce((sum, rate) => sum + rate, 0);
}

/** KL(q ‖ p) of two Gaussians, each dimension on its own. */
export function ratesOf(mean: Float32Array, deviation: Float32Array, prior: Prior): number[] {
  return Array.from(mean, (value, d) => {
    const ratio = deviation[d]! / prior.deviation[d]!;
    const away = (value - prior.mean[d]!) / prior.deviation[d]!;
    return 0.5 * (away * away + ratio * ratio - 1) - Math.log(ratio);
  });
}
