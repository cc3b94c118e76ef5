/** Operators that put values elsewhere and compute nothing. */
import { product } from "../../backend/arrays";
import { axisOf, broadcast, eachRow, repeated, stridesOf, type Pool, type Value } from "./values";

export const integers = (value: Value): number[] => Array.from(value.data);

/** The same numbers in another shape. */
export const viewed = (x: Value, shape: readonly number[]): Value => {
  if (product(shape) !== x.data.length) throw new Error(`(${x.shape}) has no shape (${shape})`);
  return { ...x, shape };
};

/** A shape with at most one −1, which is what is left; 0 keeps the axis unless it may be empty. */
export function reshaped(x: Value, wanted: readonly number[], allowZero: boolean): Value {
  const shape = wanted.map((length, axis) => (length === 0 && !allowZero ? x.shape[axis]! : length));
  const known = product(shape.filter((length) => length !== -1));
  return viewed(x, shape.map((length) => (length === -1 ? x.data.length / (known || 1) : length)));
}

export function squeezed(x: Value, axes: readonly number[] | null): Value {
  const gone = axes?.map((axis) => axisOf(axis, x.shape.length));
  return viewed(x, x.shape.filter((length, axis) => (gone ? !gone.includes(axis) : length !== 1)));
}

export function unsqueezed(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const added = axes.map((axis) => axisOf(axis, rank));
  const left = [...x.shape];
  return viewed(x, Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : left.shift()!)));
}

export function flattened(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length : axis;
  return viewed(x, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]);
}

/** A value whose places are read from x: from an offset on, in these steps. */
function read(pool: Pool, x: Value, shape: readonly number[], offset: number, strides: readonly number[]): Value {
  const out = pool.take(x.kind, shape);
  const [width, step] = [shape.at(-1) ?? 1, strides.at(-1) ?? 0];
  const [from, to] = [x.data, out.data];
  eachRow(shape, [strides], (at, [start = 0]) => {
    for (let k = 0, i = offset + start; k < width; k++, i += step) to[at + k] = from[i]!;
  });
  return out;
}

export function transposed(pool: Pool, x: Value, perm: readonly number[]): Value {
  const strides = stridesOf(x.shape);
  return read(pool, x, perm.map((axis) => x.shape[axis]!), 0, perm.map((axis) => strides[axis]!));
}

export function expanded(pool: Pool, x: Value, to: readonly number[]): Value {
  const shape = broadcast(x.shape, to);
  return read(pool, x, shape, 0, repeated(x.shape, shape));
}

export function sliced(pool: Pool, x: Value, starts: number[], ends: number[], axes: number[], steps: number[]): Value {
  const [shape, strides] = [[...x.shape], stridesOf(x.shape)];
  let offset = 0;
  axes.forEach((named, i) => {
    const axis = axisOf(named, shape.length);
    const [length, step] = [x.shape[axis]!, steps[i]!];
    const place = (at: number): number => {
      const from = at < 0 ? at + length : at;
      return step > 0 ? Math.min(Math.max(from, 0), length) : Math.min(Math.max(from, -1), length - 1);
    };
    const [start, end] = [place(starts[i]!), place(ends[i]!)];
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    offset += start * strides[axis]!;
    strides[axis]! *= step;
  });
  return read(pool, x, shape, offset, strides);
}

export function concatenated(pool: Pool, values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const at = axisOf(axis, first.shape.length);
  const length = values.reduce((sum, { shape }) => sum + shape[at]!, 0);
  const out = pool.take(first.kind, first.shape.map((size, i) => (i === at ? length : size)));
  const [outer, inner] = [product(first.shape.slice(0, at)), product(first.shape.slice(at + 1))];
  let start = 0;
  for (const { data, shape } of values) {
    const size = shape[at]! * inner;
    for (let i = 0; i < outer; i++) out.data.set(data.subarray(i * size, (i + 1) * size), i * length * inner + start);
    start += size;
  }
  return out;
}

/** Parts of these lengths along an axis. */
export function split(pool: Pool, x: Value, axis: number, lengths: readonly number[]): Value[] {
  let start = 0;
  return lengths.map((length) => sliced(pool, x, [start], [(start += length)], [axis], [1]));
}

/** x at these places of an axis. */
export function gathered(pool: Pool, x: Value, places: Value, axis: number): Value {
  const at = axisOf(axis, x.shape.length);
  const [outer, inner, length] = [product(x.shape.slice(0, at)), product(x.shape.slice(at + 1)), x.shape[at]!];
  const out = pool.take(x.kind, [...x.shape.slice(0, at), ...places.shape, ...x.shape.slice(at + 1)]);
  let to = 0;
  for (let i = 0; i < outer; i++) {
    for (const place of places.data) {
      const from = (i * length + placeOf(place, length)) * inner;
      for (let k = 0; k < inner; k++) out.data[to++] = x.data[from + k]!;
    }
  }
  return out;
}

/** x at places of its first axes, which lie along the last axis of `places`. */
export function gatheredBy(pool: Pool, x: Value, places: Value): Value {
  const depth = places.shape.at(-1)!;
  const [rest, strides] = [x.shape.slice(depth), stridesOf(x.shape)];
  const out = pool.take(x.kind, [...places.shape.slice(0, -1), ...rest]);
  const inner = product(rest);
  for (let i = 0; i < places.data.length / depth; i++) {
    let from = 0;
    for (let d = 0; d < depth; d++) from += placeOf(places.data[i * depth + d]!, x.shape[d]!) * strides[d]!;
    for (let k = 0; k < inner; k++) out.data[i * inner + k] = x.data[from + k]!;
  }
  return out;
}

/** Each value of x at its own place of an axis; `places` has the shape of what is made. */
export function gatheredEach(pool: Pool, x: Value, places: Value, axis: number): Value {
  const at = axisOf(axis, x.shape.length);
  const strides = stridesOf(x.shape);
  const out = pool.take(x.kind, places.shape);
  const others = strides.map((step, i) => (i === at ? 0 : step));
  const along = others.at(-1) ?? 0;
  eachRow(places.shape, [others], (start, [from = 0]) => {
    for (let k = 0; k < (places.shape.at(-1) ?? 1); k++) {
      out.data[start + k] = x.data[from + k * along + placeOf(places.data[start + k]!, x.shape[at]!) * strides[at]!]!;
    }
  });
  return out;
}

/** `x` so many times along each axis. */
export function tiled(pool: Pool, x: Value, times: readonly number[]): Value {
  const apart = unsqueezed(x, x.shape.map((_, axis) => 2 * axis));
  const wide = expanded(pool, apart, x.shape.flatMap((length, axis) => [times[axis]!, length]));
  return viewed(wide, x.shape.map((length, axis) => length * times[axis]!));
}

function placeOf(place: number, length: number): number {
  const found = place < 0 ? place + length : place;
  if (!(found >= 0 && found < length)) throw new Error(`there is no place ${place} of ${length}`);
  return found;
}

/** Channels in blocks of s × s to pixels: (N, C s², H, W) to (N, C, H s, W s). */
export function toSpace(pool: Pool, x: Value, s: number, channelsFirst: boolean): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const c = channels / (s * s);
  const apart = viewed(x, channelsFirst ? [n, c, s, s, height, width] : [n, s, s, c, height, width]);
  const moved = transposed(pool, apart, channelsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return viewed(moved, [n, c, height * s, width * s]);
}
