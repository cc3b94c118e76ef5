/** Over a lattice of pictures, points leave room for it: of a crowd some are drawn, evenly over all rows. */
import type { Rgb } from "../maths/colour";
import { countWithin, gridIndex, type GridIndex } from "../maths/grid-index";
import { boundsOf, type Frame } from "../maths/view";
import type { Points } from "./point-layer";

/** What is drawn of some points: one of so many, and the colour of their rims. */
export interface Drawn {
  readonly points: Points | null;
  readonly among: number;
  readonly halo: Rgb | null;
}

export const ALL: Omit<Drawn, "points"> = { among: 1, halo: null };

/** So many CSS pixels' area for each point leave enough of what lies under them. */
const ROOM = 160;

/** One of how many points in sight is drawn over a lattice: a power of two, 1 for all of them. */
export function thinning(grid: GridIndex, frame: Frame): number {
  const crowd = (countWithin(grid, boundsOf(frame)) * ROOM) / (frame.width * frame.height);
  return 2 ** Math.max(0, Math.ceil(Math.log2(crowd)));
}

/** One of so many points, whatever the order in which rows come: their numbers' multiples of the golden ratio are even. */
export function thinned({ grid, kinds, layers }: Points, among: number): Points {
  if (among <= 1) return { grid, kinds, layers };
  const chosen = Array.from(grid.order.keys()).filter((i) => (grid.order[i]! * 0.6180339887498949) % 1 < 1 / among);
  const of = (values: Float32Array): Float32Array => Float32Array.from(chosen, (i) => values[i]!);
  const fewer = gridIndex(of(grid.xs), of(grid.ys));
  return { grid: fewer, kinds: Uint8Array.from(fewer.order, (i) => kinds[chosen[i]!]!), layers };
}

/** Finds fewer points once for as long as it is asked for the same. */
export class Thinner {
  #last: { readonly of: Points; readonly among: number; readonly points: Points } | null = null;

  of(all: Points, frame: Frame): Pick<Drawn, "among"> & { readonly points: Points } {
    const among = thinning(all.grid, frame);
    if (this.#last?.of !== all || this.#last.among !== among) this.#last = { of: all, among, points: thinned(all, among) };
    return this.#last;
  }
}
