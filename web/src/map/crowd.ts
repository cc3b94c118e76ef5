/**
 * What a crowd of points shows that single ones do not: where they are densest, and which class is where. Both are found
 * when the map rests, so that dragging and zooming cost what they did.
 */
import { blur2 } from "d3-array";
import { shareRegions, type Region } from "../maths/density";
import { cut } from "../maths/format";
import { cellsWithin, type GridIndex } from "../maths/grid-index";
import type { Point } from "../maths/plane";
import { boundsOf, pointAt, screenX, screenY, type Frame } from "../maths/view";

/** A class by its name, where its points in sight are densest. */
export interface ClassName {
  readonly text: string;
  readonly colour: string;
  readonly at: Point;
}

export interface Named {
  readonly label: number;
  readonly text: string;
  readonly colour: string;
}

/** What is asked of the points that are in sight. */
export interface CrowdQuestion {
  readonly grid: GridIndex;
  readonly frame: Frame;
  /** Each row's label; null where no names are wanted. */
  readonly labels: Int32Array | null;
  readonly entries: readonly Named[];
  readonly density: boolean;
  /** CSS pixels that a name takes. */
  readonly widthOf: (text: string) => number;
}

export const DENSITY_SHARES = [0.1, 0.3, 0.5, 0.7, 0.9];
/** Of more points a part says the same. */
const SAMPLE = 60_000;
const [CELL, MOST_NAMES, CANDIDATES] = [14, 28, 12];
/** Smoothing in cells, and the least share of the largest class in sight that is still named. */
const [SMOOTH, LEAST] = [1.6, 0.002];
export const NAME_HEIGHT = 17;
/** A place is a class's where it is at least so dense, of its densest; and names' heights from that to where it may stand. */
const [LOWER, BESIDE] = [0.5, [-1, 1, -2, 2]];
const LONGEST = 28;

const known = new WeakMap<GridIndex, readonly Region[]>();

export function densityOf(grid: GridIndex): readonly Region[] {
  const before = known.get(grid);
  if (before) return before;
  const every = Math.ceil(grid.count / SAMPLE) || 1;
  const part = (values: Float32Array): Float32Array => (every > 1 ? values.filter((_, i) => i % every === 0) : values);
  const found = grid.count > 2 ? shareRegions(part(grid.xs), part(grid.ys), DENSITY_SHARES) : [];
  known.set(grid, found);
  return found;
}

export function namesOf({ grid, frame, labels, entries, widthOf }: CrowdQuestion): readonly ClassName[] {
  if (!labels || !entries.length) return [];
  const inSight = pointsWithin(grid, frame);
  const counts = new Map<number, number>();
  for (const i of inSight) {
    const label = labels[grid.order[i]!] ?? -1;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const largest = Math.max(1, ...entries.map(({ label }) => counts.get(label) ?? 0));
  const wanted = entries
    .map((entry) => ({ entry, count: counts.get(entry.label) ?? 0 }))
    .filter(({ count }) => count > LEAST * largest)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_NAMES);
  const peaks = peaksOf(grid, frame, labels, wanted.map(({ entry }) => entry.label), inSight);
  const placed: Box[] = [];
  return wanted.flatMap(({ entry }, k): ClassName[] => {
    const text = cut(entry.text, LONGEST);
    const at = peaks[k]!.map((peak) => within(peak, widthOf(text), frame)).find((box) => !placed.some((other) => overlap(box, other)));
    if (!at) return [];
    placed.push(at);
    return [{ text, colour: entry.colour, at: pointAt(frame, at.x, at.y) }];
  });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly half: number;
}

function overlap(a: Box, b: Box): boolean {
  return Math.abs(a.x - b.x) < a.half + b.half + 4 && Math.abs(a.y - b.y) < NAME_HEIGHT;
}

/** Names stay inside of the map. */
function within({ x, y }: { x: number; y: number }, width: number, frame: Frame): Box {
  const half = width / 2 + 8;
  const inside = (value: number, room: number, size: number): number => Math.min(Math.max(value, room), Math.max(room, size - room));
  return { x: inside(x, half, frame.width), y: inside(y, NAME_HEIGHT / 2 + 2, frame.height), half };
}

