import { expect, it } from "vitest";
import { seeded } from "../src/maths/random";
import { decimals, endText, tickText, ticks } from "../src/maths/ticks";
import {
  bounded, boundsOf, exitTo, fitted, frameOf, including, panned, pointAt, screenX, screenY, showing, widened, zoomed,
} from "../src/maths/view"; // prettier-ignore

const uniform = seeded(9);
const some = () => ({
  view: { u: uniform() - 0.5, v: uniform() - 0.5, span: 0.1 + 5 * uniform() },
  width: 100 + 900 * uniform(),
  height: 100 + 900 * uniform(),
  aspect: 0.2 + 2 * uniform(),
});

it("pixels and places are each other's inverse", () => {
  for (let i = 0; i < 100; i++) {
    const { view, width, height, aspect } = some();
    const frame = frameOf(view, width, height, aspect);
    const [x, y] = [uniform() * width, uniform() * height];
    const { u, v } = pointAt(frame, x, y);
    expect(screenX(frame, u)).toBeCloseTo(x, 6);
    expect(screenY(frame, v)).toBeCloseTo(y, 6);
    expect(pointAt(frame, width / 2, height / 2).u).toBeCloseTo(view.u, 10);
  }
});

it("zooming keeps what lies under the pointer", () => {
  for (let i = 0; i < 100; i++) {
    const { view, width, height, aspect } = some();
    const frame = frameOf(view, width, height, aspect);
    const [x, y, factor] = [uniform() * width, uniform() * height, 0.5 + uniform()];
    const next = frameOf(zoomed(view, frame, x, y, factor, view), width, height, aspect);
    expect(pointAt(next, x, y).u).toBeCloseTo(pointAt(frame, x, y).u, 6);
    expect(pointAt(next, x, y).v).toBeCloseTo(pointAt(frame, x, y).v, 6);
    expect(next.pixelsU / frame.pixelsU).toBeCloseTo(factor, 6);
  }
});

it("zooming ends somewhere, panning moves by pixels", () => {
  const { view, width, height } = some();
  const frame = frameOf(view, width, height, 1);
  expect(zoomed(view, frame, 0, 0, 1e9, view).span).toBeCloseTo(view.span / 1000);
  expect(zoomed(view, frame, 0, 0, 1e-9, view).span).toBeCloseTo(view.span * 50);
  expect(bounded({ u: 1, v: 2, span: 1e-30 }, view)).toEqual({ u: 1, v: 2, span: view.span / 1000 });
  expect(bounded(view, view)).toBe(view);
  const moved = frameOf(panned(view, frame, 30, -20), width, height, 1);
  expect(screenX(moved, view.u) - screenX(frame, view.u)).toBeCloseTo(30);
  expect(screenY(moved, view.v) - screenY(frame, view.v)).toBeCloseTo(-20);
});

it("a fitted view shows all, on maps of any shape", () => {
  for (let i = 0; i < 100; i++) {
    const { width, height, aspect } = some();
    const bounds = { left: -uniform() * 4, right: uniform() * 4, bottom: -uniform() * 4, top: uniform() * 4 };
    const shown = boundsOf(frameOf(fitted(bounds, width, height, aspect), width, height, aspect));
    expect(shown.left).toBeLessThan(bounds.left);
    expect(shown.right).toBeGreaterThan(bounds.right);
    expect(shown.bottom).toBeLessThan(bounds.bottom);
    expect(shown.top).toBeGreaterThan(bounds.top);
  }
});

it("a single place is shown in some of the plane around it", () => {
  const one = { left: 2, right: 2, bottom: -1, top: -1 };
  expect(widened(one, 1, 4)).toEqual({ left: 1.5, right: 2.5, bottom: -3, top: 1 });
  const wide = { left: 2, right: 2.5, bottom: -1, top: 3 };
  expect(widened(wide, 1, 4)).toEqual(wide);
});

it("all includes the probe, unless that would make a speck of the rest", () => {
  const bounds = { left: 0, right: 1, bottom: 0, top: 1 };
  expect(including(bounds, { u: 0.5, v: 0.9 }, 0.1)).toBe(bounds);
  const more = including(bounds, { u: 3, v: 0.5 }, 0.25);
  expect([more.left, more.bottom, more.top]).toEqual([0, 0, 1]);
  expect(more.right).toBe(4);
  expect(including(bounds, { u: 40, v: 0.5 }, 0.1)).toBe(bounds);
  expect(including(bounds, { u: Number.NaN, v: 0.5 }, 0.1)).toBe(bounds);
});

