import { expect, it, vi } from "vitest";
import type { Scene } from "../src/map/scene";
import { Steering } from "../src/map/steering";
import { Cell } from "../src/state/cell";
import { opened, runWith, soon } from "./runs-made";

it("goes to the row that is told to be near, where that is known, and else to the nearest on the map", async () => {
  const session = opened(runWith("own"));
  session.start();
  await session.cloud.load();
  session.move([0.4, 0.2]);
  const steering = new Steering(session, { rowAtProbe: () => -7, framed: new Cell(null) } as unknown as Scene);
  expect(steering.rowMeant()).toBe(-7);
  await vi.waitFor(() => expect(session.vicinity.found.value?.z).toEqual([0.4, 0.2]), soon);
  expect(steering.rowMeant()).toBe(session.vicinity.found.value!.row);
  session.move([1, 1]);
  expect(steering.rowMeant()).toBe(-7);
  session.inspection.row.set(3);
  expect(steering.rowMeant()).toBe(3);
});

it("what lies under a pointer that rests is told anew whenever the map or its points have moved", () => {
  const session = opened(runWith("own"));
  let under = 4;
  const framed = new Cell<unknown>(null);
  const steering = new Steering(session, { rowAt: () => under, framed } as unknown as Scene);
  const drawn = (row: number): number => {
    under = row;
    framed.set({});
    return session.inspection.row.value;
  };
  steering.point({ x: 5, y: 6 });
  expect(session.inspection.row.value).toBe(4);
  expect(drawn(9)).toBe(9);
  expect(drawn(-1)).toBe(-1);
  expect(steering.pointed.value).toBeNull();
  expect(drawn(2)).toBe(2);
  expect(steering.pointed.value).toMatchObject({ x: 5, y: 6, touch: false });
  // A finger that has tapped is gone, and its card stays; so is a pointer that has left.
  steering.tap({ x: 1, y: 1 });
  expect(drawn(7)).toBe(2);
  steering.point(null);
  expect(drawn(7)).toBe(-1);
});
