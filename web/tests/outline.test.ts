import { describe, expect, it } from "vitest";
import { gridIndex } from "../src/maths/grid-index";
import { Enclosure, insideOf, simplified } from "../src/maths/outline";
import type { Point } from "../src/maths/plane";
import { normal, seeded, type Uniform } from "../src/maths/random";

const corners = (...pairs: readonly [number, number][]): Point[] => pairs.map(([u, v]) => ({ u, v }));
const SQUARE = corners([0, 0], [2, 0], [2, 2], [0, 2]);

function cloud(uniform: Uniform, count: number): { xs: Float32Array; ys: Float32Array } {
  return {
    xs: Float32Array.from({ length: count }, () => 2 * normal(uniform)),
    ys: Float32Array.from({ length: count }, () => normal(uniform)),
  };
}

/** A line that wanders around and crosses itself. */
function wandering(uniform: Uniform, count: number): Point[] {
  let [u, v] = [0, 0];
  return Array.from({ length: count }, () => ({ u: (u += 0.4 * normal(uniform)), v: (v += 0.4 * normal(uniform)) }));
}

describe("points inside an outline", () => {
  it("are told by the even-odd rule", () => {
    const xs = Float32Array.from([1, 3, -1, 1, 1.999, 0.5]);
    const ys = Float32Array.from([1, 1, 1, 5, 0.001, 1.5]);
    expect([...insideOf(SQUARE, xs, ys)]).toEqual([1, 0, 0, 0, 1, 1]);
    // Around twice: the inner part is outside again.
    const twice = corners([0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [3, 1], [3, 3], [1, 3], [1, 1]);
    expect([...insideOf(twice, Float32Array.from([0.5, 2]), Float32Array.from([2, 2]))]).toEqual([1, 0]);
  });

  it("are none for what is no area", () => {
    const { xs, ys } = cloud(seeded(1), 500);
    for (const outline of [corners([0, 0]), corners([0, 0], [1, 1]), corners([0, 0], [1, 1], [2, 2])]) {
      expect(insideOf(outline, xs, ys).every((one) => one === 0)).toBe(true);
    }
  });

  it("belong to one of two neighbours, never to both or to none", () => {
    const uniform = seeded(6);
    const { xs, ys } = cloud(uniform, 3000);
    // Some lie exactly on the common edge.
    for (let i = 0; i < 200; i++) [xs[i], ys[i]] = [i / 100 - 1, i / 100 - 1];
    const left = insideOf(corners([-9, -9], [9, 9], [-9, 9]), xs, ys);
    const right = insideOf(corners([9, 9], [-9, -9], [9, -9]), xs, ys);
    left.forEach((one, i) => expect(one + right[i]!).toBe(1));
  });
});

describe("an outline that grows", () => {
  it("holds the same points as the whole one, at each corner and where it crosses itself", () => {
    const uniform = seeded(2);
    for (let round = 0; round < 8; round++) {
      const { xs, ys } = cloud(uniform, 2000);
      const grid = gridIndex(xs, ys);
      const enclosure = new Enclosure(grid);
      const line = wandering(uniform, 60);
      line.forEach((corner, k) => {
        enclosure.add(corner);
        if (k % 7 && k < line.length - 1) return;
        const expected = insideOf(line.slice(0, k + 1), xs, ys);
        const found = new Uint8Array(xs.length);
        grid.order.forEach((row, i) => (found[row] = enclosure.inside[i]!));
        expect(found).toEqual(expected);
        expect(enclosure.count).toBe(expected.reduce((sum, one) => sum + one, 0));
      });
    }
  });
});

describe("a simplified line", () => {
  it("keeps its ends and stays within the tolerance", () => {
    const uniform = seeded(5);
    const line = wandering(uniform, 300);
    const few = simplified(line, 0.3);
    expect(few.length).toBeLessThan(line.length);
    expect([few[0], few.at(-1)]).toEqual([line[0], line.at(-1)]);
    const far = line.map((point) => Math.min(...few.slice(1).map((end, i) => away(point, few[i]!, end))));
    expect(Math.max(...far)).toBeLessThanOrEqual(0.3 + 1e-12);
  });

  it("leaves corners alone", () => {
    expect(simplified(SQUARE, 0.1)).toEqual(SQUARE);
    expect(simplified(corners([0, 0], [1, 0], [2, 0], [2, 1], [2, 2]), 0.1)).toEqual(corners([0, 0], [2, 0], [2, 2]));
    expect(simplified([], 1)).toEqual([]);
  });
});

function away(p: Point, a: Point, b: Point): number {
  const square = (b.u - a.u) ** 2 + (b.v - a.v) ** 2 || 1;
  const share = Math.min(1, Math.max(0, ((p.u - a.u) * (b.u - a.u) + (p.v - a.v) * (b.v - a.v)) / square));
  return Math.hypot(p.u - a.u - share * (b.u - a.u), p.v - a.v - share * (b.v - a.v));
}
