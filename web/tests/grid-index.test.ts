import { describe, expect, it } from "vitest";
import { cellsWithin, countWithin, gridIndex, nearest, nearestAnywhere } from "../src/maths/grid-index";
import { normal, seeded } from "../src/maths/random";

const uniform = seeded(11);

function cloud(count: number) {
  const xs = Float32Array.from({ length: count }, () => normal(uniform));
  // A few far outside, which the grid's bulk leaves out.
  const ys = Float32Array.from({ length: count }, (_, i) => (i % 97 === 0 ? 50 : 1) * normal(uniform));
  return { xs, ys, grid: gridIndex(xs, ys) };
}

describe.each([1, 2, 10, 1000, 20_000])("an index of %d points", (count) => {
  const { xs, ys, grid } = cloud(count);

  it("holds each point once, at its place", () => {
    expect([...grid.order].sort((a, b) => a - b)).toEqual(Array.from(xs, (_, i) => i));
    grid.order.forEach((i, slot) => {
      expect(grid.xs[slot]).toBe(xs[i]);
      expect(grid.ys[slot]).toBe(ys[i]);
    });
    expect(grid.starts.at(-1)).toBe(count);
  });

  it("finds the nearest point", () => {
    for (let k = 0; k < 30; k++) {
      const [u, v, aspect] = [4 * uniform() - 2, 4 * uniform() - 2, 0.5 + uniform()];
      const distances = Array.from(xs, (x, i) => Math.hypot(x - u, (ys[i]! - v) / aspect));
      const least = Math.min(...distances);
      expect(distances[nearestAnywhere(grid, u, v, aspect)]).toBeCloseTo(least, 5);
      const near = nearest(grid, u, v, 0.05, aspect);
      if (near >= 0) expect(distances[near]).toBeCloseTo(least, 5);
      else expect(least).toBeGreaterThan(0.05 - 1e-6);
    }
  });

  it("misses no point of a part that is shown", () => {
    const bounds = { left: -0.5, right: 0.7, bottom: -1, top: 60 };
    const { c0, c1, r0, r1 } = cellsWithin(grid, bounds);
    const found = new Set<number>();
    for (let row = r0; row <= r1; row++) {
      const [start, stop] = [grid.starts[row * grid.columns + c0]!, grid.starts[row * grid.columns + c1 + 1]!];
      for (let slot = start; slot < stop; slot++) found.add(grid.order[slot]!);
    }
    xs.forEach((x, i) => {
      const inside = x >= bounds.left && x <= bounds.right && ys[i]! >= bounds.bottom && ys[i]! <= bounds.top;
      if (inside) expect(found.has(i)).toBe(true);
    });
    expect(countWithin(grid, bounds)).toBe(found.size);
  });
});

it("an index of no points finds none", () => {
  const grid = gridIndex(new Float32Array(0), new Float32Array(0));
  expect(nearestAnywhere(grid, 0, 0)).toBe(-1);
  expect(countWithin(grid, { left: -1, right: 1, bottom: -1, top: 1 })).toBe(0);
});

it("points on one spot are all there", () => {
  const grid = gridIndex(new Float32Array(500).fill(2), new Float32Array(500).fill(3));
  expect(grid.order.length).toBe(500);
  expect(nearest(grid, 2, 3, 0.1)).toBeGreaterThanOrEqual(0);
});

it("height is no distance where the vertical axis means nothing", () => {
  const uniform = seeded(4);
  const xs = Float32Array.from({ length: 300 }, () => 6 * uniform() - 3);
  const ys = Float32Array.from({ length: 300 }, () => 2 * uniform() - 1);
  const grid = gridIndex(xs, ys);
  for (let u = -3.2; u < 3.2; u += 0.05) {
    const away = Array.from(xs, (x) => Math.abs(x - u));
    expect(away[nearestAnywhere(grid, u, 0, Infinity)]).toBeCloseTo(Math.min(...away), 6);
  }
});
