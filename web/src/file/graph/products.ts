/**
 * Products of matrices. The right factor of a network's layers is always the same, so it is laid out once in panels of
 * eight columns, (⌈N / 8⌉, K, 8): the sums of eight columns are kept in registers, and their weights read one after the
 * other. Sums are in float64, which a processor adds as fast as float32 where it adds one number at a time.
 */
import type { Numbers } from "./values";

import type { Simd } from "./simd";

export const PANEL = 8;

export interface Panels {
  readonly data: Float32Array | Float64Array;
  readonly inner: number;
  readonly columns: number;
  /** Where they also lie for a product of four numbers at a time. */
  readonly fast: { readonly simd: Simd; readonly place: number } | null;
}

/** Of a matrix (K, N) that lies in an array from a place on, in steps down a column and along a row. */
export function panelsOf(b: Numbers, start: number, inner: number, columns: number, down: number, along: number): Panels {
  const size = Math.ceil(columns / PANEL) * inner * PANEL;
  const data = b instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  for (let column = 0; column < columns; column++) {
    let to = Math.floor(column / PANEL) * inner * PANEL + (column % PANEL);
    let from = start + column * along;
    for (let k = 0; k < inner; k++, to += PANEL, from += down) data[to] = b[from]!;
  }
  return { data, inner, columns, fast: null };
}

/** The same, to be multiplied four numbers at a time: of weights, as they are never given back. */
export function fastened(panels: Panels, simd: Simd | null): Panels {
  if (!simd || !(panels.data instanceof Float32Array)) return panels;
  return { ...panels, fast: { simd, place: simd.keep(panels.data) } };
}

/** Where a product is written: from a place on, in steps from one row to the next and one column to the next. */
export interface Place {
  readonly data: Numbers;
  readonly start: number;
  readonly down: number;
  readonly along: number;
}

/** out = a b, for a of so many rows that lie one after the other from a place on. */
export function multiply(a: Numbers, start: number, rows: number, panels: Panels, out: Place): void {
  const { data: b, inner, columns, fast } = panels;
  if (fast && a instanceof Float32Array) {
    const found = fast.simd.product(a.subarray(start, start + rows * inner), rows, fast.place, inner, Math.ceil(columns / PANEL));
    return put(found, rows, columns, out);
  }
  for (let column = 0, panel = 0; column < columns; column += PANEL, panel += inner * PANEL) {
    const width = Math.min(PANEL, columns - column);
    for (let row = 0; row < rows; row++) {
      sums(a, start + row * inner, b, panel, inner, SUMS);
      let to = out.start + row * out.down + column * out.along;
      for (let i = 0; i < width; i++, to += out.along) out.data[to] = SUMS[i]!;
    }
  }
}

function put(found: Float32Array, rows: number, columns: number, { data, start, down, along }: Place): void {
  const width = Math.ceil(columns / PANEL) * PANEL;
  if (along === 1) {
    for (let row = 0; row < rows; row++) data.set(found.subarray(row * width, row * width + columns), start + row * down);
    return;
  }
  for (let column = 0; column < columns; column++) {
    let [from, to] = [column, start + column * along];
    for (let row = 0; row < rows; row++, from += width, to += down) data[to] = found[from]!;
  }
}

const SUMS = new Float64Array(PANEL);

/** One row times one panel. */
function sums(a: Numbers, row: number, b: Numbers, panel: number, inner: number, found: Float64Array): void {
  let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0, at = panel; k < inner; k++, at += PANEL) {
    const value = a[row + k]!;
    s0 += value * b[at]!;
    s1 += value * b[at + 1]!;
    s2 += value * b[at + 2]!;
    s3 += value * b[at + 3]!;
    s4 += value * b[at + 4]!;
    s5 += value * b[at + 5]!;
    s6 += value * b[at + 6]!;
    s7 += value * b[at + 7]!;
  }
  found[0] = s0;
  found[1] = s1;
  found[2] = s2;
  found[3] = s3;
  found[4] = s4;
  found[5] = s5;
  found[6] = s6;
  found[7] = s7;
}
