/** What each operator of ONNX computes here. `aevum.server.graph` lists the same, with the attributes that each may have. */
import { product } from "../../backend/arrays";
import { convolved, unconvolved, type Window } from "./convolution";
import { BINARY, cast, clip, COMPARISONS, each, pairwise, sigmoid, TESTS, UNARY, where } from "./elementwise";
import { argument, batchNormalised, FOLDS, normalised, reduced, softmax, summedUp, top } from "./folds";
import { concatenated, expanded, flattened, gathered, gatheredBy, gatheredEach, integers, reshaped, sliced, split, squeezed, tiled, toSpace, transposed, unsqueezed, viewed } from "./moves";
import { einsum } from "./einsum";
import { multiply, panelsOf, type Panels } from "./products";
import { axisOf, broadcast, repeated, type Kind, type Pool, type Value } from "./values";

export type Attribute = number | string | readonly number[];

export interface Node {
  readonly op: string;
  /** Names of values; "" for one that is left out. */
  readonly in: readonly string[];
  readonly out: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** What a kernel is given: its attributes, where arrays come from, and factors that are laid out once. */
export interface Call {
  readonly pool: Pool;
  number(name: string, otherwise: number): number;
  list(name: string, otherwise: readonly number[]): readonly number[];
  text(name: string, otherwise: string): string;
  /** Of the node's input at this place, as its kernel lays it out: once where it is one of the network's weights. */
  panels(place: number, value: Value, made: (value: Value) => readonly Panels[]): readonly Panels[];
  readonly outputs: number;
}

/** Inputs that are left out are undefined. */
export type Kernel = (call: Call, inputs: readonly Value[]) => readonly Value[];

const one = (kernel: (call: Call, ...inputs: Value[]) => Value): Kernel => (call, inputs) => [kernel(call, ...inputs)];
const table = <F>(of: Readonly<Record<string, F>>, kernel: (of: F) => Kernel): Record<string, Kernel> =>
  Object.fromEntries(Object.entries(of).map(([name, f]) => [name, kernel(f)]));
const axesIn = ({ list }: Call, given?: Value): readonly number[] => (given ? integers(given) : list("axes", []));

export const KERNELS: Readonly<Record<string, Kernel>> = {
  ...table(UNARY, (of) => one(({ pool }, x) => each(pool, x, of))),
  ...table(TESTS, (of) => one(({ pool }, x) => each(pool, x, of, "bool"))),
  ...table(BINARY, (of) => ({ pool }, [x, ...others]) => [others.reduce((found, y) => pairwise(pool, found, y, of), x!)]),
  ...table(COMPARISONS, (of) => one(({ pool }, x, y) => pairwise(pool, x, y, of, "bool"))),
  ...table(FOLDS, (fold) =>
    one((call, x, given) => {
      const axes = axesIn(call, given);
      return !axes.length && call.number("noop_with_empty_axes", 0) ? x : reduced(call.pool, x, axes, call.number("keepdims", 1) !== 0, fold);
    })),
  Sigmoid: one(({ pool }, x) => sigmoid(pool, x)),
  Identity: one((_, x) => x),
  Sum: ({ pool }, [x, ...others]) => [others.reduce((found, y) => pairwise(pool, found, y, BINARY.Add!), x!)],
  IsInf: one(({ pool, number }, x) => {
    const [low, high] = [number("detect_negative", 1), number("detect_positive", 1)];
    return each(pool, x, (value) => ((value === -Infinity && low) || (value === Infinity && high) ? 1 : 0), "bool");
  }),
  Einsum: ({ pool, text }, values) => [einsum(pool, text("equation", ""), values)],
  CumSum: one(({ pool, number }, x, axis) => summedUp(pool, x, axis.data[0]!, number("exclusive", 0) !== 0, number("reverse", 0) !== 0)),
  Elu: one(({ pool, number }, x) => each(pool, x, above(number("alpha", 1)))),
  Celu: one(({ pool, number }, x) => each(pool, x, above(number("alpha", 1), number("alpha", 1)))),
  Selu: one(({ pool, number }, x) => each(pool, x, selu(number("alpha", 1.6732631921768188), number("gamma", 1.0507010221481323)))),
  HardSigmoid: one(({ pool, number }, x) => each(pool, x, bent(number("alpha", 0.2), number("beta", 0.5)))),
  LeakyRelu: one(({ pool, number }, x) => each(pool, x, sloping(number("alpha", 0.01)))),
  PRelu: one(({ pool }, x, slope) => pairwise(pool, x, slope, (value, by) => (value < 0 ? value * by : value))),
  Gelu: one(({ pool, text }, x) => each(pool, x, text("approximate", "none") === "tanh" ? geluByTanh : gelu)),
  Clip: one(({ pool }, x, low, high) => clip(pool, x, low ?? null, high ?? null)),
  Where: one(({ pool }, condition, x, y) => where(pool, condition, x, y)),
  Cast: one(({ pool, text }, x) => cast(pool, x, text("to", "") as Kind)),

  Reshape: one(({ number }, x, shape) => reshaped(x, integers(shape), number("allowzero", 0) !== 0)),
  Flatten: one(({ number }, x) => flattened(x, number("axis", 1))),
  Squeeze: one((_, x, axes) => squeezed(x, axes ? integers(axes) : null)),
  Unsqueeze: one((_, x, axes) => unsqueezed(x, integers(axes))),
  Transpose: one(({ pool, list }, x) => transposed(pool, x, list("perm", x.shape.map((_, axis) => x.shape.length - 1 - axis)))),
  Expand: one(({ pool }, x, shape) => expanded(pool, x, integers(shape))),
  Concat: (call, values) => [concatenated(call.pool, values, call.number("axis", 0))],
  Gather: one(({ pool, number }, x, places) => gathered(pool, x, places, number("axis", 0))),
  GatherND: one(({ pool }, x, places) => gatheredBy(pool, x, places)),
  GatherElements: one(({ pool, number }, x, places) => gatheredEach(pool, x, places, number("axis", 0))),
  Tile: one(({ pool }, x, times) => tiled(pool, x, integers(times))),
  DepthToSpace: one(({ pool, number, text }, x) => toSpace(pool, x, number("blocksize", 1), text("mode", "DCR") === "CRD")),
  Slice: one(({ pool }, x, starts, ends, axes, steps) => {
    const from = integers(starts);
    return sliced(pool, x, from, integers(ends), axes ? integers(axes) : from.map((_, i) => i), steps ? integers(steps) : from.map(() => 1));
  }),
  Split: ({ pool, number, outputs }, [x, lengths]) => {
    const axis = number("axis", 0);
    const size = x!.shape[axisOf(axis, x!.shape.length)]!;
    const even = Math.ceil(size / outputs);
    const each = lengths ? integers(lengths) : Array.from({ length: outputs }, (_, i) => Math.min(even, size - i * even));
    return split(pool, x!, axis, each);
  },
  Shape: one(({ pool, number }, x) => {
    const found = x.shape.slice(number("start", 0), number("end", x.shape.length));
    const out = pool.take("int64", [found.length]);
    out.data.set(found);
    return out;
  }),

  Softmax: one(({ pool, number }, x) => softmax(pool, x, number("axis", -1), false)),
  LogSoftmax: one(({ pool, number }, x) => softmax(pool, x, number("axis", -1), true)),
  ArgMax: one(({ pool, number }, x) => argument(pool, x, number("axis", 0), number("keepdims", 1) !== 0, true)),
  ArgMin: one(({ pool, number }, x) => argument(pool, x, number("axis", 0), number("keepdims", 1) !== 0, false)),
  TopK: ({ pool, number }, [x, k]) => top(pool, x!, k!.data[0]!, number("axis", -1), number("largest", 1) !== 0),
  LayerNormalization: one(({ pool, number }, x, scale, bias) => normalised(pool, x, scale, bias ?? null, number("axis", -1), number("epsilon", 1e-5))),
  BatchNormalization: one(({ pool, number }, x, ...numbers) => batchNormalised(pool, x, numbers, number("epsilon", 1e-5))),
  GlobalAveragePool: one(({ pool }, x) => reduced(pool, x, x.shape.map((_, axis) => axis).slice(2), true, FOLDS.ReduceMean!)),

  Gemm: one(gemm),
  MatMul: one(matmul),
  Conv: one((call, x, w, bias) => {
    const groups = call.number("group", 1);
    const window = windowOf(call, w.shape.slice(2));
    return convolved(call.pool, x, call.panels(1, w, (value) => filters(value, groups)), bias ?? null, window);
  }),
  ConvTranspose: one((call, x, w, bias) => {
    const [inner, columns] = [w.shape[0]!, product(w.shape.slice(1))];
    const [panels] = call.panels(1, w, ({ data }) => [panelsOf(data, 0, inner, columns, columns, 1)]);
    return unconvolved(call.pool, x, panels!, bias ?? null, windowOf(call, w.shape.slice(2)), call.list("output_padding", [0, 0]));
  }),
};

const above = (alpha: number, width = 1) => (x: number): number => (x < 0 ? alpha * Math.expm1(x / width) : x);
const selu = (alpha: number, gamma: number) => (x: number): number => gamma * (x < 0 ? alpha * Math.expm1(x) : x);
const bent = (alpha: number, beta: number) => (x: number): number => Math.min(Math.max(alpha * x + beta, 0), 1);
const sloping = (alpha: number) => (x: number): number => (x < 0 ? alpha * x : x);
const gelu = (x: number): number => 0.5 * x * (1 + UNARY.Erf!(x / Math.SQRT2));
const geluByTanh = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const windowOf = ({ list }: Call, kernel: readonly number[]): Window => ({
  kernel,
  strides: list("strides", [1, 1]),
  pads: list("pads", [0, 0, 0, 0]),
  dilations: list("dilations", [1, 1]),
});

/** Of each group, weights (out, in, rows, columns) as (in · rows · columns, out). */
function filters({ data, shape }: Value, groups: number): Panels[] {
  const [inner, columns] = [product(shape.slice(1)), shape[0]! / groups];
  return Array.from({ length: groups }, (_, group) => panelsOf(data, group * columns * inner, inner, columns, 1, inner));
}

/** α a b + β c, each of a and b as it is or transposed. */
function gemm(call: Call, a: Value, b: Value, c?: Value): Value {
  const { pool, number } = call;
  const left = number("transA", 0) ? transposed(pool, a, [1, 0]) : a;
  const turned = number("transB", 0) !== 0;
  const [panels] = call.panels(1, b, ({ data, shape: [first = 0, second = 0] }) => [
    turned ? panelsOf(data, 0, second, first, 1, second) : panelsOf(data, 0, first, second, second, 1),
  ]);
  const [rows, columns] = [left.shape[0]!, panels!.columns];
  const out = pool.take(a.kind, [rows, columns]);
  multiply(left.data, 0, rows, panels!, { data: out.data, start: 0, down: columns, along: 1 });
  const [alpha, beta] = [number("alpha", 1), number("beta", 1)];
  if (alpha !== 1) out.data.forEach((value, i) => (out.data[i] = alpha * value));
  if (!c) return out;
  const [down, across] = repeated(c.shape, out.shape) as [number, number];
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out.data[at++]! += beta * c.data[row * down + column * across]!;
  }
  return out;
}