it("a point off the map is pointed to from its edge", () => {
  const frame = frameOf({ u: 0, v: 0, span: 2 }, 200, 100, 1);
  expect(exitTo(frame, { u: 1.9, v: 0.9 }, 10)).toBeNull();
  expect(exitTo(frame, { u: 50, v: 0 }, 10)).toEqual({ x: 190, y: 50, angle: 0 });
  expect(exitTo(frame, { u: 0, v: -50 }, 10, 30)).toEqual({ x: 100, y: 70, angle: Math.PI / 2 });
  for (let i = 0; i < 100; i++) {
    const exit = exitTo(frame, { u: 40 * uniform() - 20, v: 40 * uniform() - 20 }, 10);
    if (!exit) continue;
    expect(Math.min(exit.x, 200 - exit.x, exit.y, 100 - exit.y)).toBeCloseTo(10, 6);
  }
});

it("moves the map only when a point is out of sight", () => {
  const view = { u: 0, v: 0, span: 2 };
  const frame = frameOf(view, 100, 100, 1);
  expect(showing(view, frame, { u: 0.5, v: -0.5 }, 10)).toBe(view);
  const next = frameOf(showing(view, frame, { u: 5, v: -5 }, 10), 100, 100, 1);
  expect(screenX(next, 5)).toBeCloseTo(90);
  expect(screenY(next, -5)).toBeCloseTo(90);
});

it("numbers of an axis and the ends of a ramp are told apart, years and whole numbers as they are", () => {
  const texts = (values: readonly number[]): string[] => values.map((value) => tickText(value, values));
  expect(texts([1990, 2000, 2010])).toEqual(["1990", "2000", "2010"]);
  expect(texts([1.7e9, 1.7e9 + 500, 1.7e9 + 1000])).toEqual(["1700000000", "1700000500", "1700001000"]);
  expect(texts([2460000.5, 2460001, 2460001.5])).toEqual(["2460000.5", "2460001.0", "2460001.5"]);
  expect(texts([0, 5e7, 1e8])).toEqual(["0", "5.0e+7", "1.0e+8"]);
  expect(texts([1e20, 1.01e20, 1.02e20])).toEqual(["1.00e+20", "1.01e+20", "1.02e+20"]);
  // Years: without a comma, and parts of one only where the range has few of them.
  expect(endText(2011.33, 2011.33, 2025.1)).toBe("2011");
  expect(endText(2020.4, 2020.4, 2021.9)).toBe("2020.4");
  const ends = (low: number, high: number): string[] => [low, high].map((value) => endText(value, low, high));
  expect(ends(1, 89)).toEqual(["1", "89"]);
  expect(ends(1990, 2019)).toEqual(["1990", "2019"]);
  expect(ends(0, 60_000)).toEqual(["0", "60,000"]);
  expect(ends(2.913, 6.487)).toEqual(["2.91", "6.49"]);
  expect(ends(140.3, 207.9)).toEqual(["140", "208"]);
  expect(ends(-0.0002, 0.0007)).toEqual(["\u22122.0e\u22124", "7.0e\u22124"]);
  expect(ends(3.5, 3.5)).toEqual(["3.50", "3.50"]);
});

it("ticks are round, inside, and about as many as asked for", () => {
  expect(ticks(-3.2, 3.1, 6)).toEqual([-2, 0, 2]);
  expect(ticks(-0.25, 0.25, 5)).toEqual([-0.2, -0.1, 0, 0.1, 0.2]);
  expect(decimals(ticks(-0.25, 0.25, 5))).toBe(1);
  expect(decimals([0, 200])).toBe(0);
  expect(ticks(1, 1, 5)).toEqual([]);
  for (let i = 0; i < 100; i++) {
    const low = 10 * uniform() - 5;
    const high = low + 10 ** (4 * uniform() - 2);
    const found = ticks(low, high, 6);
    expect(found.length).toBeGreaterThanOrEqual(2);
    expect(found.length).toBeLessThanOrEqual(7);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(low - 1e-9);
    expect(Math.max(...found)).toBeLessThanOrEqual(high + 1e-9);
  }
});
