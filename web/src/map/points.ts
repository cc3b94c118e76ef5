/**
 * Points as pixels of a buffer. In software this is what reaches a million points a frame: no call to the canvas a
 * point, 32 bits written at a time, only the cells that are in sight, in the order in which they lie in memory.
 */
import { cellsWithin, type GridIndex } from "../maths/grid-index";
import { boundsOf, type Bounds, type Frame } from "../maths/view";

/** A buffer of pixels with a margin on all sides, so that points at the edge need no test. */
export interface Surface {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

export const MARGIN = 8;
/** In a table of colours: this kind of point is not drawn. */
export const HIDDEN = -1;

/** What one point covers: offsets of pixels and how much of each, of 255. */
export interface Stamp {
  readonly size: number;
  readonly offsets: Int32Array;
  readonly coverage: Uint8Array;
}

export interface Style {
  readonly stamp: Stamp;
  /** The alpha of a pixel with one more point on it, by its alpha so far, in the highest byte. */
  readonly next: Int32Array;
  /** Device pixels of a CSS pixel. */
  readonly ratio: number;
}

/** A disc of this diameter, its rim as smooth as its size allows; up to three pixels a square. */
export function stampOf(size: number, width: number): Stamp {
  const offsets: number[] = [];
  const coverage: number[] = [];
  const first = -Math.floor(size / 2);
  const middle = first + (size - 1) / 2;
  for (let dy = first; dy < first + size; dy++) {
    for (let dx = first; dx < first + size; dx++) {
      const inside = size <= 3 ? 1 : size / 2 + 0.4 - Math.hypot(dx - middle, dy - middle);
      if (inside <= 0.05) continue;
      offsets.push(dy * width + dx);
      coverage.push(Math.round(255 * Math.min(1, inside)));
    }
  }
  return { size, offsets: Int32Array.from(offsets), coverage: Uint8Array.from(coverage) };
}

/** Each point covers this share of what still shows through: many on one spot are opaque, one alone is not. */
export function densitySteps(share: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, alpha) => Math.round(alpha + (255 - alpha) * share) << 24);
}

/** Draws the points whose kind has a colour: kinds lie in the grid's order, colours are 24 bits or HIDDEN. */
export function drawPoints(
  surface: Surface,
  grid: GridIndex,
  frame: Frame,
  kinds: Uint8Array,
  colours: Int32Array,
  style: Style,
): void {
  const { c0, c1, r0, r1 } = cellsWithin(grid, withMargin(boundsOf(frame), frame));
  const draw = style.stamp.size === 1 ? drawSingle : style.stamp.size === 2 ? drawDouble : drawStamps;
  for (let row = r0; row <= r1; row++) {
    const cell = row * grid.columns;
    const [start, stop] = [grid.starts[cell + c0]!, grid.starts[cell + c1 + 1]!];
    if (stop > start) draw(surface, grid, frame, kinds, colours, style, start, stop);
  }
}

function withMargin({ left, right, bottom, top }: Bounds, frame: Frame): Bounds {
  const [du, dv] = [MARGIN / frame.pixelsU, MARGIN / frame.pixelsV];
  return { left: left - du, right: right + du, bottom: bottom - dv, top: top + dv };
}

type Draw = (
  surface: Surface,
  grid: GridIndex,
  frame: Frame,
  kinds: Uint8Array,
  colours: Int32Array,
  style: Style,
  start: number,
  stop: number,
) => void;

// The three loops differ in what they do for a point; a function call for each point would cost more than that.

const drawSingle: Draw = ({ pixels, width, height }, { xs, ys }, frame, kinds, colours, { next, ratio }, start, stop) => {
  const [ax, ay] = [frame.pixelsU * ratio, -frame.pixelsV * ratio];
  const [bx, by] = [frame.originX * ratio + MARGIN, frame.originY * ratio + MARGIN];
  for (let i = start; i < stop; i++) {
    const colour = colours[kinds[i]!]!;
    const x = xs[i]! * ax + bx;
    const y = ys[i]! * ay + by;
    if (colour < 0 || !(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const at = (y | 0) * width + (x | 0);
    pixels[at] = next[pixels[at]! >>> 24]! | colour;
  }
};

const drawDouble: Draw = ({ pixels, width, height }, { xs, ys }, frame, kinds, colours, { next, ratio }, start, stop) => {
  const [ax, ay] = [frame.pixelsU * ratio, -frame.pixelsV * ratio];
  const [bx, by] = [frame.originX * ratio + MARGIN - 0.5, frame.originY * ratio + MARGIN - 0.5];
  const [right, bottom] = [width - 1, height - 1];
  for (let i = start; i < stop; i++) {
    const colour = colours[kinds[i]!]!;
    const x = xs[i]! * ax + bx;
    const y = ys[i]! * ay + by;
    if (colour < 0 || !(x >= 0 && x < right && y >= 0 && y < bottom)) continue;
    const at = (y | 0) * width + (x | 0);
    pixels[at] = next[pixels[at]! >>> 24]! | colour;
    pixels[at + 1] = next[pixels[at + 1]! >>> 24]! | colour;
    pixels[at + width] = next[pixels[at + width]! >>> 24]! | colour;
    pixels[at + width + 1] = next[pixels[at + width + 1]! >>> 24]! | colour;
  }
};

const drawStamps: Draw = (surface, { xs, ys }, frame, kinds, colours, { stamp, next, ratio }, start, stop) => {
  const { pixels, width, height } = surface;
  const { offsets, coverage, size } = stamp;
  const even = size % 2 === 0 ? 0.5 : 0;
  const [ax, ay] = [frame.pixelsU * ratio, -frame.pixelsV * ratio];
  const [bx, by] = [frame.originX * ratio + MARGIN + even, frame.originY * ratio + MARGIN + even];
  const inset = Math.ceil(size / 2);
  const [right, bottom] = [width - inset, height - inset];
  for (let i = start; i < stop; i++) {
    const colour = colours[kinds[i]!]!;
    const x = xs[i]! * ax + bx;
    const y = ys[i]! * ay + by;
    if (colour < 0 || !(x >= inset && x < right && y >= inset && y < bottom)) continue;
    const at = (y | 0) * width + (x | 0);
    for (let k = 0; k < offsets.length; k++) {
      const to = at + offsets[k]!;
      const cover = coverage[k]!;
      pixels[to] = cover === 255 ? next[pixels[to]! >>> 24]! | colour : blended(pixels[to]!, colour, cover);
    }
  }
};

/** A colour over a pixel at the rim of a disc, where it covers a part of it. */
function blended(under: number, colour: number, cover: number): number {
  const alpha = under >>> 24;
  if (alpha === 0) return (cover << 24) | colour;
  const mixed = (shift: number): number => {
    const part = (under >>> shift) & 255;
    return (part + ((((colour >>> shift) & 255) - part) * cover) / 255) << shift;
  };
  return ((alpha + ((255 - alpha) * cover) / 255) << 24) | mixed(16) | mixed(8) | mixed(0);
}

/** Points' diameter in CSS pixels and the share that each covers: small and thin in a crowd, large where few show. */
export function sizeFor(visible: number, width: number, height: number): { size: number; share: number } {
  const room = (width * height) / Math.max(1, visible);
  const size = Math.min(6, Math.max(1, Math.round(Math.sqrt(room) / 2)));
  const layers = (size * size) / room;
  return { size, share: layers > 0.25 ? 0.5 : layers > 0.05 ? 0.7 : 0.92 };
}
