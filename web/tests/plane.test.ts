import { describe, expect, it } from "vitest";
import { stacked } from "../src/backend/arrays";
import { mockAbout } from "../src/backend/mock";
import { fitted, frameOf } from "../src/maths/view";
import { gridIndex } from "../src/maths/grid-index";
import { aspect, covariance, defaultPlane, ellipse, moved, place, placed, ranked, type Plane } from "../src/maths/plane";
import { draw, seeded } from "../src/maths/random";

const uniform = seeded(5);
const zeros = (n: number): number[] => Array.from({ length: n }, () => 0);
const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

/** A model whose principal axes are not those of the latents. */
function tilted(latents: number) {
  const first = draw(uniform, zeros(latents), ones(latents));
  const second = draw(uniform, zeros(latents), ones(latents));
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  const unit = (a: number[]): number[] => a.map((value) => value / Math.hypot(...a));
  const a = unit(first);
  const b = unit(second.map((value, d) => value - dot(second, a) * a[d]!));
  const mean = draw(uniform, zeros(latents), ones(latents));
  return { ...mockAbout({ latents }), pca: { mean, axes: [a, b], share: [0.5, 0.2] } };
}

const planes: Plane[] = [{ kind: "pca" }, { kind: "dims", x: 3, y: 1 }];

describe.each(planes)("the plane %j", (plane) => {
  it("puts a moved code where it was moved to, and keeps all else of it", () => {
    for (let i = 0; i < 100; i++) {
      const about = tilted(6);
      const z = draw(uniform, zeros(6), ones(6));
      const to = { u: 4 * uniform() - 2, v: 4 * uniform() - 2 };
      const next = moved(plane, about, z, to);
      const at = place(plane, about, next);
      expect(at.u).toBeCloseTo(to.u, 10);
      expect(at.v).toBeCloseTo(to.v, 10);
      const back = moved(plane, about, next, place(plane, about, z));
      back.forEach((value, d) => expect(value).toBeCloseTo(z[d]!, 10));
      if (plane.kind === "dims") {
        expect(next.map((value, d) => (d === 1 || d === 3 ? 0 : value - z[d]!))).toEqual(zeros(6));
      }
    }
  });

  it("places many codes as it places one", () => {
    const about = tilted(5);
    const codes = Array.from({ length: 20 }, () => draw(uniform, zeros(5), ones(5)));
    const { xs, ys } = placed(plane, about, stacked(codes));
    codes.forEach((z, i) => {
      const { u, v } = place(plane, about, z);
      expect(xs[i]).toBeCloseTo(u, 5);
      expect(ys[i]).toBeCloseTo(v, 5);
    });
  });

  it("shows a Gaussian's covariance", () => {
    const about = tilted(4);
    const deviation = [1, 2, 0.5, 0.1];
    const samples = Array.from({ length: 20_000 }, () => place(plane, about, draw(uniform, zeros(4), deviation)));
    const mean = (f: (i: number) => number): number => samples.reduce((sum, _, i) => sum + f(i), 0) / samples.length;
    const [mu, mv] = [mean((i) => samples[i]!.u), mean((i) => samples[i]!.v)];
    const { uu, uv, vv } = covariance(plane, about, deviation);
    expect(mean((i) => (samples[i]!.u - mu) ** 2) / uu).toBeCloseTo(1, 1);
    expect(mean((i) => (samples[i]!.v - mv) ** 2) / vv).toBeCloseTo(1, 1);
    expect(mean((i) => (samples[i]!.u - mu) * (samples[i]!.v - mv))).toBeCloseTo(uv, 1);
  });
});

it("one latent lies on a line", () => {
  const about = mockAbout({ latents: 1 });
  const plane = defaultPlane(about);
  expect(plane).toEqual({ kind: "line", x: 0 });
  expect(moved(plane, about, [1], { u: -2, v: 7 })).toEqual([-2]);
  const { xs, ys } = placed(plane, about, stacked([[1], [2], [3]]));
  expect([...xs]).toEqual([1, 2, 3]);
  expect(ys.every((y) => Math.abs(y) <= 1)).toBe(true);
});

it("a line is as tall as its latent is wide, whatever its scale", () => {
  const about = { ...mockAbout({ latents: 1 }), prior: { mean: [0], deviation: [0.01] } };
  expect(aspect({ kind: "line", x: 0 }, about)).toBeCloseTo(100);
  const { xs, ys } = placed(defaultPlane(about), about, stacked(Array.from({ length: 500 }, (_, i) => [0.03 * Math.sin(i)])));
  const tall = aspect({ kind: "line", x: 0 }, about);
  const { pixelsU } = frameOf(fitted(gridIndex(xs, ys).bulk, 800, 600, tall), 800, 600, tall);
  expect(0.06 * pixelsU).toBeGreaterThan(200);
});

it("an ellipse has the eigenvalues and the direction of its covariance", () => {
  for (let i = 0; i < 50; i++) {
    const [major, minor, angle] = [1 + uniform(), 0.2 + 0.5 * uniform(), (uniform() - 0.5) * Math.PI];
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const found = ellipse({
      uu: (major * c) ** 2 + (minor * s) ** 2,
      uv: (major ** 2 - minor ** 2) * c * s,
      vv: (major * s) ** 2 + (minor * c) ** 2,
    });
    expect(found.major).toBeCloseTo(major);
    expect(found.minor).toBeCloseTo(minor);
    expect(Math.cos(found.angle - angle) ** 2).toBeCloseTo(1);
  }
});

it("ranks the active latents first, then the others by their rate", () => {
  const about = { ...mockAbout({ latents: 5 }), active: [3, 1], rate: [0.01, 2, 0.03, 5, 0.02] };
  expect(ranked(about)).toEqual([3, 1, 2, 4, 0]);
});
