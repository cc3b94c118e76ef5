import { expect, it } from "vitest";
import { decodedAtOnce } from "../src/backend/backend";
import { cover } from "../src/map/lattice-layer";
import { frameOf } from "../src/maths/view";

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
