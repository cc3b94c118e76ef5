/**
 * Where most of a law's draws lie: the smallest regions that hold given shares of them.
 *
 * The density is a histogram smoothed by a Gaussian. Its width is the one under which each half of the draws finds the
 * other half likeliest, and a region's threshold is what this share of the draws lies above, each seen from the half
 * that it is not in: no draw vouches for its own place. R. J. Hyndman, "Computing and graphing highest density regions",
 * The American Statistician 50, 1996.
 */
import { blur2 } from "d3-array";
import { contours } from "d3-contour";
import { ascending, quantile } from "./percentile";
import type { Point } from "./plane";

export interface Region {
  readonly share: number;
  /** Rings on a plane, of which some may be holes; on a line two ends each. */
  readonly outlines: readonly (readonly Point[])[];
}

/** What one, two and three deviations hold of a Gaussian on a plane, and on a line. */
export const SHARES = { plane: [0.3935, 0.8647, 0.9889], line: [0.6827, 0.9545, 0.9973] } as const;

interface Axis {
  readonly low: number;
  /** Cells, and how many of them a unit takes. */
  readonly cells: number;
  readonly scale: number;
}

type Values = Float64Array;
const [ACROSS, ALONG] = [144, 512];
/** Beyond this share of the draws at either end of an axis there is no room for them. */
const OUTERMOST = 2.5e-4;
const MARGIN = 0.12;
/** Of the smoothing, from the least, in cells of a plane's axis of 144. */
const WIDTHS = [0.5, 1, 2, 3, 4.5, 6.5, 9];
/** The likeliest width follows single draws where they are few; an outline should not. */
const SMOOTHER = 1.4;
/** Of a uniform density that keeps a draw where no other is from ruling a width out. */
const ANYWHERE = 0.01;
/** A law on points lies where its smoothed density peaks: what is shown reaches two widths, of a cell, around them. */
const AROUND_POINTS = Math.exp(-2);

export function regionsOnPlane(xs: Float32Array, ys: Float32Array): readonly Region[] {
  return shareRegions(xs, ys, SHARES.plane);
}

export function shareRegions(xs: Float32Array, ys: Float32Array, shares: readonly number[]): readonly Region[] {
  const [x, y] = [axisOf(xs, ACROSS), axisOf(ys, ACROSS)];
  const { density, thresholds } = estimate(xs, ys, x, y, shares);
  const paint = contours().size([x.cells, y.cells]);
  return shares.map((share, i) => {
    const { coordinates } = paint.contour(Array.from(density), thresholds[i]!);
    const point = ([u, v]: number[]): Point => ({ u: x.low + u! / x.scale, v: y.low + v! / y.scale });
    return { share, outlines: coordinates.flatMap((rings) => rings.map((ring) => ring.map(point))) };
  });
}

export function regionsOnLine(xs: Float32Array): readonly Region[] {
  const [x, y] = [axisOf(xs, ALONG), { low: -0.5, cells: 1, scale: 1 }];
  const { density, thresholds } = estimate(xs, new Float32Array(xs.length), x, y, SHARES.line);
  return SHARES.line.map((share, i) => ({
    share,
    outlines: intervals(density, thresholds[i]!).map((ends) => ends.map((u) => ({ u: x.low + u / x.scale, v: 0 }))),
  }));
}

function axisOf(values: Float32Array, cells: number): Axis {
  const sorted = ascending(values);
  const [least, most] = [quantile(sorted, OUTERMOST), quantile(sorted, 1 - OUTERMOST)];
  const span = most - least || 1;
  return { low: least - MARGIN * span, cells, scale: cells / ((1 + 2 * MARGIN) * span) };
}

