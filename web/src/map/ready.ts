/** Codes as points that are ready to be drawn. */
import type { About, Codes } from "../backend/backend";
import { gridIndex, type GridIndex } from "../maths/grid-index";
import { placed, type Plane } from "../maths/plane";
import type { Bounds } from "../maths/view";
import type { Colours } from "./colouring";
import type { Points } from "./point-layer";

export function gridOf(plane: Plane, about: About, codes: Codes): GridIndex {
  const { xs, ys } = placed(plane, about, codes);
  return gridIndex(xs, ys);
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
