/**
 * Outlines that are drawn around points. A point lies inside by the even-odd rule: a ray from it crosses the outline an
 * odd number of times.
 */
import { cellsWithin, type GridIndex } from "./grid-index";
import type { Point } from "./plane";

/**
 * Whether the ray to the right from (x, y) crosses the edge from a to b. The edge is taken upwards, so that both of its
 * directions give the same answer to the last bit: what one outline gains at an edge, its neighbour loses.
 */
function crosses(a: Point, b: Point, x: number, y: number): boolean {
  if (a.v > y === b.v > y) return false;
  const [low, high] = a.v < b.v ? [a, b] : [b, a];
  return x < low.u + ((y - low.v) / (high.v - low.v)) * (high.u - low.u);
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

function boxOf(points: readonly Point[]): Box {
  const [us, vs] = [points.map(({ u }) => u), points.map(({ v }) => v)];
  return { left: Math.min(...us), right: Math.max(...us), bottom: Math.min(...vs), top: Math.max(...vs) };
}

/** Which of these points lie inside, as ones. */
export function insideOf(outline: readonly Point[], xs: Float32Array, ys: Float32Array): Uint8Array {
  const inside = new Uint8Array(xs.length);
  const { left, right, bottom, top } = boxOf(outline);
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [xs[i]!, ys[i]!];
    if (!(x >= left && x <= right && y >= bottom && y <= top)) continue;
    let odd = false;
    for (let k = 0, j = outline.length - 1; k < outline.length; j = k++) {
      if (crosses(outline[j]!, outline[k]!, x, y)) odd = !odd;
    }
    if (odd) inside[i] = 1;
  }
  return inside;
}

/**
 * The points inside an outline that grows corner by corner. A new corner adds or takes away the triangle that it makes
 * with the last one and the first, so a step looks only at the points around that triangle, however long the outline.
 */
export class Enclosure {
  /** In the grid's order: 1 for points inside. */
  readonly inside: Uint8Array;
  readonly outline: Point[] = [];
  count = 0;

  constructor(readonly grid: GridIndex) {
    this.inside = new Uint8Array(grid.count);
  }

  add(corner: Point): void {
    const [first, last] = [this.outline[0], this.outline.at(-1)];
    this.outline.push(corner);
    if (this.outline.length > 2) this.#toggle([first!, last!, corner]);
  }

  #toggle(triangle: readonly [Point, Point, Point]): void {
    const { grid, inside } = this;
    const [a, b, c] = triangle;
    const box = boxOf(triangle);
    const { c0, c1, r0, r1 } = cellsWithin(grid, box);
    for (let row = r0; row <= r1; row++) {
      const cell = row * grid.columns;
      const stop = grid.starts[cell + c1 + 1]!;
      for (let i = grid.starts[cell + c0]!; i < stop; i++) {
        const [x, y] = [grid.xs[i]!, grid.ys[i]!];
        if (!(x >= box.left && x <= box.right && y >= box.bottom && y <= box.top)) continue;
        if (crosses(a, b, x, y) !== crosses(b, c, x, y) !== crosses(c, a, x, y)) {
          inside[i]! ^= 1;
          this.count += inside[i] ? 1 : -1;
        }
      }
    }
  }
}

/** How far a point is from the segment between two others. */
function distance(p: Point, a: Point, b: Point): number {
  const [du, dv] = [b.u - a.u, b.v - a.v];
  const square = du * du + dv * dv;
  const share = square > 0 ? Math.min(1, Math.max(0, ((p.u - a.u) * du + (p.v - a.v) * dv) / square)) : 0;
  return Math.hypot(p.u - a.u - share * du, p.v - a.v - share * dv);
}

/** Fewer corners that stay within the tolerance of the line (D. H. Douglas and T. K. Peucker, 1973). */
export function simplified(line: readonly Point[], tolerance: number): Point[] {
  const kept = new Uint8Array(line.length);
  if (line.length) kept[0] = kept[line.length - 1] = 1;
  const open: [number, number][] = [[0, line.length - 1]];
  for (let part = open.pop(); part; part = open.pop()) {
    const [from, to] = part;
    let [farthest, most] = [-1, tolerance];
    for (let i = from + 1; i < to; i++) {
      const away = distance(line[i]!, line[from]!, line[to]!);
      if (away > most) [farthest, most] = [i, away];
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    open.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, i) => kept[i]);
}