/** The density in each cell, and above which of its values so large shares of the draws lie. */
function estimate(xs: Float32Array, ys: Float32Array, x: Axis, y: Axis, shares: readonly number[]) {
  const halves = [0, 1].map((half) => counted(xs, ys, x, y, half));
  const points = 2 * new Set(Array.from(xs, (u, i) => `${u} ${ys[i]}`)).size < xs.length;
  const widths = (points ? [1] : WIDTHS).map((width) => (width * x.cells) / ACROSS);
  let [last, best] = [-Infinity, widths[0]!];
  for (const width of widths.length > 1 ? widths : []) {
    const { likelihood } = seenAt(width, halves, xs, ys, x, y);
    if (likelihood < last) break;
    [last, best] = [likelihood, width];
  }
  const width = points ? best : SMOOTHER * best;
  const { density } = seenAt(width, halves, xs, ys, x, y);
  const sorted = ascending(density);
  const both = halves[0]!.map((count, i) => (count + halves[1]![i]!) / 2);
  const least = (share: number): number => Math.max(quantile(sorted, 1 - share), Number.MIN_VALUE);
  return {
    density: smoothed(both, x, y, width),
    thresholds: shares.map((share) => (points ? AROUND_POINTS : 1) * least(share)),
  };
}

interface Seen {
  /** At each draw, by the half that it is not in. */
  readonly density: Float32Array;
  readonly likelihood: number;
}

function seenAt(width: number, halves: readonly Values[], xs: Float32Array, ys: Float32Array, x: Axis, y: Axis): Seen {
  const smooth = halves.map((half) => smoothed(half, x, y, width));
  const density = xs.map((u, i) => at(smooth[(i + 1) % 2]!, x, y, u, ys[i]!));
  const uniform = ANYWHERE / (x.cells * y.cells);
  return { density, likelihood: density.reduce((sum, p) => sum + Math.log((1 - ANYWHERE) * p + uniform), 0) };
}

/** The share of one half of the draws that falls into each cell. */
function counted(xs: Float32Array, ys: Float32Array, x: Axis, y: Axis, half: number): Values {
  const counts = new Float64Array(x.cells * y.cells);
  const share = 1 / Math.ceil((xs.length - half) / 2);
  for (let i = half; i < xs.length; i += 2) {
    const [column, row] = [Math.floor((xs[i]! - x.low) * x.scale), Math.floor((ys[i]! - y.low) * y.scale)];
    if (column >= 0 && column < x.cells && row >= 0 && row < y.cells) counts[row * x.cells + column]! += share;
  }
  return counts;
}

/** Three passes of a moving average are nearly a Gaussian; this radius gives them its deviation. */
function smoothed(counts: Values, x: Axis, y: Axis, width: number): Values {
  const radius = (Math.sqrt(4 * width * width + 1) - 1) / 2;
  const data = counts.slice();
  blur2({ data: data as unknown as number[], width: x.cells, height: y.cells }, radius, y.cells > 1 ? radius : 0);
  return data;
}

/** Between the middles of cells, by their four nearest. */
function at(density: Values, x: Axis, y: Axis, u: number, v: number): number {
  const [a, b] = [(u - x.low) * x.scale - 0.5, (v - y.low) * y.scale - 0.5];
  const [column, row] = [Math.floor(a), Math.floor(b)];
  const cell = (i: number, j: number): number =>
    i < 0 || j < 0 || i >= x.cells || j >= y.cells ? 0 : density[j * x.cells + i]!;
  const [s, t] = [a - column, b - row];
  const below = (1 - s) * cell(column, row) + s * cell(column + 1, row);
  return t === 0 ? below : (1 - t) * below + t * ((1 - s) * cell(column, row + 1) + s * cell(column + 1, row + 1));
}

/** Where values in a row lie above a threshold, each at the middle of its cell. */
function intervals(values: Values, threshold: number): [number, number][] {
  const found: [number, number][] = [];
  const crossing = (i: number): number => i - 0.5 + (threshold - (values[i - 1] ?? 0)) / ((values[i] ?? 0) - (values[i - 1] ?? 0));
  for (let i = 0; i <= values.length; i++) {
    const [before, now] = [(values[i - 1] ?? 0) >= threshold, (values[i] ?? 0) >= threshold];
    if (now && !before) found.push([crossing(i), Infinity]);
    if (before && !now) found.at(-1)![1] = crossing(i);
  }
  return found;
}
