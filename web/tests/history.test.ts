import { describe, expect, it } from "vitest";
import { mockAbout } from "../src/backend/mock";
import { seeded } from "../src/maths/random";
import { newGesture } from "../src/state/gesture";
import { initial } from "../src/state/state";
import { Store } from "../src/state/store";

const about = mockAbout({ latents: 2 });
const fresh = (): Store => new Store(about, initial(about));
const move = (store: Store, x: number, gesture: string | null = null): void =>
  store.dispatch({ type: "moved", z: [x, 0] }, gesture);

describe("undo", () => {
  it("takes back one step after the other, and redo brings them again", () => {
    const store = fresh();
    [1, 2, 3].forEach((x) => move(store, x));
    store.undo();
    store.undo();
    expect(store.state.value.z).toEqual([1, 0]);
    store.redo();
    expect(store.state.value.z).toEqual([2, 0]);
    move(store, 9);
    store.redo();
    expect(store.state.value.z).toEqual([9, 0]);
    for (let i = 0; i < 5; i++) store.undo();
    expect(store.state.value).toEqual(initial(about));
  });

  it("takes back a whole drag at once, and the next drag on its own", () => {
    const store = fresh();
    for (let i = 1; i <= 50; i++) move(store, i, "drag-1");
    for (let i = 51; i <= 60; i++) move(store, i, "drag-2");
    store.undo();
    expect(store.state.value.z).toEqual([50, 0]);
    store.undo();
    expect(store.state.value.z).toEqual([0, 0]);
  });

  it("tells gestures of a control from those of the one that it replaces", () => {
    const store = fresh();
    const first = newGesture("z-0");
    move(store, 1, first);
    move(store, 2, first);
    move(store, 3, newGesture("z-0"));
    store.undo();
    expect(store.state.value.z).toEqual([2, 0]);
    store.undo();
    expect(store.state.value.z).toEqual([0, 0]);
  });

  it("is no step for going where one is", () => {
    const store = fresh();
    for (let i = 0; i < 3; i++) store.dispatch({ type: "jumped", z: [1, 2], row: 7 });
    expect(store.history.value.past.length).toBe(1);
    store.dispatch({ type: "jumped", z: [1, 2], row: 8 });
    expect(store.history.value.past.length).toBe(2);
  });

  it("is no step for looking around, and does not move the view", () => {
    const store = fresh();
    move(store, 1);
    const view = { u: 1, v: 2, span: 3 };
    store.dispatch({ type: "looked", view });
    store.dispatch({ type: "opened", panel: "draw" });
    store.undo();
    expect(store.state.value).toMatchObject({ z: [0, 0], view, panel: "draw" });
    expect(store.history.value.past).toEqual([]);
  });

  it("brings back the view with its axes", () => {
    const wide = new Store(mockAbout({ latents: 4 }), initial(mockAbout({ latents: 4 })));
    wide.dispatch({ type: "looked", view: { u: 1, v: 2, span: 3 } });
    wide.dispatch({ type: "turned", plane: { kind: "dims", x: 2, y: 3 } });
    expect(wide.state.value.view).toBeNull();
    wide.undo();
    expect(wide.state.value.view).toEqual({ u: 1, v: 2, span: 3 });
  });

  it("keeps a bounded past, and whatever is undone is redone", () => {
    const store = fresh();
    const uniform = seeded(3);
    for (let i = 0; i < 300; i++) move(store, uniform());
    const last = store.state.value;
    for (let i = 0; i < 150; i++) store.undo();
    for (let i = 0; i < 150; i++) store.redo();
    expect(store.state.value).toEqual(last);
    expect(store.history.value.past.length).toBe(200);
  });
});

it("a move to where the probe is changes nothing", () => {
  const store = fresh();
  const before = store.state.value;
  store.dispatch({ type: "moved", z: [...before.z] });
  expect(store.state.value).toBe(before);
});
