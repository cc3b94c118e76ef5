/** Convolutions of pictures (N, C, H, W): the pixels under the kernel as rows of a matrix, times the weights. */
import { multiply, type Panels } from "./products";
import type { Numbers, Pool, Value } from "./values";

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Before the first row and column, and after the last. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

const side = (size: number, axis: number, { kernel, strides, pads, dilations }: Window): number =>
  Math.floor((size + pads[axis]! + pads[axis + 2]! - dilations[axis]! * (kernel[axis]! - 1) - 1) / strides[axis]!) + 1;

/** `weights` of each group, (K, channels out), with K over channels in, rows and columns of the kernel. */
export function convolved(pool: Pool, x: Value, weights: readonly Panels[], bias: Value | null, window: Window): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const [rows, columns] = [side(height, 0, window), side(width, 1, window)];
  const [each, area] = [channels / weights.length, rows * columns];
  const [inner, made] = [weights[0]!.inner, weights[0]!.columns];
  const out = pool.take(x.kind, [n, made * weights.length, rows, columns]);
  const patches = pool.take(x.kind, [area, inner]);
  for (let i = 0; i < n; i++) {
    weights.forEach((panels, group) => {
      const from = (i * channels + group * each) * height * width;
      spread(x.data, from, each, [height, width], [rows, columns], window, patches.data);
      const start = (i * weights.length + group) * made * area;
      multiply(patches.data, 0, area, panels, { data: out.data, start, down: 1, along: area });
    });
  }
  pool.release(patches);
  if (bias) addTo(out, bias);
  return out;
}

/** Channels from a place of x on, as (rows · columns, channels · kernel): 0 beyond the picture. */
function spread(x: Numbers, from: number, channels: number, [height, width]: readonly [number, number], [rows, columns]: readonly [number, number], { kernel, strides, pads, dilations }: Window, to: Numbers): void {
  const [kh, kw] = kernel as [number, number];
  const inner = channels * kh * kw;
  for (let c = 0, place = 0; c < channels; c++) {
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++, place++) {
        let at = place;
        for (let row = 0; row < rows; row++) {
          const y = row * strides[0]! - pads[0]! + ky * dilations[0]!;
          const line = from + (c * height + y) * width;
          let across = kx * dilations[1]! - pads[1]!;
          for (let column = 0; column < columns; column++, at += inner, across += strides[1]!) {
            to[at] = y >= 0 && y < height && across >= 0 && across < width ? x[line + across]! : 0;
          }
        }
      }
    }
  }
}

/** The transpose of a convolution: each pixel adds the kernel to what is made; `weights` (channels in, out · kernel). */
export function unconvolved(pool: Pool, x: Value, weights: Panels, bias: Value | null, { kernel, strides, pads, dilations }: Window, extra: readonly number[]): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const [kh, kw] = kernel as [number, number];
  const made = weights.columns / (kh * kw);
  const length = (size: number, axis: number): number =>
    (size - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1 + extra[axis]! - pads[axis]! - pads[axis + 2]!;
  const [rows, columns] = [length(height, 0), length(width, 1)];
  const out = pool.take(x.kind, [n, made, rows, columns]);
  out.data.fill(0);
  const area = height * width;
  const [pixels, stamps] = [pool.take(x.kind, [area, channels]), pool.take(x.kind, [area, weights.columns])];
  for (let picture = 0; picture < n; picture++) {
    for (let c = 0, from = picture * channels * area; c < channels; c++) {
      for (let place = 0, to = c; place < area; place++, to += channels) pixels.data[to] = x.data[from++]!;
    }
    multiply(pixels.data, 0, area, weights, { data: stamps.data, start: 0, down: weights.columns, along: 1 });
    for (let place = 0, from = 0; place < area; place++) {
      const [top, left] = [Math.floor(place / width) * strides[0]! - pads[0]!, (place % width) * strides[1]! - pads[1]!];
      for (let k = 0; k < weights.columns; k++, from++) {
        const row = top + (Math.floor(k / kw) % kh) * dilations[0]!;
        const column = left + (k % kw) * dilations[1]!;
        if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
        out.data[((picture * made + Math.floor(k / (kh * kw))) * rows + row) * columns + column]! += stamps.data[from]!;
      }
    }
  }
  pool.release(pixels);
  pool.release(stamps);
  if (bias) addTo(out, bias);
  return out;
}

/** One number to each channel. */
function addTo({ data, shape }: Value, bias: Value): void {
  const [channels, area] = [shape[1]!, shape[2]! * shape[3]!];
  for (let i = 0, start = 0; start < data.length; i++, start += area) {
    const value = bias.data[i % channels]!;
    for (let k = start; k < start + area; k++) data[k]! += value;
  }
}
