/** The operations on a run whose model lies in the file. */
import { product, rowOf, rowsOf, stacked, type Tensor, type Values } from "../backend/arrays";
import {
  BackendError,
  type About,
  type AttributeAnswer,
  type AttributeQuestion,
  type Backend,
  type Codes,
  type ColumnValues,
  type Context,
  type Hit,
  type InsideAnswer,
  type Law,
  type ManifoldQuestion,
  type PathAnswer,
  type PathQuestion,
  type TraitAnswer,
  type Upload,
} from "../backend/backend";
import { linear, spherical } from "../maths/paths";
import { directionOf } from "./attribute";
import { columnIn, foundIn } from "./columns";
import type { Contents } from "./contents";
import { geodesic } from "./geodesic";
import { insideOf } from "./inside";
import { drawsOf, nearestTo } from "./law";
import type { Model } from "./model";
import { nearestCodes } from "./nearest";
import { pictureOf } from "./picture";
import { scoresOf } from "./score";
import { gridOf, lengthOf, scaled, waysOf } from "./walks";
import { say } from "../words/words";

/** Milliseconds of a long search between which the page shows what else happens. */
const [SHORT, LONG] = [15, 45];

export class FileBackend implements Backend {
  readonly #about: About;
  readonly #contents: () => Promise<Contents>;
  readonly #model: () => Promise<Model>;

  constructor(about: About, contents: () => Promise<Contents>, model: () => Promise<Model>) {
    this.#about = about;
    this.#contents = contents;
    this.#model = model;
  }

  async about(): Promise<About> {
    return this.#about;
  }

  async codes(start: number, stop: number): Promise<Codes> {
    const { codes } = await this.#withRows();
    const [n = 0, width = 1] = codes.shape;
    const end = Math.min(stop, n);
    return { data: codes.data.subarray(start * width, end * width), shape: [Math.max(0, end - start), width] };
  }

