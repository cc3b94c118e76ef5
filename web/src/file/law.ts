/** How codes are distributed, told from what the file holds of each class. */
import { rowsOf, type Tensor } from "../backend/arrays";
import type { Codes } from "../backend/backend";
import { quantile as quantileOf } from "../maths/percentile";
import type { Contents } from "./contents";
import { squaredDistance } from "./geodesic";

type Floats = Tensor<Float32Array>;
type Numbers = readonly (readonly number[])[];

/** Draws (n, D) of a mix of classes: of each as many as its share. */
export function drawsOf({ draws }: Contents, weights: readonly number[]): Codes | null {
  if (!draws) return null;
  const [classes = 1, n = 0, width = 1] = draws.shape;
  if (classes === 1) return { data: draws.data, shape: [n, width] };
  const parts = weights.map((weight, c) => {
    const start = c * n * width;
    return draws.data.subarray(start, start + Math.round(Math.max(weight, 0) * n) * width);
  });
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (data.set(part, at), at + part.length), 0);
  return { data, shape: [data.length / width, width] };
}

/** The value of latent d below which lies this share: of a mix of classes, theirs in its shares. */
export function quantileFrom({ data, shape }: Floats, weights: readonly number[], d: number, share: number): number {
  const [, width = 1, values = 1] = shape;
  return weights.reduce((sum, weight, c) => {
    const start = (c * width + d) * values;
    return weight ? sum + weight * quantileOf(data.subarray(start, start + values), share) : sum;
  }, 0);
}

/** The nearest codes that there are. */
export function nearestTo(points: Floats | null, codes: Numbers): Numbers {
  if (!points) return codes;
  const each = rowsOf(points);
  return codes.map((code) => {
    const z = Float32Array.from(code);
    const distances = each.map((point) => squaredDistance(point, z));
    return Array.from(each[distances.indexOf(Math.min(...distances))]!);
  });
}
