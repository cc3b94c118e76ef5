/** Grids of codes, and the length of decoded curves. */
import { rowsOf, type Tensor } from "../backend/arrays";
import { BackendError, type About, type ManifoldQuestion } from "../backend/backend";
import type { Contents } from "./contents";
import { squaredDistance } from "./geodesic";
import { nearestTo, quantileFrom } from "./law";
import { quantile as normalQuantile } from "./normal";
import type { Prior } from "./score";

/** Rows from the top down: the second dimension falls from row to row, the first rises from column to column. */
export function gridOf(
  contents: Contents,
  { n, dims, at }: ManifoldQuestion,
  prior: Prior,
  weights: readonly number[] = [1],
): readonly (readonly number[])[] {
  const [across, up] = dims;
  const width = contents.about.latent_dim;
  if (across === up || ![across, up].every((d) => Number.isInteger(d) && d >= 0 && d < width)) {
    throw new BackendError(`dims must be two different numbers from 0 to ${width - 1}`);
  }
  const [columns, rows] = [across, up].map((d) => valuesOf(contents, d, n, prior, weights)) as [number[], number[]];
  const base = at ?? nearestTo(contents.points, [[...prior.mean]])[0]!;
  const grid = rows.reverse().flatMap((v) =>
    columns.map((u) => base.map((value, d) => (d === across ? u : d === up ? v : value))),
  );
  return nearestTo(contents.points, grid);
}

/** The values below which lie equal shares of what the prior draws, or of an auto-encoder's codes. */
function valuesOf({ quantiles }: Contents, d: number, n: number, prior: Prior, weights: readonly number[]): number[] {
  const shares = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
  if (!quantiles) return shares.map((share) => prior.mean[d]! + prior.deviation[d]! * normalQuantile(share));
  const found = shares.map((share) => quantileFrom(quantiles, weights, d, share));
  if (found[n - 1]! > found[0]!) return found;
  // Codes that are all alike have no quantiles to tell apart.
  const [low, high] = [found[0]! - 0.5, found[n - 1]! + 0.5];
  return found.map((_, i) => (n > 1 ? low + ((high - low) * i) / (n - 1) : low));
}

/** The length of the polygon through decoded examples, on the model's scale. */
export function lengthOf(x: Tensor<Float32Array>, scale: ArrayLike<number>): number {
  const values = scaled(rowsOf(x), scale);
  return values.slice(1).reduce((sum, value, i) => sum + Math.sqrt(squaredDistance(values[i]!, value)), 0);
}

export function scaled(rows: readonly Float32Array[], scale: ArrayLike<number>): Float32Array[] {
  return rows.map((row) => row.map((value, d) => value / scale[d % scale.length]!));
}

/** Dimensions that the decoder listens to, and steps small beside the spread of the codes. */
export function waysOf({ active, latent_dim, prior }: About): { dims: number[]; steps: number[] } {
  const dims = active.length ? [...active].sort((a, b) => a - b) : Array.from({ length: latent_dim }, (_, d) => d);
  return { dims, steps: dims.map((d) => 0.01 * (prior.deviation[d] || 1)) };
}
