import { describe, expect, it } from "vitest";
import { deviationPicture, fromLevels, levelsOf, nearestLevels, writePixels, type Layout } from "../src/maths/pixels";
import { groundOf } from "../src/panels/pad";
import { seeded } from "../src/maths/random";

const layouts: Layout[] = [
  { width: 3, height: 2, channels: 1, position: "none", limits: [0, 1] },
  { width: 3, height: 2, channels: 1, position: "first", limits: [0, 255] },
  { width: 3, height: 2, channels: 2, position: "last", limits: [0, 255] },
  { width: 3, height: 2, channels: 2, position: "first", limits: [-1, 1] },
  { width: 3, height: 2, channels: 3, position: "last", limits: [0, 255] },
  { width: 3, height: 2, channels: 3, position: "first", limits: [-1, 1] },
  { width: 3, height: 2, channels: 4, position: "last", limits: [0, 1] },
];

describe.each(layouts)("pictures of $channels channels, $position", (layout) => {
  it("come back from pixels as they were, to the bytes' precision", () => {
    const uniform = seeded(1);
    const [low, high] = layout.limits;
    const values = Float32Array.from({ length: 6 * layout.channels }, () => low + uniform() * (high - low));
    const rgba = new Uint8ClampedArray(24);
    writePixels(values, layout, rgba);
    for (const levels of [levelsOf(rgba, layout), nearestLevels(values, layout)]) {
      fromLevels(levels, layout, "float32").forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThan((high - low) / 255);
      });
    }
  });

  it("keep their levels from then on", () => {
    const levels = Uint8Array.from({ length: 6 * layout.channels }, (_, i) => (37 * i) % 256);
    expect(nearestLevels(fromLevels(levels, layout, "float32"), layout)).toEqual(levels);
    const whole = fromLevels(levels, layout, "uint8");
    expect(whole.every(Number.isInteger)).toBe(true);
    expect(fromLevels(nearestLevels(whole, layout), layout, "uint8")).toEqual(whole);
  });

  it("are cut at black and white", () => {
    const [low, high] = layout.limits;
    const rgba = new Uint8ClampedArray(24);
    writePixels(new Float32Array(6 * layout.channels).fill(low - 5), layout, rgba);
    expect([...rgba.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(rgba[3]).toBe(layout.channels === 4 ? 0 : 255);
    writePixels(new Float32Array(6 * layout.channels).fill(high + 5), layout, rgba);
    expect([...rgba]).toEqual(Array.from({ length: 24 }, () => 255));
  });
});

it("channels are where their position says", () => {
  const first = new Uint8ClampedArray(8);
  writePixels([10, 20, 30, 40, 50, 60] as unknown as Float32Array, { width: 2, height: 1, channels: 3, position: "first", limits: [0, 255] }, first);
  expect([...first]).toEqual([10, 30, 50, 255, 20, 40, 60, 255]);
  const last = new Uint8ClampedArray(8);
  writePixels([10, 20, 30, 40, 50, 60] as unknown as Float32Array, { width: 2, height: 1, channels: 3, position: "last", limits: [0, 255] }, last);
  expect([...last]).toEqual([10, 20, 30, 255, 40, 50, 60, 255]);
});

it("two channels are red and cyan, and opaque", () => {
  const layout: Layout = { width: 2, height: 1, channels: 2, position: "last", limits: [0, 255] };
  const rgba = new Uint8ClampedArray(8);
  writePixels(Float32Array.of(10, 200, 90, 90), layout, rgba);
  expect([...rgba]).toEqual([10, 200, 200, 255, 90, 90, 90, 255]);
  expect([...levelsOf([10, 20, 31, 255, 7, 0, 0, 255], layout)]).toEqual([10, 25, 7, 0]);
});

it("the deviation of draws is that of each pixel, averaged over channels", () => {
  const layout: Layout = { width: 2, height: 1, channels: 3, position: "last", limits: [0, 1] };
  const draws = [Float32Array.of(0, 0, 0, 5, 5, 5), Float32Array.of(2, 2, 8, 5, 5, 5)];
  expect([...deviationPicture(draws, layout)]).toEqual([2, 0]);
});

it("one draws on what the pictures' rim is", () => {
  const rgba = new Uint8ClampedArray(4 * 25).fill(9);
  rgba.fill(200, 48, 52);
  expect(groundOf(rgba, 5, 5)).toEqual([0, 0, 0]);
  expect(groundOf(rgba.fill(250), 5, 5)).toEqual([255, 255, 255]);
  expect(groundOf(rgba.fill(120), 5, 5)).toEqual([120, 120, 120]);
});
