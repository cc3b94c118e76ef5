/** Operators that look along an axis: sums, extremes, softmax, normalisation, order. */
import { product } from "../../backend/arrays";
import { axisOf, type Kind, type Numbers, type Pool, type Value } from "./values";
import { transposed, viewed } from "./moves";

/** Of `count` values from a place on, in steps. */
type Fold = (x: Numbers, start: number, count: number) => number;

const sum: Fold = (x, start, count) => {
  let total = 0;
  for (let i = start; i < start + count; i++) total += x[i]!;
  return total;
};

const extreme = (of: (x: number, y: number) => number, from: number): Fold => (x, start, count) => {
  let found = from;
  for (let i = start; i < start + count; i++) found = of(found, x[i]!);
  return found;
};

const total = (of: (x: number) => number, then: (x: number) => number = (x) => x): Fold => (x, start, count) => {
  let found = 0;
  for (let i = start; i < start + count; i++) found += of(x[i]!);
  return then(found);
};

/** log Σ exp, from the largest on, so that nothing overflows. */
const levelOf: Fold = (x, start, count) => {
  const most = extreme(Math.max, -Infinity)(x, start, count);
  return Number.isFinite(most) ? most + total((value) => Math.exp(value - most), Math.log)(x, start, count) : most;
};

export const FOLDS: Readonly<Record<string, Fold>> = {
  ReduceSum: sum,
  ReduceL1: total(Math.abs),
  ReduceL2: total((x) => x * x, Math.sqrt),
  ReduceSumSquare: total((x) => x * x),
  ReduceLogSum: total((x) => x, Math.log),
  ReduceLogSumExp: levelOf,
  ReduceMean: (x, start, count) => sum(x, start, count) / count,
  ReduceMax: extreme(Math.max, -Infinity),
  ReduceMin: extreme(Math.min, Infinity),
  ReduceProd: extreme((x, y) => x * y, 1),
};

/** Over these axes, none of which means all. */
export function reduced(pool: Pool, x: Value, axes: readonly number[], keep: boolean, fold: Fold): Value {
  const rank = x.shape.length;
  const over = (axes.length ? axes : x.shape.map((_, axis) => axis)).map((axis) => axisOf(axis, rank));
  const left = x.shape.map((_, axis) => axis).filter((axis) => !over.includes(axis));
  const inOrder = transposed(pool, x, [...left, ...over]);
  const count = product(over.map((axis) => x.shape[axis]!));
  const shape = keep ? x.shape.map((length, axis) => (over.includes(axis) ? 1 : length)) : left.map((axis) => x.shape[axis]!);
  const out = pool.take(x.kind, shape);
  for (let i = 0; i < out.data.length; i++) out.data[i] = fold(inOrder.data, i * count, count);
  return out;
}

/** A function of the values along an axis, as many as there are or others; its results in their place. */
function along(pool: Pool, x: Value, axis: number, lengths: number, kinds: readonly Kind[], of: (x: Numbers, start: number, outs: readonly Numbers[], to: number) => void): Value[] {
  const rank = x.shape.length;
  const last = axisOf(axis, rank) === rank - 1;
  const perm = x.shape.map((_, i) => i);
  if (!last) perm.push(...perm.splice(axisOf(axis, rank), 1));
  const given = last ? x : transposed(pool, x, perm);
  const width = given.shape.at(-1)!;
  const outs = kinds.map((kind) => pool.take(kind, [...given.shape.slice(0, -1), lengths]));
  const arrays = outs.map(({ data }) => data);
  for (let i = 0, rows = width ? given.data.length / width : 0; i < rows; i++) of(given.data, i * width, arrays, i * lengths);
  return last ? outs : outs.map((out) => transposed(pool, out, perm.map((_, i) => perm.indexOf(i))));
}