  async labels(): Promise<Int32Array> {
    return (await this.#withRows()).labels;
  }

  async labelValues(): Promise<Float32Array> {
    return (await this.#withRows()).labelValues;
  }

  async scores(): Promise<Float32Array> {
    return (await this.#withRows()).scores;
  }

  async rows(indices: readonly number[]): Promise<Tensor> {
    const { x } = await this.#withRows();
    const chosen = indices.map((row) => {
      if (!(row >= 0 && row < x.shape[0]!)) throw new BackendError(`there is no row ${row}`);
      return rowOf(x, row);
    });
    const data = new (x.data.constructor as new (length: number) => Values)(indices.length * product(this.#about.event));
    chosen.forEach((values, i) => data.set(values, i * values.length));
    return { data, shape: [indices.length, ...this.#about.event] };
  }

  async decode(z: Codes, y: Context): Promise<Tensor> {
    return (await (await this.#model()).decode(z, y)).mean;
  }

  async interval(z: Codes, y: Context): Promise<{ low: Tensor; high: Tensor }> {
    const { mean, deviation } = await (await this.#model()).decode(z, y);
    if (!deviation) throw new BackendError("an interval needs a Gaussian likelihood, and this model's is another");
    const end = (sign: number): Tensor => ({
      data: mean.data.map((value, i) => value + sign * deviation.data[i]!),
      shape: mean.shape,
    });
    return { low: end(-1), high: end(1) };
  }

  async encode(x: Tensor, y: Context): Promise<{ mean: Codes; deviation: Codes }> {
    return (await this.#model()).encode(x, y);
  }

  async score(x: Tensor, y: Context): Promise<Float32Array> {
    const [contents, model] = await Promise.all([this.#contents(), this.#model()]);
    const q = await model.encode(x, y);
    const p = await model.decode(q.mean, y);
    return scoresOf(contents, x, q, p, (row) => model.priorMoments(y && oneOf(y, row)));
  }

  async inside(x: Tensor, epsilon: Codes | null, y: Context): Promise<InsideAnswer> {
    const [contents, model] = await Promise.all([this.#contents(), this.#model()]);
    return insideOf(contents, model, x, epsilon, y);
  }

  async law(y: Context): Promise<Law> {
    const [contents, model] = await Promise.all([this.#contents(), this.#model()]);
    return { moments: model.priorMoments(y), draws: drawsOf(contents, model.weights(y)) };
  }

  async path({ a, b, n, path }: PathQuestion, y: Context): Promise<PathAnswer> {
    const [{ scale, points }, model] = await Promise.all([this.#contents(), this.#model()]);
    const prior = model.priorMoments(y);
    const straight = linear(a, b, n);
    const codes = path === "linear" ? straight
      : path === "spherical" ? spherical(a, b, n, prior.mean, prior.deviation)
      : await geodesic(a, b, n, waysOf(this.#about), (points) => this.#decodedSlowly(points, y)); // prettier-ignore
    if (!codes) {
      throw new BackendError("a and b lie opposite each other: no arc between them is shorter than another; use linear");
    }
    const z = stacked(nearestTo(points, codes));
    const x = (await model.decode(z, y)).mean;
    const length = lengthOf(x, scale);
    const other = path === "linear" ? null : (await model.decode(stacked(nearestTo(points, straight)), y)).mean;
    return { z, x, length, straight: other ? lengthOf(other, scale) : length };
  }

  async neighbours(z: Codes, k: number): ReturnType<Backend["neighbours"]> {
    return nearestCodes((await this.#withRows()).codes, z, k);
  }

  async manifold(question: ManifoldQuestion, y: Context): Promise<{ z: Codes; x: Tensor }> {
    const [contents, model] = await Promise.all([this.#contents(), this.#model()]);
    const z = stacked(gridOf(contents, question, model.priorMoments(y), model.weights(y)));
    const { data } = (await model.decode(z, y)).mean;
    const { n } = question;
    const { event, latent_dim: width } = this.#about;
    return { z: { data: z.data, shape: [n, n, width] }, x: { data, shape: [n, n, ...event] } };
  }

  async settle(x: Tensor, steps: number, y: Context): Promise<{ x: Tensor; z: Codes }> {
    const model = await this.#model();
    const [n, width, size] = [x.shape[0]!, this.#about.latent_dim, x.data.length];
    const seen = new Float32Array((steps + 1) * size);
    const codes = new Float32Array(steps * n * width);
    seen.set(x.data);
    for (let step = 0; step < steps; step++) {
      const { mean } = await model.encode({ data: seen.subarray(step * size, (step + 1) * size), shape: x.shape }, y);
      codes.set(mean.data, step * n * width);
      seen.set((await model.decode(mean, y)).mean.data, (step + 1) * size);
    }
    return { x: { data: seen, shape: [steps + 1, ...x.shape] }, z: { data: codes, shape: [steps, n, width] } };
  }

  async attribute(question: AttributeQuestion): Promise<AttributeAnswer> {
    const { codes, labels } = await this.#withRows();
    return directionOf(codes, labels, this.#about.labels, question);
  }

  async lesson(): Promise<never> {
    throw new BackendError(say("training needs a running model: open the run with “aevum explore”"));
  }

  async lessonDecode(_lesson: string, z: Codes, y: Context): Promise<Tensor> {
    return this.decode(z, y);
  }

  async column(name: string): Promise<ColumnValues> {
    return columnIn(await this.#withRows(), this.#about, name);
  }

  /** Folds of a fit on many rows take a server. */
  async trait(): Promise<TraitAnswer> {
    throw new BackendError(say("it takes aevum explore, which fits on the rows"));
  }

  async find(text: string, k: number): Promise<readonly Hit[]> {
    return foundIn(await this.#withRows(), this.#about, text, k);
  }

  async upload(file: Blob): Promise<Upload> {
    return pictureOf(file, this.#about);
  }

  async #withRows(): Promise<Contents> {
    if (!this.#about.rows) throw new BackendError("this file has no rows to show");
    return this.#contents();
  }

  /** Many codes on the model's scale, with the page alive meanwhile. */
  async #decodedSlowly(points: readonly (readonly number[])[], y: Context): Promise<Float32Array[]> {
    const [{ scale }, model] = await Promise.all([this.#contents(), this.#model()]);
    const found: Float32Array[] = [];
    for (let many = 8; found.length < points.length; ) {
      const began = performance.now();
      const { mean } = await model.decode(stacked(points.slice(found.length, found.length + many)), y);
      found.push(...scaled(rowsOf(mean), scale));
      const took = performance.now() - began;
      many = took < SHORT ? 2 * many : took > LONG ? Math.ceil(many / 2) : many;
      await new Promise((resume) => setTimeout(resume));
    }
    return found;
  }
}

/** The context of one row, of one for all or one each. */
function oneOf(y: Tensor<Float32Array>, row: number): Tensor<Float32Array> {
  const width = y.shape[1]!;
  return { data: rowOf(y, y.shape[0] === 1 ? 0 : row), shape: [1, width] };
}
