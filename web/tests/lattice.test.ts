import { afterEach, expect, it, vi } from "vitest";
import type { Tensor } from "../src/backend/arrays";
import { decodedAtOnce } from "../src/backend/backend";
import { MockBackend } from "../src/backend/mock";
import { LatticeLayer, cover } from "../src/map/lattice-layer";
import { frameOf } from "../src/maths/view";
import { opened, runWith } from "./runs-made";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A canvas on which nothing is drawn. */
function canvas(): HTMLCanvasElement {
  const nothing = new Proxy({}, { get: () => () => undefined });
  return { width: 90, height: 90, getContext: () => nothing } as unknown as HTMLCanvasElement;
}

it("forgets pictures of the old plane that come when another one is shown", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { createElement: canvas });
  vi.stubGlobal("ImageData", class { data = new Uint8ClampedArray(4 * 576); });
  const backend = new MockBackend({ rows: 60, latents: 3 });
  const session = opened(runWith("own", {}, { latents: 3 }), "", backend);
  const answers: (() => void)[] = [];
  const pictures = (count: number): Tensor => ({ data: new Float32Array(576 * count), shape: [count, 24, 24] });
  vi.spyOn(backend, "decode").mockImplementation(
    ({ shape }) => new Promise((answered) => answers.push(() => answered(pictures(shape[0]!)))),
  );
  const arrived = vi.fn();
  const painter = { looks: session.looks.value, colours: { above: "", below: "", ground: "", rule: "" } };
  const layer = new LatticeLayer(canvas(), session, () => painter, arrived);
  const frame = frameOf({ u: 0, v: 0, span: 1 }, 90, 90, 1);
  const draw = (y: number): void => layer.draw(frame, { kind: "dims", x: 0, y }, true, false);
  draw(1);
  await vi.advanceTimersByTimeAsync(200);
  layer.clear();
  draw(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(answers.length).toBe(1);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(arrived).not.toHaveBeenCalled();
  expect(answers.length).toBe(2);
  answers[1]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(arrived).toHaveBeenCalledOnce();
});

it("has no more cells than one call may decode", () => {
  expect(decodedAtOnce(500, { event: [28, 28] })).toBe(500);
  expect(decodedAtOnce(500, { event: [3, 1024, 1024] })).toBe(10);
  expect(decodedAtOnce(48, { event: [2 ** 26] })).toBe(1);
  for (const most of [1, 2, 3, 7, 10, 500]) {
    for (const [width, height] of [[900, 700], [300, 900], [2000, 40]] as const) {
      const frame = frameOf({ u: 0, v: 0, span: 1 }, width, height, 1);
      for (const size of [{ width: 28, height: 28 }, { width: 400, height: 10 }, { width: 3, height: 90 }]) {
        const { columns, rows } = cover(frame, size, most);
        expect(columns * rows).toBeGreaterThanOrEqual(1);
        expect(columns * rows).toBeLessThanOrEqual(most);
      }
    }
  }
  const frame = frameOf({ u: 0, v: 0, span: 1 }, 920, 690, 1);
  expect(cover(frame, { width: 28, height: 28 }, 500)).toMatchObject({ columns: 20, rows: 15 });
});
