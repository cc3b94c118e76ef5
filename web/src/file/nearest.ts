/** The rows whose codes are nearest, by looking at all of them. */
import { rowOf, rowsOf, type Tensor } from "../backend/arrays";
import type { Codes } from "../backend/backend";

export interface Nearest {
  readonly indices: Tensor<Int32Array>;
  readonly distances: Tensor<Float32Array>;
}

export function nearestCodes(codes: Codes, z: Codes, k: number): Nearest {
  const [n, count] = [z.shape[0]!, Math.min(k, codes.shape[0]!)];
  const indices = new Int32Array(n * count);
  const distances = new Float32Array(n * count);
  rowsOf(z).forEach((at, i) => {
    const squares = squaresTo(codes, at);
    const order = smallest(squares, count);
    indices.set(order, i * count);
    distances.set(order.map((row) => Math.sqrt(squares[row]!)), i * count);
  });
  return { indices: { data: indices, shape: [n, count] }, distances: { data: distances, shape: [n, count] } };
}

function squaresTo(codes: Codes, at: Float32Array): Float64Array {
  return Float64Array.from({ length: codes.shape[0]! }, (_, row) => {
    const code = rowOf(codes, row);
    let sum = 0;
    for (let d = 0; d < at.length; d++) sum += (code[d]! - at[d]!) ** 2;
    return sum;
  });
}

/** Where the smallest values stand, the smallest first. */
function smallest(values: Float64Array, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (found.length === count && values[i]! >= values[found[count - 1]!]!) continue;
    let place = found.length;
    while (place > 0 && values[found[place - 1]!]! > values[i]!) place--;
    found.splice(place, 0, i);
    if (found.length > count) found.pop();
  }
  return found;
}
