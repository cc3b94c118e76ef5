/** The model's two networks, asked in blocks of bounded size, with y as they take it. */
import { float32, product, rowOf, type Tensor } from "../backend/arrays";
import { BackendError, type Codes, type Context } from "../backend/backend";
import type { Contents } from "./contents";
import type { Network, Tensors } from "./engine";

const BLOCK_VALUES = 2 ** 20;
const MOST_ROWS = 512;
const MIX_TOLERANCE = 1e-4;

export interface Decoded {
  readonly mean: Tensor<Float32Array>;
  /** The likelihood's, where it is a Gaussian. */
  readonly deviation: Tensor<Float32Array> | null;
}

export class Model {
  readonly #contents: Contents;
  readonly #encoder: Network;
  readonly #decoder: Network;

  constructor(contents: Contents, encoder: Network, decoder: Network) {
    this.#contents = contents;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  async decode(z: Codes, y: Context): Promise<Decoded> {
    const { latent_dim: width, event } = this.#contents.about;
    checked(z, [width], "codes");
    const { mean, deviation } = await this.#blocks(this.#decoder, "z", z, y, event);
    return { mean: mean!, deviation: deviation ?? null };
  }

  async encode(x: Tensor, y: Context): Promise<{ mean: Codes; deviation: Codes }> {
    const { latent_dim: width, event } = this.#contents.about;
    const given = { data: float32(x.data), shape: x.shape };
    checked(given, event, "examples");
    const { mean, deviation } = await this.#blocks(this.#encoder, "x", given, y, [width]);
    return { mean: mean!, deviation: deviation! };
  }

  /** The shares of the C classes under y; one where there is one law for all. */
  weights(y: Context): readonly number[] {
    const { priorMean, about } = this.#contents;
    return y && about.classes && priorMean.shape[0]! > 1 ? Array.from(rowOf(y, 0)) : [1];
  }

  /** The mean and deviation of the prior under y: of a mix of classes, those of the classes in its shares. */
  priorMoments(y: Context): { mean: number[]; deviation: number[] } {
    const { priorMean, priorDeviation, about } = this.#contents;
    const weights = this.weights(y);
    const mixed = (moments: Tensor<Float32Array>): number[] =>
      Array.from({ length: about.latent_dim }, (_, d) =>
        weights.reduce((sum, weight, c) => sum + weight * rowOf(moments, c)[d]!, 0),
      );
    return { mean: mixed(priorMean), deviation: mixed(priorDeviation) };
  }

  async #blocks(network: Network, name: string, given: Codes, y: Context, shape: readonly number[]): Promise<Tensors> {
    const { event } = this.#contents.about;
    const [rows, width, size] = [given.shape[0]!, product(given.shape.slice(1)), product(shape)];
    const context = this.#contextOf(y, rows);
    const step = Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_VALUES / product(event))));
    const found: Record<string, Tensor<Float32Array>> = {};
    for (let start = 0; start < rows; start += step) {
      const stop = Math.min(rows, start + step);
      const part = { data: given.data.subarray(start * width, stop * width), shape: [stop - start, ...given.shape.slice(1)] };
      const y = context && { data: context.data.subarray(start * context.width, stop * context.width), shape: [stop - start, context.width] };
      const outputs = await network.run(y ? { [name]: part, y } : { [name]: part });
      for (const [output, { data }] of Object.entries(outputs)) {
        found[output] ??= { data: new Float32Array(rows * size), shape: [rows, ...shape] };
        found[output].data.set(data, start * size);
      }
    }
    return found;
  }

  /** y for each row: class weights as they are, numbers standardised. */
  #contextOf(y: Context, rows: number): { data: Float32Array; width: number } | null {
    const { about, context } = this.#contents;
    if (!about.conditional) return null;
    const width = about.context;
    if (!y) throw new BackendError("this model is conditioned on y and needs it");
    if (y.shape[1] !== width || (y.shape[0] !== 1 && y.shape[0] !== rows)) {
      throw new BackendError(`y must be one row of ${width} values for all, or one a row`);
    }
    const data = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const values = rowOf(y, y.shape[0] === 1 ? 0 : row);
      data.set(context ? standardised(values, context) : weights(values), row * width);
    }
    return { data, width };
  }
}

function standardised(values: Float32Array, { mean, deviation }: NonNullable<Contents["context"]>): Float32Array {
  return values.map((value, c) => (value - mean[c]!) / deviation[c]!);
}

function weights(values: Float32Array): Float32Array {
  // The weight of an only class says nothing.
  if (values.length === 1) return new Float32Array([1]);
  const sum = values.reduce((total, value) => total + value, 0);
  if (!(values.every((value) => value >= 0) && Math.abs(sum - 1) <= MIX_TOLERANCE)) {
    throw new BackendError("each row of class weights in y must be at least 0 and sum to 1");
  }
  return values;
}

function checked({ data, shape }: Tensor<Float32Array>, event: readonly number[], what: string): void {
  if (shape.length !== event.length + 1 || !event.every((length, i) => shape[i + 1] === length)) {
    throw new BackendError(`${what} have shape (${shape.join(", ")}); expected (n, ${event.join(", ")})`);
  }
  if (!data.every(Number.isFinite)) throw new BackendError(`${what} contain NaN or infinity`);
}
