/** Directions at right angles to each other that stay as near as they can to what they were. */

export type Vector = Float64Array;

/** Below this share of a direction's length, what the others leave of it is nothing. */
const NOTHING = 1e-6;
const MOST_SWEEPS = 60;
const RIGHT = 1e-15;

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

export const lengthOf = (v: ArrayLike<number>): number => Math.sqrt(dot(v, v));

const scaled = (v: Vector, factor: number): Vector => v.map((value) => factor * value);

/**
 * The set of orthogonal vectors that is closest to all of these, whatever their order, each as long as before:
 * (V Vᵀ)^(−1/2) V for unit vectors V as rows. Null where one is zero or a combination of the others.
 *
 * P.-O. Löwdin, On the non-orthogonality problem connected with the use of atomic wave functions, 1950.
 */
export function orthogonalised(vectors: readonly Vector[]): Vector[] | null {
  const lengths = vectors.map(lengthOf);
  const width = vectors[0]?.length ?? 0;
  if (vectors.length > width || lengths.some((length) => !(length > 0))) return null;
  const turned = vectors.map((v, k) => scaled(v, 1 / lengths[k]!));
  const turns = vectors.map((_, k) => Float64Array.from(vectors, (_, j) => Number(j === k)));
  rightAngled(turned, turns);
  // With V = JᵀΣW the set is JᵀW. Working on V rather than on V Vᵀ keeps the digits of nearly parallel directions.
  const singular = turned.map(lengthOf);
  if (Math.min(...singular) <= NOTHING) return null;
  return vectors.map((_, k) => {
    const sum = new Float64Array(width);
    turned.forEach((w, j) => {
      const weight = (turns[j]![k]! * lengths[k]!) / singular[j]!;
      for (let d = 0; d < width; d++) sum[d]! += weight * w[d]!;
    });
    return sum;
  });
}

/** Turns pairs of rows in their planes until all are at right angles, and with them the rows of `turns` (Jacobi). */
function rightAngled(rows: readonly Vector[], turns: readonly Vector[]): void {
  for (let sweep = 0, turning = true; turning && sweep < MOST_SWEEPS; sweep++) {
    turning = false;
    for (let i = 0; i < rows.length; i++) {
      for (let j = i + 1; j < rows.length; j++) {
        const [a, b] = [rows[i]!, rows[j]!];
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (Math.abs(ab) <= RIGHT * Math.sqrt(aa * bb)) continue;
        turning = true;
        const ratio = (bb - aa) / (2 * ab);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(1 + ratio * ratio));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        turn(a, b, cosine, cosine * tangent);
        turn(turns[i]!, turns[j]!, cosine, cosine * tangent);
      }
    }
  }
}

function turn(a: Vector, b: Vector, cosine: number, sine: number): void {
  for (let d = 0; d < a.length; d++) {
    const [x, y] = [a[d]!, b[d]!];
    a[d] = cosine * x - sine * y;
    b[d] = sine * x + cosine * y;
  }
}
