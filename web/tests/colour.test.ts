import { describe, expect, it } from "vitest";
import { fromHex, fromLch, packed, toHex, toLch } from "../src/maths/colour";
import { labelColours, otherColour, sequential, type Theme } from "../src/maths/palette";
import { mockAbout } from "../src/backend/mock";
import { byLabel, byScore, coloursOf } from "../src/map/colouring";
import { HIDDEN } from "../src/map/points";
import { ascending } from "../src/maths/percentile";

it("colours survive the way to OKLab and back", () => {
  for (const hex of ["#000000", "#ffffff", "#3f90da", "#bd1f01", "#92dadd", "#0b57c2"]) {
    expect(toHex(fromLch(toLch(fromHex(hex))))).toBe(hex);
  }
  expect(toLch([255, 255, 255])[0]).toBeCloseTo(1, 3);
  expect(toLch([255, 255, 255])[1]).toBeCloseTo(0, 3);
  expect(packed([1, 2, 3])).toBe(0xff030201);
  expect(fromHex("#fff")).toEqual([255, 255, 255]);
  expect(fromHex(" #14171c")).toEqual([20, 23, 28]);
});

describe.each<Theme>(["light", "dark"])("on a %s ground", (theme) => {
  it("the scale's lightness goes one way, in even steps, and its end stands out", () => {
    const lightness = sequential(theme).map((rgb) => toLch(rgb)[0]);
    const steps = lightness.slice(1).map((value, i) => (value - lightness[i]!) * (theme === "light" ? -1 : 1));
    expect(Math.min(...steps)).toBeGreaterThan(-0.004);
    expect(steps.reduce((sum, step) => sum + step, 0)).toBeGreaterThan(0.4);
    expect(Math.abs(lightness.at(-1)! - (theme === "light" ? 1 : 0.2))).toBeGreaterThan(0.6);
  });

  it("the scale turns through no hues but those between its ends", () => {
    const hues = sequential(theme).map((rgb) => toLch(rgb)[2]);
    const turns = hues.slice(1).map((hue, i) => ((hue - hues[i]! + 540) % 360) - 180);
    expect(turns.reduce((sum, turn) => sum + Math.abs(turn), 0)).toBeLessThan(180);
  });

  it("labels have colours of their own, however many there are", () => {
    for (const count of [1, 10, 40]) {
      const colours = labelColours(count, theme).map(toHex);
      expect(new Set(colours).size).toBe(count);
      expect(colours).not.toContain(toHex(otherColour(theme)));
    }
  });
});

it("labels that are singled out lie above the others, which are grey", () => {
  const { layers, kinds, legend } = byLabel(Int32Array.of(0, 1, 2, 1, -1), ["a", "b", "c"], [1], "light");
  const [below, above] = layers;
  const colour = (layer: Int32Array, row: number): number => layer[kinds[row]!]!;
  expect(colour(above!, 1)).not.toBe(HIDDEN);
  expect(colour(above!, 0)).toBe(HIDDEN);
  expect(colour(below!, 1)).toBe(HIDDEN);
  expect(colour(below!, 0)).toBe(colour(below!, 4));
  expect(legend).toMatchObject({ entries: [{ count: 1 }, { count: 2 }, { count: 1 }] });
});

it("scores are coloured between their outermost hundredths", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 999 ? 1e6 : i));
  const score = { name: "−ELBO", unit: "nats", higher: "more unusual" };
  const { kinds, legend } = byScore({ values, sorted: ascending(values) }, score, "dark");
  expect(kinds[0]).toBe(1);
  expect(kinds[999]).toBe(255);
  expect(kinds[500]).toBeCloseTo(128, -1);
  expect(legend).toMatchObject({ kind: "scale", name: "−ELBO", words: "nats; higher is more unusual" });
});

it("labels that are a quantity are coloured from the least to the greatest, and those that are missing are grey", () => {
  const values = Float32Array.of(10, 30, 20, Number.NaN, Infinity);
  const about = { ...mockAbout(), labels: null, label_scale: { low: 10, high: 30, missing: 1 } };
  const known = { labels: null, values: { values, sorted: ascending(values) }, scores: null };
  const { kinds, layers, legend } = coloursOf(about, known, { colour: "label", only: [] }, "light");
  expect([...kinds]).toEqual([1, 255, 128, 0, 255]);
  expect(layers[0]![0]).toBe(packed(otherColour("light")) & 0xffffff);
  const words = "1 row without one: grey";
  expect(legend).toMatchObject({ kind: "scale", name: "Label", low: 10, high: 30, words });
  // One value in all rows, or none that is known, is no reason to draw nothing.
  const flat = { ...about, label_scale: { low: 10, high: 10, missing: 0 } };
  expect(coloursOf(flat, known, { colour: "label", only: [] }, "dark").kinds[0]).toBe(1);
});
