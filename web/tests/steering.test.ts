import { expect, it, vi } from "vitest";
import type { Scene } from "../src/map/scene";
import { Steering } from "../src/map/steering";
import { opened, runWith, soon } from "./runs-made";

it("goes to the row that is told to be near, where that is known, and else to the nearest on the map", async () => {
  const session = opened(runWith("own"));
  session.start();
  await session.cloud.load();
  session.move([0.4, 0.2]);
  const steering = new Steering(session, { rowAtProbe: () => -7 } as Scene);
  expect(steering.rowMeant()).toBe(-7);
  await vi.waitFor(() => expect(session.vicinity.found.value?.z).toEqual([0.4, 0.2]), soon);
  expect(steering.rowMeant()).toBe(session.vicinity.found.value!.row);
  session.move([1, 1]);
  expect(steering.rowMeant()).toBe(-7);
  session.inspection.row.set(3);
  expect(steering.rowMeant()).toBe(3);
});
