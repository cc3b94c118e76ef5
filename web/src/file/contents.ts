/** The rows and numbers of one run, as the file holds them: one message like those of the socket. */
import { float32, type Arrays, type Tensor } from "../backend/arrays";
import type { About, ColumnValues } from "../backend/backend";
import { readMessage } from "../backend/wire";

/** What −log p(x|z) is: of these likelihoods it can be told from what the decoder gives. */
export type Scoring = "gaussian" | "bernoulli" | "squares" | "standard";

export interface Contents {
  readonly about: About;
  readonly codes: Tensor<Float32Array>;
  readonly labels: Int32Array;
  readonly labelValues: Float32Array;
  readonly scores: Float32Array;
  /** In the order of about's columns. */
  readonly columns?: readonly ColumnValues[];
  readonly x: Tensor;
  readonly scoring: Scoring;
  /** Of the values: on the model's scale they are (x − shift) / scale, one number for all or one each. */
  readonly shift: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
  /** The prior's, (C, D): of each class, or one row where there are none. */
  readonly priorMean: Tensor<Float32Array>;
  readonly priorDeviation: Tensor<Float32Array>;
  /** Of the numbers that a model is conditioned on; null where it is on classes or nothing. */
  readonly context: { readonly mean: ArrayLike<number>; readonly deviation: ArrayLike<number> } | null;
  /** Of codes where they are no Gaussians, at shares evenly spaced from 0 to 1, (C, D, Q); else null, as draws are. */
  readonly quantiles: Tensor<Float32Array> | null;
  /** (C, n, D). */
  readonly draws: Tensor<Float32Array> | null;
  /** On which alone codes lie, (K, D); null where they may lie anywhere. */
  readonly points: Tensor<Float32Array> | null;
}

export function contentsOf(about: About, bytes: Uint8Array<ArrayBuffer>): Contents {
  const { header, arrays } = readMessage(bytes.buffer);
  const { context_mean: mean, context_deviation: deviation } = arrays;
  return {
    about,
    codes: floats(arrays, "codes"),
    labels: arrays.labels!.data as Int32Array,
    labelValues: arrays.label_values ? floats(arrays, "label_values").data : new Float32Array(),
    scores: floats(arrays, "scores").data,
    columns: (about.columns ?? []).map((_, i) => ({
      index: (arrays[`column_index_${i}`]?.data as Int32Array | undefined) ?? null,
      values: arrays[`column_values_${i}`] ? floats(arrays, `column_values_${i}`).data : null,
      words: (header.names as Readonly<Record<string, readonly string[]>> | undefined)?.[i] ?? null,
    })),
    x: arrays.x!,
    scoring: header.scoring as Scoring,
    shift: arrays.shift!.data,
    scale: arrays.scale!.data,
    priorMean: floats(arrays, "prior_mean"),
    priorDeviation: floats(arrays, "prior_deviation"),
    context: mean && deviation ? { mean: mean.data, deviation: deviation.data } : null,
    ...optional(arrays),
  };
}

function optional(arrays: Arrays): Pick<Contents, "quantiles" | "draws" | "points"> {
  const found = (name: string): Tensor<Float32Array> | null => (arrays[name] ? floats(arrays, name) : null);
  return { quantiles: found("quantiles"), draws: found("draws"), points: found("points") };
}

function floats(arrays: Arrays, name: string): Tensor<Float32Array> {
  const { data, shape } = arrays[name]!;
  return { data: float32(data), shape };
}
