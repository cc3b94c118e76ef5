/** Which rows a tour goes to: typical ones of classes that lie far apart, or any where nothing is known of them. */
import type { About, Codes } from "../backend/backend";

export interface Known {
  readonly about: About;
  /** As far as they have come. */
  readonly codes: Codes | null;
  readonly labels: Int32Array | null;
}

/** More classes than these are looked at in part: the ends of a walk only have to differ. */
const MOST_CLASSES = 60;
/** So many rows of a class are tried, by so many neighbours among so many rows. */
const [TRIED, VOTES, AMONG] = [12, 10, 2048];

export interface Ends {
  readonly a: number;
  readonly b: number;
  /** Their classes' names, where they have any. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Two rows to walk between; null where there are not two. */
export function endsOf({ about, codes, labels }: Known): Ends | null {
  if (about.rows < 2) return null;
  const names = about.unlabelled ? about.labels?.slice(0, -1) : about.labels;
  const classes = labels && names && names.length > 1 ? typical(labels, Math.min(names.length, MOST_CLASSES), codes) : [];
  if (classes.length > 1) {
    const [one, other] = farthest(classes);
    return { a: one.row, b: other.row, from: names![one.label]!, to: names![other.label]! };
  }
  return { a: 0, b: farthestFrom(0, codes) ?? Math.min(about.rows - 1, 1), from: null, to: null };
}

interface Typical {
  readonly label: number;
  readonly row: number;
  readonly code: ArrayLike<number> | null;
}

/**
 * Of each class a row that lies among its own, since what a decoder makes of a place is like the rows about it: of those
 * with most neighbours of the class the one nearest to the mean of its codes. Without codes its first row.
 */
function typical(labels: Int32Array, count: number, codes: Codes | null): Typical[] {
  const rows = Array.from({ length: count }, (): number[] => []);
  labels.forEach((label, row) => void (label >= 0 && rows[label]?.push(row)));
  return rows.flatMap((own, label): Typical[] => {
    if (own.length === 0) return [];
    const placed = codes ? own.filter((row) => row < codes.shape[0]!) : [];
    if (!codes || placed.length === 0) return [{ label, row: own[0]!, code: null }];
    const mean = meanOf(placed, codes);
    const middle = placed.reduce((best, row) => (distance(codes, row, mean) < distance(codes, best, mean) ? row : best));
    const tried = [middle, ...some(placed, TRIED)].map((row) => ({ row, votes: votes(row, codes, labels), far: distance(codes, row, mean) }));
    const { row } = tried.reduce((best, one) => (one.votes > best.votes || (one.votes === best.votes && one.far < best.far) ? one : best));
    return [{ label, row, code: codeOf(row, codes) }];
  });
}

/** How many of the rows about a row are of its class. */
function votes(row: number, codes: Codes, labels: Int32Array): number {
  const code = codeOf(row, codes);
  const nearest: { far: number; own: boolean }[] = [];
  const step = Math.max(1, Math.floor(codes.shape[0]! / AMONG));
  for (let other = 0; other < codes.shape[0]!; other += step) {
    if (other === row) continue;
    const far = distance(codes, other, code);
    if (nearest.length === VOTES && far >= nearest[VOTES - 1]!.far) continue;
    const at = nearest.findIndex((one) => far < one.far);
    nearest.splice(at < 0 ? nearest.length : at, 0, { far, own: labels[other] === labels[row] });
    nearest.length = Math.min(nearest.length, VOTES);
  }
  return nearest.filter(({ own }) => own).length;
}

/** At most so many, spread over all. */
function some(rows: readonly number[], most: number): number[] {
  return rows.length <= most ? [...rows] : Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);
}

function codeOf(row: number, { data, shape }: Codes): ArrayLike<number> {
  return data.subarray(row * shape[1]!, (row + 1) * shape[1]!);
}

function meanOf(rows: readonly number[], { data, shape }: Codes): number[] {
  const width = shape[1]!;
  return Array.from({ length: width }, (_, d) => rows.reduce((sum, row) => sum + data[row * width + d]!, 0) / rows.length);
}

function distance({ data, shape }: Codes, row: number, to: ArrayLike<number>): number {
  const width = shape[1]!;
  let sum = 0;
  for (let d = 0; d < width; d++) sum += (data[row * width + d]! - to[d]!) ** 2;
  return sum;
}

function farthest(classes: readonly Typical[]): [Typical, Typical] {
  let best: [Typical, Typical] = [classes[0]!, classes[1]!];
  let most = -1;
  for (const [i, one] of classes.entries()) {
    for (const other of classes.slice(i + 1)) {
      if (!one.code || !other.code) continue;
      let far = 0;
      for (let d = 0; d < one.code.length; d++) far += (one.code[d]! - other.code[d]!) ** 2;
      if (far > most) [best, most] = [[one, other], far];
    }
  }
  return best;
}

/** Over some thousand rows at most: the farthest of them is far enough. */
function farthestFrom(row: number, codes: Codes | null): number | null {
  const [count = 0, width = 1] = codes?.shape ?? [];
  if (!codes || count < 2) return null;
  const at = codes.data.subarray(row * width, (row + 1) * width);
  const step = Math.max(1, Math.floor(count / 4096));
  let best = row === 0 ? 1 : 0;
  for (let other = 0; other < count; other += step) if (distance(codes, other, at) > distance(codes, best, at)) best = other;
  return best;
}