export function softmax(pool: Pool, x: Value, axis: number, log: boolean): Value {
  const width = x.shape[axisOf(axis, x.shape.length)]!;
  return along(pool, x, axis, width, [x.kind], (from, start, [to], at) => {
    const most = FOLDS.ReduceMax!(from, start, width);
    let total = 0;
    for (let i = 0; i < width; i++) total += Math.exp(from[start + i]! - most);
    const level = Math.log(total);
    for (let i = 0; i < width; i++) {
      const value = from[start + i]! - most;
      to![at + i] = log ? value - level : Math.exp(value) / total;
    }
  })[0]!;
}

/** Sums of all values up to each along an axis; without its own, or from the end. */
export function summedUp(pool: Pool, x: Value, axis: number, exclusive: boolean, reverse: boolean): Value {
  const width = x.shape[axisOf(axis, x.shape.length)]!;
  return along(pool, x, axis, width, [x.kind], (from, start, [to], at) => {
    let sofar = 0;
    for (let k = 0; k < width; k++) {
      const i = reverse ? width - 1 - k : k;
      if (exclusive) to![at + i] = sofar;
      sofar += from[start + i]!;
      if (!exclusive) to![at + i] = sofar;
    }
  })[0]!;
}

/** Where the largest (or least) value lies, the first of equals. */
export function argument(pool: Pool, x: Value, axis: number, keep: boolean, largest: boolean): Value {
  const at = axisOf(axis, x.shape.length);
  const width = x.shape[at]!;
  const found = along(pool, x, axis, 1, ["int64"], (from, start, [to], place) => {
    let best = 0;
    for (let i = 1; i < width; i++) {
      if (largest ? from[start + i]! > from[start + best]! : from[start + i]! < from[start + best]!) best = i;
    }
    to![place] = best;
  })[0]!;
  return keep ? found : viewed(found, found.shape.filter((_, i) => i !== at));
}

/** The k largest (or least) values, in order, and where they lie; of equals the first is first. */
export function top(pool: Pool, x: Value, k: number, axis: number, largest: boolean): Value[] {
  const width = x.shape[axisOf(axis, x.shape.length)]!;
  return along(pool, x, axis, k, [x.kind, "int64"], (from, start, [values, places], at) => {
    const order = Array.from({ length: width }, (_, i) => i);
    order.sort((i, j) => (largest ? from[start + j]! - from[start + i]! : from[start + i]! - from[start + j]!) || i - j);
    for (let i = 0; i < k; i++) {
      values![at + i] = from[start + order[i]!]!;
      places![at + i] = order[i]!;
    }
  });
}

/** Over the axes from one on: (x − mean) / √(variance + ε), times a scale, plus a bias. */
export function normalised(pool: Pool, x: Value, scale: Value, bias: Value | null, axis: number, epsilon: number): Value {
  const width = product(x.shape.slice(axisOf(axis, x.shape.length)));
  const out = pool.take(x.kind, x.shape);
  for (let start = 0; start < x.data.length; start += width) {
    const mean = sum(x.data, start, width) / width;
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += (x.data[i]! - mean) ** 2;
    const by = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) {
      out.data[start + i] = (x.data[start + i]! - mean) * by * scale.data[i % scale.data.length]! + (bias ? bias.data[i % bias.data.length]! : 0);
    }
  }
  return out;
}

/** Each channel (N, C, …) by its own mean and variance, of training. */
export function batchNormalised(pool: Pool, x: Value, [scale, bias, mean, variance]: readonly Value[], epsilon: number): Value {
  const [channels, inner] = [x.shape[1]!, product(x.shape.slice(2))];
  const out = pool.take(x.kind, x.shape);
  for (let i = 0, start = 0; start < x.data.length; i++, start += inner) {
    const c = i % channels;
    const by = scale!.data[c]! / Math.sqrt(variance!.data[c]! + epsilon);
    for (let k = start; k < start + inner; k++) out.data[k] = (x.data[k]! - mean!.data[c]!) * by + bias!.data[c]!;
  }
  return out;
}
