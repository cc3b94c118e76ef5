import { describe, expect, it } from "vitest";
import { fixed, percent, plural, short, withError } from "../src/maths/format";
import { linear, spherical } from "../src/maths/paths";
import { ascending, histogram, quantile, shareBelow } from "../src/maths/percentile";
import { draw, normal, seeded } from "../src/maths/random";

describe("where a value stands", () => {
  const sorted = ascending(Float32Array.of(3, 1, 2, 2, Number.NaN));

  it("is the share of smaller ones, equal ones counted half", () => {
    expect([...sorted]).toEqual([1, 2, 2, 3]);
    expect([0, 1, 2, 3, 9].map((value) => shareBelow(sorted, value))).toEqual([0, 0.125, 0.5, 0.875, 1]);
    expect(shareBelow(new Float32Array(0), 1)).toBeNaN();
  });

  it("and quantiles go the other way", () => {
    expect([0, 0.5, 1].map((share) => quantile(sorted, share))).toEqual([1, 2, 3]);
    expect(quantile(Float32Array.of(0, 10), 0.25)).toBe(2.5);
  });

  it("bins hold all values between the ends, once", () => {
    const values = ascending(Float32Array.from({ length: 1000 }, (_, i) => i % 100));
    const counts = histogram(values, 0, 99, 7);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(histogram(values, 10, 19, 1)).toEqual([100]);
  });
});

describe("curves", () => {
  const uniform = seeded(4);
  const mean = [1, -1, 0, 2];
  const deviation = [1, 2, 0.5, 1];

  it("begin and end where they should", () => {
    const [a, b] = [draw(uniform, mean, deviation), draw(uniform, mean, deviation)];
    for (const curve of [linear(a, b, 7), spherical(a, b, 7, mean, deviation)!]) {
      expect(curve.length).toBe(7);
      curve[0]!.forEach((value, d) => expect(value).toBeCloseTo(a[d]!, 10));
      curve[6]!.forEach((value, d) => expect(value).toBeCloseTo(b[d]!, 10));
    }
  });

  it("on the shell keep between the lengths of their ends, seen from the prior", () => {
    const length = (z: number[]): number => Math.hypot(...z.map((value, d) => (value - mean[d]!) / deviation[d]!));
    for (let i = 0; i < 50; i++) {
      const direction = (): number[] => draw(uniform, [0, 0, 0, 0], [1, 1, 1, 1]);
      const on = (d: number[]): number[] => d.map((value, k) => mean[k]! + (deviation[k]! * 2 * value) / Math.hypot(...d));
      const [a, b] = [on(direction()), on(direction())];
      for (const z of spherical(a, b, 9, mean, deviation)!) expect(length(z)).toBeCloseTo(2, 6);
      const far = b.map((value, d) => mean[d]! + 3 * (value - mean[d]!));
      spherical(a, far, 9, mean, deviation)!.forEach((z, k) => expect(length(z)).toBeCloseTo(2 + k / 2, 6));
    }
  });

  it("on one ray are straight, and between opposites there is none", () => {
    expect(spherical([2, 0], [4, 0], 3, [0, 0], [1, 1])).toEqual([[2, 0], [3, 0], [4, 0]]);
    expect(spherical([1, 0], [-1, 0], 3, [0, 0], [1, 1])).toBeNull();
  });
});

it("random numbers repeat with their seed and look random", () => {
  const draws = (seed: number): number[] => {
    const uniform = seeded(seed);
    return Array.from({ length: 20_000 }, () => normal(uniform));
  };
  const values = draws(1);
  expect(draws(1)).toEqual(values);
  expect(draws(2)[0]).not.toBe(values[0]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length).toBeCloseTo(1, 1);
});

it("numbers read well", () => {
  expect([fixed(-0.0001, 2), fixed(-1.5, 1), fixed(Number.NaN, 1)]).toEqual(["0.00", "−1.5", "–"]);
  expect([0, 0.0421, 3.14159, -42.42, 18452.3, 2e7, 1e-5].map(short)).toEqual([
    "0.000", "0.042", "3.14", "−42.4", "18,452", "2.0e+7", "1.0e−5",
  ]); // prettier-ignore
  expect([0, 0.004, 0.42, 0.9991, 1].map(percent)).toEqual(["0 %", "0.4 %", "42 %", "99.9 %", "100 %"]);
  expect([plural(1, "row"), plural(1797, "row")]).toEqual(["1 row", "1,797 rows"]);
  expect(withError(12.8123, 0.4951)).toEqual(["12.81", "0.50"]);
  expect(withError(615.4, 196.2)).toEqual(["615", "196"]);
});
