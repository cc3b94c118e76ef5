import { expect, it } from "vitest";
import { gridIndex } from "../src/maths/grid-index";
import { frameOf } from "../src/maths/view";
import { pointsOf } from "../src/map/ready";
import { thinned, thinning } from "../src/map/thinning";
import { HIDDEN, MARGIN, densitySteps, drawPoints, sizeFor, stampOf, type Surface } from "../src/map/points";

const SIDE = 40;
const RED = 0x0000ff;

function surface(): Surface {
  const width = SIDE + 2 * MARGIN;
  return { pixels: new Uint32Array(width * width), width, height: width };
}

/** The alpha of a pixel of the map. */
function alphaAt({ pixels, width }: Surface, x: number, y: number): number {
  return pixels[(y + MARGIN) * width + x + MARGIN]! >>> 24;
}

function drawn(places: readonly [number, number][], size: number, colours = Int32Array.of(RED), share = 0.5): Surface {
  const to = surface();
  const grid = gridIndex(Float32Array.from(places, ([x]) => x), Float32Array.from(places, ([, y]) => y));
  // One unit is one pixel; (0, 0) is the map's middle.
  const frame = frameOf({ u: 0, v: 0, span: SIDE }, SIDE, SIDE, 1);
  const style = { stamp: stampOf(size, to.width), next: densitySteps(share), ratio: 1 };
  drawPoints(to, grid, frame, new Uint8Array(places.length), colours, style);
  return to;
}

it.each([1, 2, 3, 4, 5, 6, 9])("a point of %d pixels lies where it belongs, in its colour", (size) => {
  const to = drawn([[3.5, 7.5]], size);
  const covered = to.pixels.reduce((sum, pixel) => sum + Number(pixel !== 0), 0);
  expect(covered).toBeLessThanOrEqual((size + 1) ** 2);
  expect(covered).toBeGreaterThanOrEqual(size * size * 0.7);
  expect(alphaAt(to, 23, 12)).toBeGreaterThan(0);
  expect(to.pixels.find((pixel) => pixel !== 0)! & 0xffffff).toBe(RED);
});

it("more points on one spot are denser", () => {
  const alphas = [1, 2, 4, 20].map((count) => {
    const places = Array.from({ length: count }, (): [number, number] => [0.5, 0.5]);
    return alphaAt(drawn(places, 1), 20, 19);
  });
  expect(alphas[0]).toBeCloseTo(128, -1);
  expect([...alphas].sort((a, b) => a - b)).toEqual(alphas);
  expect(alphas[3]).toBe(255);
});

it.each([1, 2, 5, 12])("points of %d pixels at and beyond the edge neither wrap around nor fail", (size) => {
  const seen: [number, number][] = [[-20, 0], [20, 0], [0, 20], [0, -20], [19.9, 19.9], [-20, -20]];
  for (const [u, v] of seen) {
    const { pixels, width } = drawn([[u, v]], size);
    const [x, y] = [u + SIDE / 2 + MARGIN, SIDE / 2 - v + MARGIN];
    const covered = [...pixels.keys()].filter((i) => pixels[i] !== 0);
    expect(covered.length).toBeGreaterThan(0);
    for (const i of covered) {
      expect(Math.abs((i % width) + 0.5 - x)).toBeLessThanOrEqual(size / 2 + 1);
      expect(Math.abs(Math.floor(i / width) + 0.5 - y)).toBeLessThanOrEqual(size / 2 + 1);
    }
  }
  const unseen: [number, number][] = [[40, 0], [0, -40], [1e9, 0], [-1e9, 1e9], [Number.NaN, 0], [0, Number.NaN]];
  expect(drawn(unseen, size).pixels.every((pixel) => pixel === 0)).toBe(true);
  // At the buffer's own edge: what does not lie in it whole is left out rather than continued on the other side.
  for (const [u, v] of [[27.5, 0], [-28, 0], [0, 27.5], [27.5, 27.5]] as const) {
    const { pixels, width } = drawn([[u, v]], size);
    const columns = [...pixels.keys()].filter((i) => pixels[i] !== 0).map((i) => i % width);
    expect(Math.max(...columns, 0) - Math.min(...columns, width)).toBeLessThanOrEqual(size);
  }
});

it("hidden kinds are not drawn", () => {
  expect(drawn([[0, 0]], 5, Int32Array.of(HIDDEN)).pixels.every((pixel) => pixel === 0)).toBe(true);
});

it("points are small in a crowd and large where few show", () => {
  expect(sizeFor(1_000_000, 900, 700).size).toBe(1);
  expect(sizeFor(70_000, 900, 700).size).toBe(2);
  expect(sizeFor(150, 900, 700).size).toBe(6);
  expect(sizeFor(1_000_000, 900, 700).share).toBeLessThan(sizeFor(150, 900, 700).share);
});

it("over a lattice as many points stay as leave room for it, of every class alike, in their own colours", () => {
  const count = 20_000;
  const places = Float32Array.from({ length: count }, (_, row) => (row * 0.7548776662) % 1);
  const grid = gridIndex(places, Float32Array.from(places, (x) => (x * 131.7) % 1));
  const kinds = Uint8Array.from({ length: count }, (_, row) => row % 10);
  const frame = frameOf({ u: 0.5, v: 0.5, span: 1.1 }, 400, 400, 1);
  const among = thinning(grid, frame);
  expect(among).toBe(32);
  const all = pointsOf(grid, { kinds, layers: [Int32Array.of(RED)], legend: { kind: "none" } });
  const fewer = thinned(all, among);
  expect(fewer.grid.count).toBeGreaterThan(0.95 * (count / among));
  expect(fewer.grid.count).toBeLessThan(1.05 * (count / among));
  const each = Array.from({ length: 10 }, (_, kind) => fewer.kinds.filter((other) => other === kind).length);
  expect(Math.min(...each)).toBeGreaterThan(0.7 * (count / among / 10));
  // A point keeps its kind: its row is found by its place.
  const kindAt = new Map(Array.from(places, (x, row) => [x, kinds[row]!]));
  fewer.grid.xs.forEach((x, i) => expect(kindAt.get(x)).toBe(fewer.kinds[i]));
  expect(thinned(all, 1).grid).toBe(grid);
  // Closer, there are fewer points and more of them are drawn.
  expect(thinning(grid, frameOf({ u: 0.5, v: 0.5, span: 0.05 }, 400, 400, 1))).toBe(1);
});
