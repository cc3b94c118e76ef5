/**
 * One palette of at most 256 colours for all frames of a film: all greys where there is nothing else, the colours
 * themselves where they are few, and else the means of boxes that are cut at the median of their longest side.
 *
 * Source: "Color image quantization for frame buffer display", P. Heckbert, SIGGRAPH 1982.
 */

export interface Indexed {
  /** 256 colours, three bytes each. */
  readonly palette: Uint8Array;
  /** The place in it of each pixel, frame by frame. */
  readonly frames: readonly Uint8Array[];
}

/** RGBA, four bytes a pixel; opacity has no meaning here. */
type Rgba = Uint8ClampedArray;

const COLOURS = 256;
/** Bits of each channel by which colours are counted where there are many. */
const KEPT = 5;
const DROPPED = 8 - KEPT;

export function indexed(frames: readonly Rgba[]): Indexed {
  return greys(frames) ?? few(frames) ?? many(frames);
}

function greys(frames: readonly Rgba[]): Indexed | null {
  for (const frame of frames) {
    for (let i = 0; i < frame.length; i += 4) {
      if (frame[i] !== frame[i + 1] || frame[i] !== frame[i + 2]) return null;
    }
  }
  const palette = Uint8Array.from({ length: 3 * COLOURS }, (_, i) => Math.floor(i / 3));
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
  const palette = new Uint8Array(3 * COLOURS);
  for (const [colour, place] of places) palette.set([colour >> 16, (colour >> 8) & 255, colour & 255], 3 * place);
  return { palette, frames: frames.map((frame) => mapped(frame, (r, g, b) => places.get((r << 16) | (g << 8) | b)!)) };
}

function many(frames: readonly Rgba[]): Indexed {
  const cells = counted(frames);
  const colours = cut(cells).map((box) => meanOf(box));
  const palette = new Uint8Array(3 * COLOURS);
  colours.forEach((colour, i) => palette.set(colour, 3 * i));
  const places = new Uint8Array(1 << (3 * KEPT));
  for (const cell of cells) places[cell.place] = nearest(colours, meanOf([cell]));
  return { palette, frames: frames.map((frame) => mapped(frame, (r, g, b) => places[placeOf(r, g, b)]!)) };
}

function mapped(frame: Rgba, place: (r: number, g: number, b: number) => number): Uint8Array {
  const indices = new Uint8Array(frame.length / 4);
  for (let i = 0, at = 0; i < indices.length; i++, at += 4) {
    indices[i] = place(frame[at]!, frame[at + 1]!, frame[at + 2]!);
  }
  return indices;
}

/** Colours that are nearly the same, how many pixels have them, and the sums of their channels. */
interface Cell {
  readonly place: number;
  readonly count: number;
  readonly sums: readonly [number, number, number];
}

const placeOf = (r: number, g: number, b: number): number =>
  ((r >> DROPPED) << (2 * KEPT)) | ((g >> DROPPED) << KEPT) | (b >> DROPPED);

function counted(frames: readonly Rgba[]): Cell[] {
  const size = 1 << (3 * KEPT);
  const [counts, sums] = [new Uint32Array(size), new Float64Array(3 * size)];
  for (const frame of frames) {
    for (let i = 0; i < frame.length; i += 4) {
      const place = placeOf(frame[i]!, frame[i + 1]!, frame[i + 2]!);
      counts[place]!++;
      for (let c = 0; c < 3; c++) sums[3 * place + c]! += frame[i + c]!;
    }
  }
  const cells: Cell[] = [];
  counts.forEach((count, place) => {
    const of = (c: number): number => sums[3 * place + c]!;
    if (count) cells.push({ place, count, sums: [of(0), of(1), of(2)] });
  });
  return cells;
}

type Box = readonly Cell[];
type Channel = 0 | 1 | 2;

const valueOf = ({ sums, count }: Cell, c: Channel): number => sums[c] / count;

/** Boxes of cells: the one that spreads most is cut, again and again. */
function cut(cells: Box): Box[] {
  const boxes: { box: Box; spread: Spread }[] = [{ box: cells, spread: spreadOf(cells) }];
  while (boxes.length < COLOURS) {
    const widest = boxes.reduce((best, other) => (other.spread.weight > best.spread.weight ? other : best));
    if (widest.box.length < 2) break;
    boxes.splice(boxes.indexOf(widest), 1);
    for (const box of halves(widest.box, widest.spread.channel)) boxes.push({ box, spread: spreadOf(box) });
  }
  return boxes.map(({ box }) => box);
}

interface Spread {
  readonly channel: Channel;
  readonly weight: number;
}

/** The channel in which a box's pixels differ most, and their squared deviations there. */
function spreadOf(box: Box): Spread {
  const mean = meanOf(box, false);
  const weights = ([0, 1, 2] as const).map((c) =>
    box.reduce((sum, cell) => sum + cell.count * (valueOf(cell, c) - mean[c]!) ** 2, 0),
  );
  const weight = Math.max(...weights);
  return { channel: weights.indexOf(weight) as Channel, weight: box.length < 2 ? -1 : weight };
}

function halves(box: Box, channel: Channel): [Box, Box] {
  const sorted = [...box].sort((a, b) => valueOf(a, channel) - valueOf(b, channel));
  const half = sorted.reduce((sum, { count }) => sum + count, 0) / 2;
  let [at, sum] = [0, 0];
  while (at < sorted.length - 1 && (at === 0 || sum + sorted[at]!.count <= half)) sum += sorted[at++]!.count;
  return [sorted.slice(0, at), sorted.slice(at)];
}

function meanOf(box: Box, whole = true): number[] {
  const count = box.reduce((sum, cell) => sum + cell.count, 0);
  return ([0, 1, 2] as const).map((c) => {
    const mean = box.reduce((sum, { sums }) => sum + sums[c], 0) / count;
    return whole ? Math.round(mean) : mean;
  });
}

function nearest(colours: readonly (readonly number[])[], colour: readonly number[]): number {
  let [best, found] = [Infinity, 0];
  colours.forEach((other, i) => {
    const distance = other.reduce((sum, value, c) => sum + (value - colour[c]!) ** 2, 0);
    if (distance < best) [best, found] = [distance, i];
  });
  return found;
}
