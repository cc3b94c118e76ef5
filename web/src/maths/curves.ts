/** Curves in a chart: which part of a scale they take, where its ticks are, and their paths. */
import { ticks } from "./ticks";

/** From values to places, 0 at the low end to 1 at the high one. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly at: (value: number) => number;
}

export type Value = readonly [x: number, y: number];

const ROOM = 0.06;
/** Curves that hardly change would fill a chart with their noise. */
const FLAT = 1e-3;
/** The same of one value alone, whose last digits say nothing yet. */
const ALONE = 0.05;

/** A scale that holds all finite values, with some room above and below. */
export function scaleOf(values: readonly number[]): Scale {
  const finite = values.filter(Number.isFinite);
  let [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const least = Math.max((low === high ? ALONE : FLAT) * Math.max(Math.abs(low), Math.abs(high)), 1e-9);
  if (high - low < least) [low, high] = [low - least / 2, high + least / 2];
  const room = ROOM * (high - low);
  return linear(low - room, high + room);
}

export function linear(low: number, high: number): Scale {
  return { low, high, log: false, at: (value) => (value - low) / (high - low) };
}

/** Whole powers of ten around all values above 0. */
export function logScaleOf(values: readonly number[]): Scale {
  const found = values.filter((value) => Number.isFinite(value) && value > 0).map(Math.log10);
  let [low, high] = found.length ? [Math.floor(Math.min(...found)), Math.ceil(Math.max(...found))] : [-1, 0];
  if (low === high) [low, high] = [low - 1, high];
  const at = (value: number): number => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
  return { low: 10 ** low, high: 10 ** high, log: true, at };
}

/** Some of a scale's values to be named. */
export function ticksOf({ low, high, log }: Scale, about: number): number[] {
  if (!log) return ticks(low, high, about);
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.max(1, Math.ceil((last - first) / about));
  const found: number[] = [];
  for (let power = last; power >= first; power -= step) found.push(10 ** power);
  return found.reverse();
}

/** A path through values in a box of this size; it breaks where a value is none. */
export function pathOf(values: readonly Value[], x: Scale, y: Scale, width: number, height: number): string {
  let path = "";
  let drawn = false;
  for (const [u, v] of values) {
    const [left, top] = [x.at(u) * width, (1 - y.at(v)) * height];
    const known = Number.isFinite(left) && Number.isFinite(top) && !(y.log && Number.isNaN(v));
    if (known) path += `${drawn ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`;
    drawn = known;
  }
  return path;
}

/** A closed path between two curves. */
export function bandOf(low: readonly Value[], high: readonly Value[], x: Scale, y: Scale, width: number, height: number): string {
  const known = low.map((_, i) => i).filter((i) => Number.isFinite(low[i]![1]) && Number.isFinite(high[i]![1]));
  if (known.length < 2) return "";
  const there = pathOf(known.map((i) => high[i]!), x, y, width, height);
  const back = pathOf(known.map((i) => low[i]!).reverse(), x, y, width, height);
  return `${there}${back.replace("M", "L")}Z`;
}

/** At most so many of them: of the older half each second one goes, and the first and the last stay. */
export function thinned<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const half = points.length >> 1;
  return points.filter((_, i) => i >= half || i % 2 === 0);
}

/** A round number without digits that say nothing: 50, 0.1, 1e−5. */
export function plain(value: number): string {
  const text = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(0);
  return text.replaceAll("-", "\u2212");
}

/** 1, 2 or 5 times a power of ten that is no less. */
export function niceAbove(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10) * power;
}
