import { describe, expect, it } from "vitest";
import { SHARES, regionsOnLine, regionsOnPlane, type Region } from "../src/maths/density";
import { draw, seeded } from "../src/maths/random";

/** Draws of a mixture in equal parts. */
function mixture(n: number, seed: number, parts: readonly (readonly [number, number, number])[]) {
  const uniform = seeded(seed);
  const codes = Array.from({ length: n }, () => {
    const [x, y, deviation] = parts[Math.floor(uniform() * parts.length)]!;
    return draw(uniform, [x, y], [deviation, deviation]);
  });
  return [Float32Array.from(codes, ([x]) => x!), Float32Array.from(codes, ([, y]) => y!)] as const;
}

/** Even or odd: holes count. */
function holds({ outlines }: Region, u: number, v: number): boolean {
  let inside = false;
  for (const ring of outlines) {
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length]!;
      if (a.v > v !== b.v > v && u < a.u + ((v - a.v) / (b.v - a.v)) * (b.u - a.u)) inside = !inside;
    });
  }
  return inside;
}

const LAWS = {
  "three clusters": [[-3, 0, 0.3], [3, 0, 0.3], [0, 4, 0.8]],
  "a Gaussian": [[1, -2, 1]],
  "far apart and narrow": [[-10, 0, 0.1], [10, 5, 0.1]],
} as const;

describe("regions of highest density on a plane", () => {
  for (const [name, parts] of Object.entries(LAWS)) {
    it(`hold the shares they claim of fresh draws: ${name}`, () => {
      const regions = regionsOnPlane(...mixture(8192, 1, parts));
      const [xs, ys] = mixture(20_000, 2, parts);
      for (const region of regions) {
        const held = xs.reduce((count, u, i) => count + Number(holds(region, u, ys[i]!)), 0) / xs.length;
        expect(Math.abs(held - region.share)).toBeLessThan(0.02);
      }
      expect(regions.map(({ share }) => share)).toEqual(SHARES.plane);
    });
  }

  it("are apart where clusters are, and leave the middle out", () => {
    const [inner, , outer] = regionsOnPlane(...mixture(8192, 1, LAWS["three clusters"]));
    expect(outer!.outlines.length).toBeGreaterThanOrEqual(3);
    expect(inner!.outlines.length).toBe(2); // the wide cluster is the least dense
    expect(outer!.outlines.some((ring) => ring.some(({ u, v }) => Math.hypot(u, v - 1) < 0.5))).toBe(false);
  });

  it("of a Gaussian are about its ellipses", () => {
    const regions = regionsOnPlane(...mixture(8192, 3, LAWS["a Gaussian"]));
    regions.forEach(({ outlines }, i) => {
      const largest = [...outlines].sort((a, b) => b.length - a.length)[0]!;
      const radii = largest.map(({ u, v }) => Math.hypot(u - 1, v + 2));
      const middle = radii.reduce((sum, radius) => sum + radius, 0) / radii.length;
      expect(Math.abs(middle - (i + 1))).toBeLessThan(0.12 * (i + 1));
    });
  });

  it("are had of codes that are few, on points, or all alike", () => {
    const points = Float32Array.from({ length: 900 }, (_, i) => i % 3);
    const regions = regionsOnPlane(points, points.map((u) => u * u));
    expect(regions[2]!.outlines.length).toBe(3);
    expect(holds(regions[2]!, 1, 1) && !holds(regions[2]!, 1, 2)).toBe(true);
    expect(holds(regionsOnPlane(new Float32Array(5).fill(7), new Float32Array(5).fill(-1))[2]!, 7, -1)).toBe(true);
    expect(regionsOnPlane(Float32Array.of(1), Float32Array.of(2)).length).toBe(3);
  });
});

it("on a line they are intervals that hold their shares", () => {
  const parts = [[-3, 0, 0.3], [3, 0, 0.6]] as const;
  const regions = regionsOnLine(mixture(8192, 1, parts)[0]);
  const fresh = mixture(20_000, 2, parts)[0];
  for (const { share, outlines } of regions) {
    const held = fresh.filter((u) => outlines.some(([a, b]) => a!.u <= u && u <= b!.u)).length / fresh.length;
    expect(Math.abs(held - share)).toBeLessThan(0.015);
  }
  expect(regions[1]!.outlines.length).toBe(2);
});
