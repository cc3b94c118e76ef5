import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TRAINING } from "../src/words/zh/training";

const PARTS = ["panels/training.tsx", "panels/training-charts.tsx", "panels/training-strip.tsx", "session/training.ts"];

describe("the panel Training", () => {
  it("has all of its sentences in Chinese, with the same values", () => {
    const text = PARTS.map((part) => readFileSync(new URL(`../src/${part}`, import.meta.url), "utf8")).join();
    const said = [...text.matchAll(/say\("((?:[^"\\]|\\.)*)"/g)].map(([, sentence]) => sentence!);
    expect(said.length).toBeGreaterThan(40);
    const values = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([value]) => value).sort();
    for (const sentence of said) {
      expect(Object.keys(TRAINING)).toContain(sentence);
      expect(values(TRAINING[sentence]!)).toEqual(values(sentence));
    }
  });
});
