/**
 * Points sorted into the cells of a grid. The map draws only the cells that it shows, reading them in the order in
 * which they lie in memory, and finds the point under the pointer without looking at all of them. (Libraries find the
 * nearest, too, but lay nothing out for drawing.)
 */
import type { Bounds } from "./view";

export interface GridIndex {
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
  readonly left: number;
  readonly bottom: number;
  readonly cellU: number;
  readonly cellV: number;
  /** Where a cell's points begin: cell (column, row) is starts[row · columns + column]. */
  readonly starts: Uint32Array;
  /** The points in the order of their cells: their numbers and places. */
  readonly order: Uint32Array;
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  /** What holds all but the outermost points. */
  readonly bulk: Bounds;
}

const POINTS_A_CELL = 24;
const MOST_CELLS_A_SIDE = 384;
const OUTERMOST = 0.001;

export function gridIndex(xs: Float32Array, ys: Float32Array): GridIndex {
  const count = xs.length;
  const bulk = bulkOf(xs, ys);
  const side = Math.min(MOST_CELLS_A_SIDE, Math.max(1, Math.round(Math.sqrt(count / POINTS_A_CELL))));
  const grid = {
    columns: side,
    rows: side,
    left: bulk.left,
    bottom: bulk.bottom,
    cellU: (bulk.right - bulk.left) / side || 1,
    cellV: (bulk.top - bulk.bottom) / side || 1,
  };
  const cells = new Uint32Array(count);
  const starts = new Uint32Array(side * side + 1);
  for (let i = 0; i < count; i++) {
    const cell = rowIn(grid, ys[i]!) * side + columnIn(grid, xs[i]!);
    cells[i] = cell;
    starts[cell + 1]!++;
  }
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1]! += starts[cell]!;
  return { count, ...grid, starts, ...sorted(xs, ys, cells, starts), bulk };
}

type Grid = Pick<GridIndex, "columns" | "rows" | "left" | "bottom" | "cellU" | "cellV">;

/** The outer cells also hold what lies beyond them. */
const columnIn = (grid: Grid, x: number): number => clamped((x - grid.left) / grid.cellU, grid.columns);
const rowIn = (grid: Grid, y: number): number => clamped((y - grid.bottom) / grid.cellV, grid.rows);

function clamped(place: number, count: number): number {
  return place > 0 ? Math.min(count - 1, Math.floor(place)) : 0;
}

function sorted(
  xs: Float32Array,
  ys: Float32Array,
  cells: Uint32Array,
  starts: Uint32Array,
): Pick<GridIndex, "order" | "xs" | "ys"> {
  const count = xs.length;
  const next = starts.slice();
  const [order, x, y] = [new Uint32Array(count), new Float32Array(count), new Float32Array(count)];
  const step = stride(count);
  // Rows often come sorted by label. Taken in strides, no label is drawn over the others only because it comes last.
  for (let k = 0, i = 0; k < count; k++, i = (i + step) % count) {
    const slot = next[cells[i]!]!++;
    order[slot] = i;
    x[slot] = xs[i]!;
    y[slot] = ys[i]!;
  }
  return { order, xs: x, ys: y };
}

/** A step near the golden section that visits all of count places. */
function stride(count: number): number {
  const divisor = (a: number, b: number): number => (b ? divisor(b, a % b) : a);
  let step = Math.max(1, Math.round(count * 0.618));
  while (divisor(step, count) > 1) step++;
  return step;
}

function bulkOf(xs: Float32Array, ys: Float32Array): Bounds {
  const [left, right] = bulkRange(xs);
  const [bottom, top] = bulkRange(ys);
  return { left, right, bottom, top };
}

/** The range of all but a thousandth on either side, from a sample where there are many. */
function bulkRange(values: Float32Array): [number, number] {
  const every = Math.ceil(values.length / 50_000) || 1;
  const sample = values.filter((value, i) => i % every === 0 && Number.isFinite(value)).sort();
  if (sample.length === 0) return [-1, 1];
  const skip = Math.floor(sample.length * OUTERMOST);
  return [sample[skip]!, sample[sample.length - 1 - skip]!];
}

/** The columns and rows of cells that hold what lies within these bounds; the last ones included. */
export function cellsWithin(grid: GridIndex, bounds: Bounds): { c0: number; c1: number; r0: number; r1: number } {
  return {
    c0: columnIn(grid, bounds.left),
    c1: columnIn(grid, bounds.right),
    r0: rowIn(grid, bounds.bottom),
    r1: rowIn(grid, bounds.top),
  };
}

/** How many points lie in the cells that these bounds touch. */
export function countWithin(grid: GridIndex, bounds: Bounds): number {
  const { c0, c1, r0, r1 } = cellsWithin(grid, bounds);
  let count = 0;
  for (let row = r0; row <= r1; row++) {
    const cell = row * grid.columns;
    count += grid.starts[cell + c1 + 1]! - grid.starts[cell + c0]!;
  }
  return count;
}

/**
 * The number of the point nearest to (u, v) among those within the radius, and −1 where there is none. Distances are
 * in units of the horizontal axis; aspect says how many vertical units are as long as one of those.
 */
export function nearest(grid: GridIndex, u: number, v: number, radius: number, aspect = 1): number {
  const tall = radius * aspect;
  const { c0, c1, r0, r1 } = cellsWithin(grid, { left: u - radius, right: u + radius, bottom: v - tall, top: v + tall });
  let found = -1;
  let best = radius * radius;
  for (let row = r0; row <= r1; row++) {
    const cell = row * grid.columns;
    const stop = grid.starts[cell + c1 + 1]!;
    for (let i = grid.starts[cell + c0]!; i < stop; i++) {
      const du = grid.xs[i]! - u;
      const dv = (grid.ys[i]! - v) / aspect;
      const distance = du * du + dv * dv;
      if (distance <= best) {
        best = distance;
        found = i;
      }
    }
  }
  return found < 0 ? -1 : grid.order[found]!;
}

/** The nearest point, however far away; −1 where there are no points. */
export function nearestAnywhere(grid: GridIndex, u: number, v: number, aspect = 1): number {
  if (grid.count === 0) return -1;
  for (let radius = Math.max(grid.cellU, grid.cellV / aspect); radius < 1e30; radius *= 2) {
    const found = nearest(grid, u, v, radius, aspect);
    if (found >= 0) return found;
  }
  return -1;
}
