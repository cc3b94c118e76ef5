/** Operators that make each value of one value, or of two that are broadcast. */
import { broadcast, eachRow, repeated, type Kind, type Numbers, type Pool, type Value } from "./values";

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;

const truth = (x: boolean): number => (x ? 1 : 0);

export const UNARY: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Acos: Math.acos,
  Acosh: Math.acosh,
  Asin: Math.asin,
  Asinh: Math.asinh,
  Atan: Math.atan,
  Atanh: Math.atanh,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Cosh: Math.cosh,
  Erf: erf,
  Exp: Math.exp,
  Floor: Math.floor,
  HardSwish: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  Log: Math.log,
  Mish: (x) => x * Math.tanh(softplus(x)),
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => (x < 0 ? 0 : x),
  Round: halfToEven,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  Sinh: Math.sinh,
  Softplus: softplus,
  Softsign: (x) => x / (1 + Math.abs(x)),
  Sqrt: Math.sqrt,
  Tan: Math.tan,
  Tanh: Math.tanh,
};

/** Whose result is true or false. */
export const TESTS: Readonly<Record<string, Unary>> = {
  IsNaN: (x) => truth(Number.isNaN(x)),
  Not: (x) => truth(!x),
};

export const BINARY: Readonly<Record<string, Binary>> = {
  Add: (x, y) => x + y,
  Div: (x, y) => x / y,
  Max: Math.max,
  Min: Math.min,
  Mul: (x, y) => x * y,
  Pow: (x, y) => x ** y,
  Sub: (x, y) => x - y,
};

export const COMPARISONS: Readonly<Record<string, Binary>> = {
  And: (x, y) => truth(x !== 0 && y !== 0),
  Equal: (x, y) => truth(x === y),
  Greater: (x, y) => truth(x > y),
  GreaterOrEqual: (x, y) => truth(x >= y),
  Less: (x, y) => truth(x < y),
  LessOrEqual: (x, y) => truth(x <= y),
  Or: (x, y) => truth(x !== 0 || y !== 0),
  Xor: (x, y) => truth((x !== 0) !== (y !== 0)),
};

export function each(pool: Pool, x: Value, of: Unary, kind: Kind = x.kind): Value {
  const out = pool.take(kind, x.shape);
  const [from, to] = [x.data, out.data];
  for (let i = 0; i < to.length; i++) to[i] = of(from[i]!);
  return out;
}

/** The sigmoid in a loop of its own, as it follows every layer: a call for each value would take longer than itself. */
export function sigmoid(pool: Pool, x: Value): Value {
  const out = pool.take(x.kind, x.shape);
  const [from, to] = [x.data, out.data];
  for (let i = 0; i < to.length; i++) to[i] = 1 / (1 + Math.exp(-from[i]!));
  return out;
}

export function pairwise(pool: Pool, x: Value, y: Value, of: Binary, kind: Kind = x.kind): Value {
  // Whole numbers are divided as ONNX does: what is left is dropped.
  const whole = of === BINARY.Div && (kind === "int64" || kind === "int32");
  const by: Binary = whole ? (a, b) => Math.trunc(a / b) : of;
  const shape = broadcast(x.shape, y.shape);
  const out = pool.take(kind, shape);
  const strides = [repeated(x.shape, shape), repeated(y.shape, shape)];
  const [dx, dy] = [strides[0]!.at(-1) ?? 0, strides[1]!.at(-1) ?? 0];
  const width = shape.at(-1) ?? 1;
  const loop = LOOPS.get(by) ?? general(by);
  if (x.data.length === out.data.length && y.data.length === out.data.length) {
    loop(x.data, 0, 1, y.data, 0, 1, out.data, 0, out.data.length);
  } else {
    eachRow(shape, strides, (at, from) => loop(x.data, from[0]!, dx, y.data, from[1]!, dy, out.data, at, width));
  }
  return out;
}

type Loop = (x: Numbers, i: number, dx: number, y: Numbers, j: number, dy: number, out: Numbers, at: number, count: number) => void;

const general = (of: Binary): Loop => (x, i, dx, y, j, dy, out, at, count) => {
  for (const end = at + count; at < end; at++, i += dx, j += dy) out[at] = of(x[i]!, y[j]!);
};

/** The two that stand in every layer, without a call for each value. */
const LOOPS = new Map<Binary, Loop>([
  [BINARY.Add!, (x, i, dx, y, j, dy, out, at, count) => {
    for (const end = at + count; at < end; at++, i += dx, j += dy) out[at] = x[i]! + y[j]!;
  }],
  [BINARY.Mul!, (x, i, dx, y, j, dy, out, at, count) => {
    for (const end = at + count; at < end; at++, i += dx, j += dy) out[at] = x[i]! * y[j]!;
  }],
]);

export function where(pool: Pool, condition: Value, x: Value, y: Value): Value {
  const shape = broadcast(broadcast(condition.shape, x.shape), y.shape);
  const out = pool.take(x.kind, shape);
  const strides = [condition, x, y].map((value) => repeated(value.shape, shape));
  const [dc, dx, dy] = strides.map((steps) => steps.at(-1) ?? 0) as [number, number, number];
  const width = shape.at(-1) ?? 1;
  eachRow(shape, strides, (at, [c = 0, i = 0, j = 0]) => {
    for (let k = 0; k < width; k++) out.data[at + k] = condition.data[c + k * dc] ? x.data[i + k * dx]! : y.data[j + k * dy]!;
  });
  return out;
}

export function clip(pool: Pool, x: Value, low: Value | null, high: Value | null): Value {
  const [least, most] = [low?.data[0] ?? -Infinity, high?.data[0] ?? Infinity];
  // NaN is neither below nor above.
  return each(pool, x, (value) => {
    const above = value < least ? least : value;
    return above > most ? most : above;
  });
}

/** In another kind: towards 0 where it is whole, and true where it is not 0. */
export function cast(pool: Pool, x: Value, kind: Kind): Value {
  if (kind === x.kind) return x;
  if (kind === "bool") return each(pool, x, (value) => truth(value !== 0), kind);
  return each(pool, x, kind === "int64" || kind === "int32" ? Math.trunc : (value) => value, kind);
}

function softplus(x: number): number {
  return Math.log1p(Math.exp(-Math.abs(x))) + (x < 0 ? 0 : x);
}

function halfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The error function: its series near 0, and the continued fraction of its complement beyond, to 1e-13. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 6) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction)));
}
