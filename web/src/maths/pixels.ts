/** Examples as pictures: values between black and white as bytes, wherever the channels stand. */
import { product, type Values } from "../backend/arrays";
import type { About, ChannelPosition } from "../backend/backend";

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly position: ChannelPosition;
  readonly limits: readonly [number, number];
}

export function layoutOf(about: About): Layout {
  const { width, height, channels, position, limits } = about;
  return { width, height, channels, position, limits: limits ?? [0, 1] };
}

/** How far apart in memory are neighbouring pixels, and the channels of one. */
function strides({ width, height, channels, position }: Layout): { pixel: number; channel: number } {
  return position === "last" ? { pixel: channels, channel: 1 } : { pixel: 1, channel: width * height };
}

/** Writes a picture's RGBA into the buffer. One channel is grey; two are red and cyan, so that equal values are grey; four have alpha. */
export function writePixels(values: Values, layout: Layout, rgba: Uint8ClampedArray): void {
  const { width, height, channels, limits } = layout;
  const { pixel, channel } = strides(layout);
  const scale = 255 / (limits[1] - limits[0] || 1);
  const [second, third] = channels >= 3 ? [channel, 2 * channel] : channels === 2 ? [channel, channel] : [0, 0];
  for (let i = 0, at = 0, to = 0; i < width * height; i++, at += pixel, to += 4) {
    rgba[to] = (values[at]! - limits[0]) * scale;
    rgba[to + 1] = (values[at + second]! - limits[0]) * scale;
    rgba[to + 2] = (values[at + third]! - limits[0]) * scale;
    rgba[to + 3] = channels === 4 ? (values[at + 3 * channel]! - limits[0]) * scale : 255;
  }
}

/** The way back: a picture's RGBA as levels, one byte a value from black to white. */
export function levelsOf(rgba: ArrayLike<number>, layout: Layout): Uint8Array {
  const { width, height, channels } = layout;
  const { pixel, channel } = strides(layout);
  const levels = new Uint8Array(width * height * channels);
  for (let i = 0, at = 0, from = 0; i < width * height; i++, at += pixel, from += 4) {
    const [r, g, b, a] = [rgba[from]!, rgba[from + 1]!, rgba[from + 2]!, rgba[from + 3]!];
    const grey = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    const parts = channels === 1 ? [grey] : channels === 2 ? [r, (g + b) >> 1] : [r, g, b, a];
    for (let c = 0; c < channels; c++) levels[at + c * channel] = parts[c]!;
  }
  return levels;
}

/** The levels that are nearest to an example's values. */
export function nearestLevels(values: Values, { limits: [low, high] }: Layout): Uint8Array {
  const scale = 255 / (high - low || 1);
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round((value - low) * scale))));
}

/** Levels as one example in the data's units: whole numbers where the data are. */
export function fromLevels(levels: Uint8Array, { limits: [low, high] }: Layout, dtype: string): Float32Array {
  const whole = !dtype.startsWith("float");
  const table = Float32Array.from({ length: 256 }, (_, level) => {
    const value = low + (level / 255) * (high - low);
    return whole ? Math.round(value) || 0 : value;
  });
  return Float32Array.from(levels, (level) => table[level]!);
}

/** Per pixel, the deviation of several examples, the mean over the channels. */
export function deviationPicture(examples: readonly Values[], layout: Layout): Float32Array {
  const { width, height, channels } = layout;
  const { pixel, channel } = strides(layout);
  const deviations = deviationsOf(examples, width * height * channels);
  const picture = new Float32Array(width * height);
  for (let i = 0; i < picture.length; i++) {
    for (let c = 0; c < channels; c++) picture[i]! += deviations[i * pixel + c * channel]! / channels;
  }
  return picture;
}

/** The standard deviation of each value over several examples. */
export function deviationsOf(examples: readonly Values[], size: number): Float32Array {
  const count = Math.max(1, examples.length);
  const deviations = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    let mean = 0;
    for (const example of examples) mean += example[i]! / count;
    let square = 0;
    for (const example of examples) square += (example[i]! - mean) ** 2 / count;
    deviations[i] = Math.sqrt(square);
  }
  return deviations;
}

export function eventSize(about: About): number {
  return product(about.event);
}
