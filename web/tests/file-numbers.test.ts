import { describe, expect, it } from "vitest";
import { Band } from "../src/file/band";
import { geodesic, squaredDistance, type Code } from "../src/file/geodesic";
import { quantile, shareBelow } from "../src/file/normal";
import { planesOf, valuesOf } from "../src/file/picture";
import { fitted } from "../src/file/resample";
import { seeded } from "../src/maths/random";
import { mockAbout } from "../src/backend/mock";

describe("the standard normal", () => {
  it("agrees with tables", () => {
    expect(shareBelow(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(quantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(quantile(0.0125)).toBeCloseTo(-2.241402727604947, 13);
    expect(quantile(0.5)).toBe(0);
    expect(quantile(1e-9)).toBeCloseTo(-5.9978070150076869, 6);
    expect([quantile(0), quantile(1)]).toEqual([-Infinity, Infinity]);
    expect(quantile(1.5)).toBeNaN();
  });
});

describe("a band of a matrix", () => {
  it("solves what it is multiplied to", () => {
    const uniform = seeded(1);
    const [size, reach] = [9, 3];
    const band = new Band(size, reach);
    for (let i = 0; i < size; i++) {
      for (let j = Math.max(0, i - reach); j <= i; j++) band.set(i, j, i === j ? 5 : uniform() - 0.5);
    }
    const x = Float64Array.from({ length: size }, () => uniform());
    const entry = (i: number, j: number): number => (Math.abs(i - j) > reach ? 0 : i >= j ? band.get(i, j) : band.get(j, i));
    const b = x.map((_, i) => x.reduce((sum, value, j) => sum + (entry(i, j) + (i === j ? 0.5 : 0)) * value, 0));
    band.solve(b, 0.5)!.forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 12));
    expect(band.level).toBe(5);
    expect(band.solve(b, -6)).toBeNull();
  });
});

describe("geodesics", () => {
  /** The plane on the unit sphere, seen from its pole: shortest curves are arcs of great circles. */
  const sphere = (z: Code): Float32Array => {
    const square = z.reduce((sum, value) => sum + value * value, 0);
    return Float32Array.from([...z.map((value) => (2 * value) / (1 + square)), (square - 1) / (1 + square)]);
  };
  const decode = async (codes: readonly Code[]): Promise<Float32Array[]> => codes.map(sphere);
  const ways = { dims: [0, 1], steps: [0.01, 0.01] };

  it("are arcs of great circles on a sphere, at constant speed", async () => {
    const [a, b] = [[1.2, 0.3], [-0.4, 1.5]];
    const codes = await geodesic(a, b, 12, ways, decode);
    expect([codes.length, codes[0], codes.at(-1)]).toEqual([12, a, b]);
    const points = codes.map(sphere);
    const [from, to] = [points[0]!, points.at(-1)!];
    const angle = Math.acos(from.reduce((sum, value, d) => sum + value * to[d]!, 0));
    points.slice(1).forEach((point, i) => {
      expect(2 * Math.asin(Math.sqrt(squaredDistance(points[i]!, point)) / 2)).toBeCloseTo(angle / 11, 3);
    });
    points.forEach((point, i) => {
      const [u, v] = [Math.sin((1 - i / 11) * angle) / Math.sin(angle), Math.sin((i / 11) * angle) / Math.sin(angle)];
      point.forEach((value, d) => expect(value).toBeCloseTo(u * from[d]! + v * to[d]!, 2));
    });
  });

  it("bend in the dimensions that are given alone", async () => {
    const straight = await geodesic([1, 0.3], [-0.4, 1.5], 5, { dims: [0], steps: [0.01] }, decode);
    straight.forEach((code, i) => expect(code[1]).toBeCloseTo(0.3 + 0.3 * i));
  });

  it("are straight where the decoder tells nothing apart", async () => {
    const flat = async (codes: readonly Code[]): Promise<Float32Array[]> => codes.map(() => new Float32Array(2));
    expect(await geodesic([0, 0], [2, 4], 3, ways, flat)).toEqual([[0, 0], [1, 2], [2, 4]]);
    expect((await geodesic([0, 0], [2, 4], 2, ways, flat)).length).toBe(2);
  });
});

describe("pictures", () => {
  const [width, height] = [13, 9];
  const plane = {
    data: Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return (x * 37 + y * 91 + x * y * 11) % 256;
    }),
    width,
    height,
  };

  // Pillow's ImageOps.fit with LANCZOS gave these.
  it.each([
    [4, 4, [134, 136, 115, 77, 130, 109, 153, 128, 136, 115, 153, 110, 157, 128, 114, 127]],
    [5, 2, [127, 122, 129, 139, 89, 125, 127, 136, 125, 138]],
    [20, 16, [14, 37, 52, 63, 87, 126, 169, 185, 216, 253, 169, 10, 0, 13, 65, 96, 113, 124, 144, 170]],
  ])("are cropped and resampled to %i × %i", (width, height, expected) => {
    const found = fitted(plane, { width, height });
    expect([found.width, found.height, found.data.length]).toEqual([width, height, width * height]);
    expected.forEach((value, i) => expect(Math.abs(found.data[i]! - value)).toBeLessThanOrEqual(1));
  });

  it("shrink first where there is more to shrink", () => {
    const tall = { data: Uint8Array.from({ length: 300 }, (_, i) => (i % 7 < 3 ? 255 : 0)), width: 10, height: 30 };
    expect(Array.from(fitted(tall, { width: 3, height: 2 }).data)).toEqual([113, 109, 109, 106, 110, 111]);
  });

  const rgba = {
    data: Uint8ClampedArray.from([217, 163, 130, 255, 69, 78, 10, 255, 19, 4, 44, 255]),
    width: 3,
    height: 1,
  };

  it("are grey by the eye's weights", () => {
    expect(planesOf(rgba, 1).map(({ data }) => Array.from(data))).toEqual([[175, 68, 13]]);
  });

  it("have two channels as red and cyan, and their own order", () => {
    const planes = planesOf(rgba, 2);
    expect(planes.map(({ data }) => Array.from(data))).toEqual([[217, 69, 19], [146, 44, 24]]);
    const about = { ...mockAbout(), channels: 2, limits: [0, 510] as const, dtype: "uint8", position: "last" as const };
    expect(Array.from(valuesOf(planes, about))).toEqual([434, 292, 138, 88, 38, 48]);
    expect(Array.from(valuesOf(planes, { ...about, position: "first" }))).toEqual([434, 138, 38, 292, 88, 48]);
  });
});
