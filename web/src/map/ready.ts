/** Codes as points that are ready to be drawn. */
import type { About, Codes } from "../backend/backend";
import { gridIndex, type GridIndex } from "../maths/grid-index";
import { placed, type Plane } from "../maths/plane";
import type { Bounds } from "../maths/view";
import type { Colours } from "./colouring";
import type { Points } from "./point-layer";

export function gridOf(plane: Plane, about: About, codes: Codes): GridIndex {
  const { xs, ys } = placed(plane, about, codes);
  const known = xs.every(Number.isFinite) && ys.every(Number.isFinite);
  return known ? gridIndex(xs, ys) : gridOfSome(xs, ys);
}

/** Of the points that are somewhere: of some rows alone, or where a code is beyond all numbers. */
function gridOfSome(xs: Float32Array, ys: Float32Array): GridIndex {
  const rows = Uint32Array.from(xs.keys()).filter((row) => Number.isFinite(xs[row]!) && Number.isFinite(ys[row]!));
  const of = (values: Float32Array): Float32Array => Float32Array.from(rows, (row) => values[row]!);
  const grid = gridIndex(of(xs), of(ys));
  return { ...grid, order: grid.order.map((place) => rows[place]!) };
}

export function pointsOf(grid: GridIndex, { kinds, layers }: Colours): Points {
  const sorted = new Uint8Array(grid.order.length);
  for (let i = 0; i < sorted.length; i++) sorted[i] = kinds[grid.order[i]!]!;
  return { grid, layers, kinds: sorted };
}

/** The smallest bounds that hold both. */
export function around(a: Bounds, b: Bounds): Bounds {
  return {
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
    top: Math.max(a.top, b.top),
  };
}
