/** Classes' colours: seen on their ground, and told apart by everyone. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex, type Rgb } from "../src/maths/colour";
import { labelColours, type Theme } from "../src/maths/palette";
import { tintOf } from "../src/maths/tints";

type Three = readonly [number, number, number];
type Matrix = readonly [Three, Three, Three];

const GROUND: Readonly<Record<Theme, Rgb>> = { light: fromHex("#ffffff"), dark: fromHex("#14171c") };

const linear = (byte: number): number => {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const times = (m: Matrix, [a, b, c]: Three): Three =>
  m.map((row) => row[0] * a + row[1] * b + row[2] * c) as unknown as Three;
const light = (rgb: Rgb): Three => rgb.map(linear) as unknown as Three;

const XYZ: Matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]];

/** "A physiologically-based model for simulation of color vision deficiency", G. M. Machado et al., 2009, severity 1. */
const EYES: Readonly<Record<string, Matrix>> = {
  most: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** WCAG 2. */
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [a, b].map((rgb) => times(XYZ, light(rgb))[1]).sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function lab(rgb: Rgb, eyes: Matrix): Three {
  const seen = times(eyes, light(rgb)).map((part) => Math.min(1, Math.max(0, part))) as unknown as Three;
  const white = times(XYZ, [1, 1, 1]);
  const [x, y, z] = times(XYZ, seen).map((part, i) => {
    const t = part / white[i]!;
    return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
  }) as unknown as Three;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const rad = (degrees: number): number => (degrees * Math.PI) / 180;

/** CIEDE2000, after "The CIEDE2000 color-difference formula", G. Sharma et al., 2005. */
function difference([l1, a1, b1]: Three, [l2, a2, b2]: Three): number {
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [p1, p2] = [(1 + g) * a1, (1 + g) * a2];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (a: number, b: number): number => (a === 0 && b === 0 ? 0 : ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360);
  const [h1, h2] = [hue(p1, b1), hue(p2, b2)];
  let turn = c1 * c2 === 0 ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  if (turn < -180) turn += 360;
  let middle = c1 * c2 === 0 ? h1 + h2 : (h1 + h2) / 2;
  if (c1 * c2 !== 0 && Math.abs(h1 - h2) > 180) middle += h1 + h2 < 360 ? 180 : -180;
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const t =
    1 - 0.17 * Math.cos(rad(middle - 30)) + 0.24 * Math.cos(rad(2 * middle)) +
    0.32 * Math.cos(rad(3 * middle + 6)) - 0.2 * Math.cos(rad(4 * middle - 63)); // prettier-ignore
  const dl = (l2 - l1) / (1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2));
  const dc = (c2 - c1) / (1 + 0.045 * c);
  const dh = (2 * Math.sqrt(c1 * c2) * Math.sin(rad(turn / 2))) / (1 + 0.015 * c * t);
  const skew = -Math.sin(rad(60 * Math.exp(-(((middle - 275) / 25) ** 2)))) * 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  return Math.sqrt(dl ** 2 + dc ** 2 + dh ** 2 + skew * dc * dh);
}

function least(colours: readonly Rgb[], eyes: Matrix): number {
  const seen = colours.map((rgb) => lab(rgb, eyes));
  return Math.min(...seen.flatMap((one, i) => seen.slice(i + 1).map((other) => difference(one, other))));
}

it("measures differences as its source does", () => {
  // Of the source's test data.
  expect(difference([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(difference([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4);
  expect(difference([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619])).toBeCloseTo(2.0373, 4);
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 4);
});

describe.each<Theme>(["light", "dark"])("on a %s ground", (theme) => {
  it.each([1, 3, 10, 40, 255])("each of %d classes stands out", (count) => {
    for (const rgb of labelColours(count, theme)) expect(contrast(rgb, GROUND[theme])).toBeGreaterThanOrEqual(3);
  });

  it.each([["most", 20], ["protan", 9], ["deutan", 9], ["tritan", 9]] as const)("ten are told apart: %s", (eyes, apart) => {
    expect(least(labelColours(10, theme), EYES[eyes]!)).toBeGreaterThan(apart);
  });

  it("no two are greys", () => {
    const grey = labelColours(10, theme).filter((rgb) => Math.hypot(...lab(rgb, EYES.most!).slice(1)) < 12);
    expect(grey.length).toBeLessThanOrEqual(1);
  });

  it("attributes have ten colours of their own, which stand out as well", () => {
    const tints = Array.from({ length: 10 }, (_, slot) => tintOf(slot, theme));
    expect(new Set(tints)).toEqual(new Set(labelColours(10, theme).map(toHex)));
  });
});