/** Products of the last two axes, as numpy's `@`. */
function matmul(call: Call, a: Value, b: Value): Value {
  const [left, right] = [a.shape.length < 2 ? [1, ...a.shape] : a.shape, b.shape.length < 2 ? [...b.shape, 1] : b.shape];
  const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
  if (right.at(-2) !== inner) throw new Error(`no product of (${a.shape}) and (${b.shape})`);
  const [before, behind] = [left.slice(0, -2), right.slice(0, -2)];
  const lead = broadcast(before, behind);
  const count = product(behind);
  const factors = call.panels(1, b, ({ data }) =>
    Array.from({ length: count }, (_, i) => panelsOf(data, i * inner * columns, inner, columns, columns, 1)));
  const out = call.pool.take(a.kind, [...lead, rows, columns]);
  const [mine, theirs] = [repeated(before, lead), repeated(behind, lead)];
  for (let i = 0; i < product(lead); i++) {
    let [rest, from, factor] = [i, 0, 0];
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      const place = rest % lead[axis]!;
      rest = Math.floor(rest / lead[axis]!);
      from += place * mine[axis]!;
      factor += place * theirs[axis]!;
    }
    multiply(a.data, from * rows * inner, rows, factors[factor]!, { data: out.data, start: i * rows * columns, down: columns, along: 1 });
  }
  const shape = [...lead, ...(a.shape.length < 2 ? [] : [rows]), ...(b.shape.length < 2 ? [] : [columns])];
  return viewed(out, shape);
}
