/** A run made up for the tests: linear networks whose answers can be told by hand. */
import { stacked, type Tensor } from "../src/backend/arrays";
import type { About } from "../src/backend/backend";
import { mockAbout } from "../src/backend/mock";
import { FileBackend } from "../src/file/backend";
import type { Contents } from "../src/file/contents";
import type { Network, Tensors } from "../src/file/engine";
import { Model } from "../src/file/model";

export const CODES = [[0, 0], [1, 0], [0, 2], [3, 3], [1, 0]];
export const LABELS = [0, 1, 1, 2, -1];

export function madeAbout(more: Partial<About> = {}): About {
  return { ...mockAbout({ rows: CODES.length }), kind: "other", event: [3], active: [0, 1], ...more };
}

export function madeContents(about: About, more: Partial<Contents> = {}): Contents {
  return {
    about,
    codes: stacked(CODES),
    labels: Int32Array.from(LABELS),
    labelValues: new Float32Array(),
    scores: new Float32Array(CODES.length),
    x: { data: Uint8Array.from({ length: 3 * CODES.length }, (_, i) => i), shape: [CODES.length, 3] },
    scoring: "gaussian",
    shift: [0],
    scale: [2],
    priorMean: stacked([[0, 0]]),
    priorDeviation: stacked([[1, 1]]),
    context: null,
    quantiles: null,
    draws: null,
    points: null,
    ...more,
  };
}

/** z ↦ (z₀, z₁, Σy) with deviation ½, x ↦ (x₀, x₁) with deviation ¼; what they were asked is kept. */
export function madeBackend(about: About = madeAbout(), contents: Contents = madeContents(about)) {
  const asked: Tensors[] = [];
  const network = (answer: (given: Float32Array, y: Float32Array, row: number) => number[], deviation: number): Network => ({
    async run(inputs) {
      asked.push(inputs);
      const given = (inputs.z ?? inputs.x)!;
      const n = given.shape[0]!;
      const width = given.data.length / n;
      const context = inputs.y ?? { data: new Float32Array(n), shape: [n, 1] };
      const each = Array.from({ length: n }, (_, i) =>
        answer(given.data.subarray(i * width), context.data.subarray(i * context.shape[1]!, (i + 1) * context.shape[1]!), i),
      );
      const mean: Tensor<Float32Array> = stacked(each);
      return { mean, deviation: { data: mean.data.map(() => deviation), shape: mean.shape } };
    },
  });
  const encoder = network((x) => [x[0]!, x[1]!], 0.25);
  const decoder = network((z, y) => [z[0]!, z[1]!, y.reduce((sum, value) => sum + value, 0)], 0.5);
  const model = new Model(contents, encoder, decoder);
  return { backend: new FileBackend(about, async () => contents, async () => model), model, asked };
}
