import { afterEach, expect, it, vi } from "vitest";
import { followRatio } from "../src/parts/ratio";

afterEach(() => vi.unstubAllGlobals());

it("tells of each change of the ratio, until it is stopped", () => {
  const queries = new Map<string, EventTarget>();
  vi.stubGlobal("matchMedia", (text: string) => {
    if (!queries.has(text)) queries.set(text, new EventTarget());
    return queries.get(text)!;
  });
  const become = (ratio: number): void => {
    const before = queries.get(`(resolution: ${devicePixelRatio}dppx)`)!;
    vi.stubGlobal("devicePixelRatio", ratio);
    before.dispatchEvent(new Event("change"));
  };
  vi.stubGlobal("devicePixelRatio", 1);
  const seen: number[] = [];
  const stop = followRatio(() => seen.push(devicePixelRatio));
  for (const ratio of [2, 1.5, 1, 2]) become(ratio);
  expect(seen).toEqual([2, 1.5, 1, 2]);
  stop();
  become(3);
  expect(seen.length).toBe(4);
});
