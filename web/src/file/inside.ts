/** One example's way through the two networks of a file: what its posterior, its draws and the terms of the ELBO are. */
import { rowOf, stacked, type Tensor } from "../backend/arrays";
import { BackendError, type Codes, type Context, type InsideAnswer } from "../backend/backend";
import type { Contents } from "./contents";
import type { Model } from "./model";
import { distortionOf, isDensity, ratesOf } from "./score";

const UNITS = { gaussian: "nats", bernoulli: "nats", squares: "squares", standard: "deviations" } as const;

export async function insideOf(
  contents: Contents,
  model: Model,
  x: Tensor,
  epsilon: Codes | null,
  y: Context,
): Promise<InsideAnswer> {
  const { posterior } = contents.about;
  if (!posterior) throw new BackendError("of this posterior the file holds too little to draw from it");
  const q = await model.encode(x, y);
  const [mean, deviation] = [rowOf(q.mean, 0), rowOf(q.deviation, 0)];
  const noise = epsilon ?? stacked([Array.from({ length: posterior.noise }, () => 0)]);
  if (noise.shape[1] !== posterior.noise) throw new BackendError(`a draw takes ${posterior.noise} numbers of noise`);
  const n = noise.shape[0]!;
  const z = stacked(Array.from({ length: n }, (_, i) => drawn(mean, deviation, rowOf(noise, i))));
  const p = await model.decode(z, y);
  const rows = Array.from({ length: n }, (_, i) => i);
  const distortion = rows.map((i) => {
    return distortionOf(contents, rowOf(x, 0), rowOf(p.mean, i), p.deviation && rowOf(p.deviation, i));
  });
  const rates = ratesIn(contents, model, mean, deviation, y);
  const rate = rates ? rates.reduce((sum, value) => sum + value, 0) : 0;
  return {
    kind: posterior.kind,
    exact: true,
    unit: UNITS[contents.scoring],
    mean,
    deviation,
    epsilon: noise,
    z,
    x: p.mean,
    distortion,
    rate: isDensity(contents.scoring) ? rows.map(() => rate) : null,
    rates: rates && Float32Array.from(rates),
  };
}

/** μ + σ·ε; of a point there is no ε. */
function drawn(mean: Float32Array, deviation: Float32Array, noise: Float32Array): number[] {
  return Array.from(mean, (middle, d) => middle + deviation[d]! * (noise[d] ?? 0));
}

/** Where posterior and prior are Gaussians whose numbers are in the file. */
function ratesIn({ about, scoring }: Contents, model: Model, mean: Float32Array, deviation: Float32Array, y: Context) {
  return about.rate !== null && isDensity(scoring) ? ratesOf(mean, deviation, model.priorMoments(y)) : null;
}
