import { expect, it, vi } from "vitest";
import { mockAbout } from "../src/backend/mock";
import { LassoDrawing } from "../src/map/lasso";
import type { Scene } from "../src/map/scene";
import type { Steering } from "../src/map/steering";
import { gridIndex } from "../src/maths/grid-index";
import { insideOf } from "../src/maths/outline";
import { normal, seeded } from "../src/maths/random";
import { frameOf } from "../src/maths/view";
import { Lassoing } from "../src/session/lassoing";
import type { Session } from "../src/session/session";
import { isLassoed } from "../src/state/attributes";
import { initial } from "../src/state/state";
import { Store } from "../src/state/store";

/** A lasso over a cloud of points, on a map of this span. */
function over(span: number) {
  const uniform = seeded(4);
  const xs = Float32Array.from({ length: 5000 }, () => normal(uniform));
  const ys = Float32Array.from({ length: 5000 }, () => normal(uniform));
  const about = mockAbout();
  const store = new Store(about, initial(about));
  const lassoing = new Lassoing(store);
  const frame = frameOf({ u: 0.1234, v: -0.0567, span }, 611, 467, 1);
  const scene = { frame, framed: { value: { grid: gridIndex(xs, ys) } } } as unknown as Scene;
  const session = { store, lassoing } as unknown as Session;
  const drawing = new LassoDrawing(session, scene, {} as Steering);
  lassoing.begin({ side: "with", slot: null });
  const press = (key: string, shiftKey = false): void => void drawing.key({ key, shiftKey } as KeyboardEvent);
  const taken = (): number => {
    const group = store.state.value.attributes.list[0]!.with;
    if (!isLassoed(group)) throw new Error("no outline");
    return insideOf(group.outline, xs, ys).reduce((sum, one) => sum + one, 0);
  };
  return { store, lassoing, drawing, press, taken };
}

it("a rectangle takes as many points as it told", () => {
  const uniform = seeded(9);
  for (let round = 0; round < 60; round++) {
    const { lassoing, press, taken } = over(0.5 + 9 * uniform());
    for (let i = 0; i < 8; i++) {
      press(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"][Math.floor(4 * uniform())]!, uniform() < 0.5);
    }
    const told = lassoing.drawn.value!.count;
    expect(told).toBeGreaterThan(0);
    press("Enter");
    expect(taken()).toBe(told);
  }
});

it("an outline around nothing says so, and is forgotten with the next one", () => {
  const { store, lassoing, drawing } = over(20);
  const draw = (places: readonly [number, number][]): void => {
    places.forEach(([x, y], i) => drawing.probe({ x, y }, i === 0));
    drawing.lifted(true);
  };
  const said = vi.fn();
  lassoing.missed.subscribe(said);
  draw([[5, 5], [30, 5], [30, 30], [5, 30]]);
  expect(lassoing.missed.value).toBe(true);
  expect(lassoing.drawn.value).toBeNull();
  expect(lassoing.task.value).not.toBeNull();
  draw([[200, 100], [400, 100], [400, 350], [200, 350]]);
  expect(said.mock.calls).toEqual([[true], [false]]);
  expect(store.state.value.attributes.list).toHaveLength(1);
});
