/**
 * One palette of at most 256 colours for all frames of a film: all greys where there is nothing else, the colours
 * themselves where they are few, and else those that gifenc finds.
 */
import { applyPalette, quantize, type Colour } from "gifenc";

export interface Indexed {
  /** At most 256, each its red, green and blue. */
  readonly palette: readonly Colour[];
  /** The place in it of each pixel, frame by frame. */
  readonly frames: readonly Uint8Array[];
}

/** RGBA, four bytes a pixel; opacity has no meaning here. */
type Rgba = Uint8ClampedArray;

const COLOURS = 256;

export function indexed(frames: readonly Rgba[]): Indexed {
  return greys(frames) ?? few(frames) ?? many(frames);
}

function greys(frames: readonly Rgba[]): Indexed | null {
  for (const frame of frames) {
    for (let i = 0; i < frame.length; i += 4) {
      if (frame[i] !== frame[i + 1] || frame[i] !== frame[i + 2]) return null;
    }
  }
  const palette = Array.from({ length: COLOURS }, (_, i): Colour => [i, i, i]);
  return { palette, frames: frames.map((frame) => mapped(frame, (r) => r)) };
}

function few(frames: readonly Rgba[]): Indexed | null {
  const places = new Map<number, number>();
  for (const frame of frames) {
    for (let i = 0; i < frame.length; i += 4) {
      const colour = (frame[i]! << 16) | (frame[i + 1]! << 8) | frame[i + 2]!;
      if (places.has(colour)) continue;
      if (places.size === COLOURS) return null;
      places.set(colour, places.size);
    }
  }
  const palette = [...places.keys()].map((colour): Colour => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  return { palette, frames: frames.map((frame) => mapped(frame, (r, g, b) => places.get((r << 16) | (g << 8) | b)!)) };
}

function many(frames: readonly Rgba[]): Indexed {
  const all = new Uint8ClampedArray(frames.reduce((size, frame) => size + frame.length, 0));
  frames.reduce((at, frame) => (all.set(frame, at), at + frame.length), 0);
  const palette = quantize(all, COLOURS);
  return { palette, frames: frames.map((frame) => applyPalette(frame, palette)) };
}

function mapped(frame: Rgba, place: (r: number, g: number, b: number) => number): Uint8Array {
  const indices = new Uint8Array(frame.length / 4);
  for (let i = 0, at = 0; i < indices.length; i++, at += 4) {
    indices[i] = place(frame[at]!, frame[at + 1]!, frame[at + 2]!);
  }
  return indices;
}
