/** Pairs of two sets of as many points, so that all distances squared together are least: by the Hungarian method. */
import { rowOf, type Tensor } from "../backend/arrays";

/** Of each of the first points, the second one that it goes to. */
export function assignment(from: Tensor<Float32Array>, to: Tensor<Float32Array>): number[] {
  const n = from.shape[0]!;
  const cost = Array.from({ length: n }, (_, i) => {
    const a = rowOf(from, i);
    return Array.from({ length: n }, (_, j) => rowOf(to, j).reduce((sum, value, d) => sum + (value - a[d]!) ** 2, 0));
  });
  return cheapest(cost);
}

/**
 * The column of each row, so that the sum of a square matrix's costs is least. Potentials u and v keep every reduced cost
 * cost − u − v from being negative; each row is added along the shortest way of reduced costs to a free column.
 */
export function cheapest(cost: readonly (readonly number[])[]): number[] {
  const n = cost.length;
  // Counted from 1; column 0 stands for the row that is being added.
  const [u, v] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  const rowOfColumn = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    rowOfColumn[0] = row;
    const way = shortestWay(cost, u, v, rowOfColumn);
    for (let column = way.end; column; column = way.from[column]!) rowOfColumn[column] = rowOfColumn[way.from[column]!]!;
  }
  const found = Array.from({ length: n }, () => 0);
  for (let column = 1; column <= n; column++) found[rowOfColumn[column]! - 1] = column - 1;
  return found;
}

/** From column 0 to a free column: which it is, and where each column on the way was reached from. */
function shortestWay(cost: readonly (readonly number[])[], u: Float64Array, v: Float64Array, rowOfColumn: Int32Array) {
  const n = cost.length;
  const [least, from, done] = [new Float64Array(n + 1).fill(Infinity), new Int32Array(n + 1), new Uint8Array(n + 1)];
  let at = 0;
  do {
    done[at] = 1;
    const row = rowOfColumn[at]!;
    let [next, step] = [0, Infinity];
    for (let column = 1; column <= n; column++) {
      if (done[column]) continue;
      const reduced = cost[row - 1]![column - 1]! - u[row]! - v[column]!;
      if (reduced < least[column]!) [least[column], from[column]] = [reduced, at];
      if (least[column]! < step) [step, next] = [least[column]!, column];
    }
    for (let column = 0; column <= n; column++) {
      if (done[column]) {
        u[rowOfColumn[column]!]! += step;
        v[column]! -= step;
      } else least[column]! -= step;
    }
    at = next;
  } while (rowOfColumn[at]);
  return { end: at, from };
}