function pointsWithin(grid: GridIndex, frame: Frame): number[] {
  const { c0, c1, r0, r1 } = cellsWithin(grid, boundsOf(frame));
  const found: number[] = [];
  const every = Math.ceil(grid.count / (2 * SAMPLE)) || 1;
  for (let row = r0; row <= r1; row++) {
    const stop = grid.starts[row * grid.columns + c1 + 1]!;
    for (let i = grid.starts[row * grid.columns + c0]!; i < stop; i += every) {
      const [x, y] = [screenX(frame, grid.xs[i]!), screenY(frame, grid.ys[i]!)];
      if (x >= 0 && x < frame.width && y >= 0 && y < frame.height) found.push(i);
    }
  }
  return found;
}

/** Of each label the densest places in sight, in pixels, the densest first. */
function peaksOf(grid: GridIndex, frame: Frame, labels: Int32Array, wanted: readonly number[], inSight: readonly number[]) {
  const [columns, rows] = [Math.max(1, Math.ceil(frame.width / CELL)), Math.max(1, Math.ceil(frame.height / CELL))];
  const place = new Map(wanted.map((label, k) => [label, k]));
  const counts = wanted.map(() => new Float64Array(columns * rows));
  for (const i of inSight) {
    const k = place.get(labels[grid.order[i]!] ?? -1);
    if (k === undefined) continue;
    const column = Math.floor(screenX(frame, grid.xs[i]!) / CELL);
    counts[k]![Math.floor(screenY(frame, grid.ys[i]!) / CELL) * columns + column]!++;
  }
  return counts.map((data) => {
    blur2({ data: data as unknown as number[], width: columns, height: rows }, SMOOTH);
    const order = Array.from(data.keys()).filter((cell) => data[cell]! > 0 && isPeak(data, cell, columns, rows));
    order.sort((a, b) => data[b]! - data[a]!);
    const at = (cell: number) => ({ x: ((cell % columns) + 0.5) * CELL, y: (Math.floor(cell / columns) + 0.5) * CELL });
    // Where others' names are in the way, a little beside the densest place rather than where few of them are.
    const peaks = order.filter((cell) => data[cell]! > LOWER * data[order[0]!]!).slice(0, CANDIDATES).map(at);
    return [...peaks, ...peaks.slice(0, 1).flatMap(({ x, y }) => BESIDE.map((step) => ({ x, y: y + step * NAME_HEIGHT })))];
  });
}

/** Not lower than the cells around it. */
function isPeak(data: Float64Array, cell: number, columns: number, rows: number): boolean {
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      if (data[y * columns + x]! > data[cell]!) return false;
    }
  }
  return true;
}

export interface CrowdMarks {
  readonly density: readonly Region[] | null;
  readonly names: readonly ClassName[];
}

/** Milliseconds without a change after which the map rests. */
const REST = 140;
const NOTHING: CrowdMarks = { density: null, names: [] };

/** Answers when the map rests; until then names stay where they were on the plane. */
export class Crowd {
  marks: CrowdMarks = NOTHING;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: CrowdQuestion | null = null;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  ask(question: CrowdQuestion | null): void {
    if (same(question, this.#last)) return;
    const moved = question?.grid !== this.#last?.grid;
    this.#last = question;
    clearTimeout(this.#timer);
    if (!question) {
      this.marks = NOTHING;
      return;
    }
    // What is switched off goes at once; of other points nothing is known.
    const { density, names } = this.marks;
    this.marks = { density: question.density && !moved ? density : null, names: question.labels && !moved ? names : [] };
    this.#timer = setTimeout(() => {
      this.marks = { density: question.density ? densityOf(question.grid) : null, names: namesOf(question) };
      this.#changed();
    }, REST);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function same(a: CrowdQuestion | null, b: CrowdQuestion | null): boolean {
  if (!a || !b) return a === b;
  const { frame: f, ...rest } = a;
  const keys = Object.keys(f) as (keyof Frame)[];
  return (
    rest.grid === b.grid && rest.labels === b.labels && rest.entries === b.entries && rest.density === b.density &&
    keys.every((key) => f[key] === b.frame[key])
  ); // prettier-ignore
}
