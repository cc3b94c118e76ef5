/**
 * The shortest curve between two codes by what they decode to: the one of least energy Σ‖g(z_{i+1}) − g(z_i)‖², which is
 * walked at constant speed. The energy is a sum of squares, so Gauss and Newton's steps lead to it (damped, as Levenberg
 * and Marquardt do), from a coarse curve to a fine one. The decoder's derivatives are differences, many a call.
 */
import { Band } from "./band";

/** What codes decode to on the model's scale, one array a code. */
export type Decode = (codes: readonly Code[]) => Promise<readonly Float32Array[]>;
export type Code = readonly number[];

export interface Ways {
  /** The dimensions that the curve may bend in, and the small steps by which its derivatives are taken there. */
  readonly dims: readonly number[];
  readonly steps: readonly number[];
}

interface Curve {
  readonly codes: readonly Code[];
  readonly values: readonly Float32Array[];
  readonly energy: number;
}

/** A curve is found on at least this many pieces, whatever is asked for: with few, long chords would cut corners. */
const PIECES = 32;
const COARSEST = 8;
const [ROUNDS_COARSE, ROUNDS_FINE] = [20, 6];
const ENOUGH = 1e-3;
const DAMPING = { first: 1e-2, least: 1e-6, most: 1e4, less: 0.2, more: 8 };

/** n codes from a to b. */
export async function geodesic(a: Code, b: Code, n: number, ways: Ways, decode: Decode): Promise<Code[]> {
  const finer = Math.ceil(PIECES / (n - 1));
  const halvings = halvingsOf(finer * (n - 1));
  let codes: readonly Code[] = straight(a, b, (finer * (n - 1)) >> halvings);
  for (let level = halvings; level >= 0; level--) {
    const curve = await curveOf(codes, decode);
    // The decoder doesn't tell the ends apart: every curve is as short.
    if (!(curve.energy > 0 && Number.isFinite(curve.energy))) return straight(a, b, n - 1);
    codes = (await settled(curve, ways, decode, level === halvings ? ROUNDS_COARSE : ROUNDS_FINE)).codes;
    if (level > 0) codes = halved(codes);
  }
  return codes.filter((_, i) => i % finer === 0).map((code) => [...code]);
}

/** How often the pieces can be put together in pairs before they are too few. */
function halvingsOf(pieces: number): number {
  let halvings = 0;
  while (pieces % 2 === 0 && pieces / 2 >= COARSEST) {
    pieces /= 2;
    halvings++;
  }
  return halvings;
}

function straight(a: Code, b: Code, pieces: number): Code[] {
  return Array.from({ length: pieces + 1 }, (_, i) => between(a, b, i / pieces));
}

const between = (a: Code, b: Code, t: number): Code => a.map((value, d) => (1 - t) * value + t * b[d]!);

/** With a point more in the middle of each piece. */
function halved(codes: readonly Code[]): Code[] {
  return codes.flatMap((code, i) => (i === 0 ? [code] : [between(codes[i - 1]!, code, 0.5), code]));
}

async function curveOf(codes: readonly Code[], decode: Decode): Promise<Curve> {
  const values = await decode(codes);
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += squaredDistance(values[i - 1]!, values[i]!);
  return { codes, values, energy: sum * (values.length - 1) };
}

/** Step by step to a curve of less energy, until the steps gain nothing that can be seen. */
async function settled(curve: Curve, ways: Ways, decode: Decode, rounds: number): Promise<Curve> {
  let damping = DAMPING.first;
  for (let round = 0; round < rounds; round++) {
    const { matrix, slope } = await system(curve, ways, decode);
    let next: Curve | null = null;
    while (!next && damping <= DAMPING.most) {
      const move = matrix.solve(slope, damping * matrix.level);
      const tried = move && (await curveOf(moved(curve.codes, ways, move), decode));
      if (tried && tried.energy < curve.energy) next = tried;
      else damping *= DAMPING.more;
    }
    if (!next) return curve;
    const gain = 1 - next.energy / curve.energy;
    curve = next;
    damping = Math.max(DAMPING.least, damping * DAMPING.less);
    if (gain < ENOUGH) return curve;
  }
  return curve;
}

/** The linear system of a Gauss–Newton step: Jᵀ J of neighbouring points' differences, and minus the slope. */
async function system(curve: Curve, ways: Ways, decode: Decode): Promise<{ matrix: Band; slope: Float64Array }> {
  const width = ways.dims.length;
  const derivatives = await derivativesOf(curve, ways, decode);
  const matrix = new Band(derivatives.length, 2 * width - 1);
  const slope = new Float64Array(derivatives.length);
  derivatives.forEach((column, row) => {
    const [point, first] = [Math.floor(row / width), (Math.floor(row / width) - 1) * width];
    for (let other = Math.max(0, first); other <= row; other++) {
      const same = other >= first + width;
      matrix.set(row, other, (same ? 2 : -1) * dot(column, derivatives[other]!));
    }
    const [before, at, after] = [0, 1, 2].map((k) => curve.values[point + k]!) as [Float32Array, Float32Array, Float32Array];
    let sum = 0;
    for (let v = 0; v < at.length; v++) sum += column[v]! * (before[v]! - 2 * at[v]! + after[v]!);
    slope[row] = sum;
  });
  return { matrix, slope };
}

/** How the decoded values change with each dimension, at each point between the ends. */
async function derivativesOf({ codes, values }: Curve, { dims, steps }: Ways, decode: Decode): Promise<Float32Array[]> {
  const inner = codes.slice(1, -1);
  const nudged = inner.flatMap((code) => dims.map((dim, k) => code.map((value, d) => (d === dim ? value + steps[k]! : value))));
  const found = await decode(nudged);
  return found.map((value, row) => {
    const from = values[1 + Math.floor(row / dims.length)]!;
    const step = steps[row % dims.length]!;
    return value.map((to, v) => (to - from[v]!) / step);
  });
}

function moved(codes: readonly Code[], { dims }: Ways, move: Float64Array): Code[] {
  return codes.map((code, i) => {
    if (i === 0 || i === codes.length - 1) return code;
    const next = [...code];
    dims.forEach((dim, k) => (next[dim]! += move[(i - 1) * dims.length + k]!));
    return next;
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let v = 0; v < a.length; v++) sum += a[v]! * b[v]!;
  return sum;
}

export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let v = 0; v < a.length; v++) sum += (a[v]! - b[v]!) ** 2;
  return sum;
}
