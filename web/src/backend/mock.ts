/**
 * A model made up of a formula, for developing the page and for its tests: an ellipse that turns, grows and wanders with
 * z. Not part of the build.
 */
import { Cell } from "../state/cell";
import { linear, spherical } from "../maths/paths";
import { draw, normal, seeded } from "../maths/random";
import { float32, stacked, rowOf, rowsOf, type Tensor, type Values } from "./arrays";
import {
  BackendError,
  type About,
  type Backend,
  type Catalogue,
  type Codes,
  type ColumnValues,
  type Context,
  type Hit,
  type Host,
  type InsideAnswer,
  type Law,
  type LessonAnswer,
  type LessonQuestion,
  type PathQuestion,
  type Status,
  type TraitAnswer,
} from "./backend";

const SIDE = 24;
const NAMES = ["upright", "leaning", "small"];

export interface MockOptions {
  readonly rows?: number;
  readonly latents?: number;
  readonly conditional?: boolean;
}

export function mockAbout({ rows = 600, latents = 2, conditional = false }: MockOptions = {}): About {
  const each = (value: number): number[] => Array.from({ length: latents }, () => value);
  const unit = (place: number): number[] => each(0).map((_, d) => (d === place ? 1 : 0));
  return {
    id: "mock", name: "mock", model: conditional ? "CVAE" : "VAE", kind: "image", event: [SIDE, SIDE], height: SIDE,
    width: SIDE, channels: 1, position: "none", limits: [0, 1], dtype: "float32", latent_dim: latents,
    likelihood: "bernoulli", can_sample: true, conditional, classes: conditional ? NAMES : null,
    context: conditional ? NAMES.length : 0, context_mean: null, interval: false, features: null, feature_mean: null,
    feature_deviation: null, posterior: { kind: "gaussian", noise: latents }, rate: each(0).map((_, d) => Math.max(0, 3 - d)), variance: each(1),
    active: each(0).map((_, d) => d).filter((d) => d < 3), prior: { mean: each(0), deviation: each(1) },
    law: { gaussian: true, varies: false }, rows,
    data: rows ? "mock" : null, no_data: rows ? null : "The data were not found.", labels: rows ? NAMES : null,
    score: { name: "−ELBO", unit: "nats", higher: "more unusual" },
    pca: latents > 2 ? { mean: each(0), axes: [unit(1), unit(0)], share: [0.6, 0.3] } : null,
  }; // prettier-ignore
}

export class MockBackend implements Backend {
  readonly #about: About;
  readonly #codes: number[][];
  readonly #labels: Int32Array;

