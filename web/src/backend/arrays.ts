/** Arrays as they travel: values in C order and their shape. */

export type Values =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array;

export interface Tensor<V extends Values = Values> {
  readonly data: V;
  readonly shape: readonly number[];
}

export type Arrays = Readonly<Record<string, Tensor>>;

export function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Codes or contexts, one a row, as float32: the precision in which the model computes. */
export function stacked(rows: readonly (readonly number[])[]): Tensor<Float32Array> {
  const width = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(row, i * width));
  return { data, shape: [rows.length, width] };
}

/** The i-th of the tensor's rows: a view, not a copy. */
export function rowOf<V extends Values>(tensor: Tensor<V>, i: number): V {
  const size = product(tensor.shape.slice(1));
  return tensor.data.subarray(i * size, (i + 1) * size) as V;
}

export function rowsOf<V extends Values>(tensor: Tensor<V>): V[] {
  return Array.from({ length: tensor.shape[0] ?? 0 }, (_, i) => rowOf(tensor, i));
}

/** The same numbers as float32, copied only where they are not. */
export function float32(values: Values): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