  constructor(options: MockOptions = {}) {
    this.#about = mockAbout(options);
    const uniform = seeded(7);
    const { rows, latent_dim: width } = this.#about;
    this.#labels = Int32Array.from({ length: rows }, () => Math.floor(uniform() * NAMES.length));
    this.#codes = Array.from(this.#labels, (label) =>
      Array.from({ length: width }, (_, d) => 0.5 * normal(uniform) + (d === 0 ? label - 1 : d === 1 ? (label === 1 ? 1 : -0.5) : 0)),
    );
  }

  async about(): Promise<About> {
    return this.#about;
  }

  async codes(start: number, stop: number): Promise<Codes> {
    return stacked(this.#codes.slice(start, stop));
  }

  async labels(): Promise<Int32Array> {
    return this.#labels;
  }

  async labelValues(): Promise<Float32Array> {
    return Float32Array.from(this.#labels);
  }

  async scores(): Promise<Float32Array> {
    return Float32Array.from(this.#codes, scoreOf);
  }

  async rows(indices: readonly number[]): Promise<Tensor> {
    return this.#pictures(indices.map((row) => this.#codes[row]!), null);
  }

  async decode(z: Codes, y: Context): Promise<Tensor> {
    return this.#pictures(rowsOf(z).map((row) => Array.from(row)), y);
  }

  async interval(): Promise<never> {
    throw new BackendError("this model's likelihood has no interval");
  }

  async encode(x: Tensor): Promise<{ mean: Codes; deviation: Codes }> {
    const width = this.#about.latent_dim;
    const mean = rowsOf(x).map((picture) => [Math.log(1 + total(picture)) - 4, ...zeros(width - 1)]);
    return { mean: stacked(mean), deviation: stacked(mean.map((row) => row.map(() => 0.2))) };
  }

  async score(x: Tensor): Promise<Float32Array> {
    return Float32Array.from(rowsOf(x), total);
  }

  async inside(x: Tensor, epsilon: Codes | null, y: Context): Promise<InsideAnswer> {
    const { mean, deviation } = await this.encode(x);
    const noise = epsilon ?? stacked([zeros(this.#about.latent_dim)]);
    const z = stacked(rowsOf(noise).map((row) => Array.from(row, (e, d) => mean.data[d]! + deviation.data[d]! * e)));
    const made = await this.decode(z, y);
    const values = float32(rowOf(x, 0));
    const distortion = rowsOf(made).map((row) => float32(row).reduce((sum, p, i) => sum + 0.5 * (values[i]! - p) ** 2, 0));
    const rates = mean.data.map((m, d) => 0.5 * (m * m + deviation.data[d]! ** 2 - 1) - Math.log(deviation.data[d]!));
    const rate = distortion.map(() => rates.reduce((sum, value) => sum + value, 0));
    const moments = { mean: mean.data, deviation: deviation.data };
    return { kind: "gaussian", exact: true, unit: "nats", ...moments, epsilon: noise, z, x: made, distortion, rate, rates };
  }

  async law(_y: Context): Promise<Law> {
    return { moments: this.#about.prior, draws: null };
  }

  async path({ a, b, n, path }: PathQuestion, y: Context) {
    const { mean, deviation } = this.#about.prior;
    const z = path === "spherical" ? spherical(a, b, n, mean, deviation) : linear(a, b, n);
    if (!z) throw new BackendError("a and b lie opposite each other");
    return { z: stacked(z), x: this.#pictures(z, y), length: 2, straight: 2.5 };
  }

  async neighbours(z: Codes, k: number) {
    const found = rowsOf(z).map((at) => {
      const distances = this.#codes.map((code) => Math.hypot(...code.map((value, d) => value - at[d]!)));
      return distances.map((distance, row) => ({ distance, row })).sort((a, b) => a.distance - b.distance).slice(0, k);
    });
    const shape = [found.length, k];
    return {
      indices: { data: Int32Array.from(found.flat(), ({ row }) => row), shape },
      distances: { data: Float32Array.from(found.flat(), ({ distance }) => distance), shape },
    };
  }

  async manifold(): Promise<never> {
    throw new BackendError("the made-up model has no manifold");
  }

  async settle(): Promise<never> {
    throw new BackendError("the made-up model does not settle");
  }

  async attribute(): Promise<never> {
    throw new BackendError("the made-up model has no attributes");
  }

  async lesson(_question: LessonQuestion): Promise<LessonAnswer> {
    throw new BackendError("the made-up model does not learn");
  }

  async lessonDecode(_lesson: string, z: Codes, y: Context): Promise<Tensor> {
    return this.decode(z, y);
  }

  async column(_name: string): Promise<ColumnValues> {
    throw new BackendError("the made-up model has no columns");
  }

  async trait(): Promise<TraitAnswer> {
    const score = { mean: 0.9, deviation: 0.02 };
    const { rows } = this.#about;
    return { kind: "category", measure: "AUC", best: score, along: score, chance: false, rows, measured: rows, company: [] };
  }

  async find(): Promise<readonly Hit[]> {
    return [];
  }

  async upload() {
    const z = draw(seeded(3), zeros(this.#about.latent_dim), zeros(this.#about.latent_dim).fill(1));
    return { x: { data: picture(z, 0), shape: [SIDE, SIDE] }, width: SIDE, height: SIDE };
  }

  #pictures(codes: readonly (readonly number[])[], y: Context): Tensor {
    const data = new Float32Array(codes.length * SIDE * SIDE);
    const turn = (i: number): number => (y ? rowOf(y, Math.min(i, y.shape[0]! - 1)).indexOf(1) : 0);
    codes.forEach((z, i) => data.set(picture(z, Math.max(0, turn(i))), i * SIDE * SIDE));
    return { data, shape: [codes.length, SIDE, SIDE] };
  }
}

export class Mock implements Host {
  readonly status = new Cell<Status>({ kind: "open" });
  readonly #options: MockOptions;

  constructor(options: MockOptions = {}) {
    this.#options = options;
  }

  async catalogue(): Promise<Catalogue> {
    return { runs: [mockAbout(this.#options)], version: "0" };
  }

  backend(): Backend {
    return new MockBackend(this.#options);
  }

  retry(): void {
    this.status.set({ kind: "open" });
  }
}

const total = (values: Values): number => float32(values).reduce((sum, value) => sum + value, 0);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const scoreOf = (z: readonly number[]): number => 20 + 10 * z.reduce((sum, value) => sum + value * value, 0);

function picture(z: readonly number[], turn: number): Float32Array {
  const angle = (z[0] ?? 0) * 0.8 + turn;
  const [long, wide] = [0.45 + 0.1 * Math.tanh(z[1] ?? 0), 0.15];
  const [x0, y0] = [0.2 * Math.tanh(z[2] ?? 0), 0.2 * Math.tanh(z[3] ?? 0)];
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [(2 * ((i % SIDE) + 0.5)) / SIDE - 1 - x0, (2 * (Math.floor(i / SIDE) + 0.5)) / SIDE - 1 - y0];
    const [along, across] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
    return 1 / (1 + Math.exp(12 * (Math.hypot(along / long, across / wide) - 1)));
  });
}
