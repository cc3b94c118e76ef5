import { expect, it, vi } from "vitest";
import { MockBackend, mockAbout } from "../src/backend/mock";
import { seeded } from "../src/maths/random";
import { Session } from "../src/session/session";
import { carried } from "../src/state/carry";
import { drawnLevels, drawnText } from "../src/state/drawn";
import { initial } from "../src/state/state";
import { drawnFits, fromHash, toHash } from "../src/state/url";

const soon = { timeout: 2000, interval: 5 };
const SIZE = 24 * 24;

/** A bright stroke on black. */
const stroke = (from = 200, to = 230): Uint8Array => new Uint8Array(SIZE).fill(255, from, to);

it("levels come back from their text, whatever their runs", () => {
  const uniform = seeded(5);
  for (let round = 0; round < 300; round++) {
    const size = Math.floor(600 * uniform());
    const rough = uniform();
    let level = 0;
    const levels = Uint8Array.from({ length: size }, () => (uniform() < rough ? (level = Math.floor(256 * uniform())) : level));
    const text = drawnText(levels);
    expect(text).toMatch(/^[\w-]*$/);
    expect(drawnLevels(text, size)).toEqual(levels);
    expect(text.length).toBeLessThanOrEqual(Math.ceil((4 / 3) * (size + Math.ceil(size / 128))) + 2);
    expect(drawnLevels(text, size + 1)).toBeNull();
    if (size) expect(drawnLevels(text, size - 1)).toBeNull();
  }
  expect(drawnText(new Uint8Array(28 * 28)).length).toBeLessThan(24);
});

it("text that is no picture is none", () => {
  const uniform = seeded(6);
  for (const text of ["", "!", "A", "%E0", "====", "_w", "fwAA"]) expect(drawnLevels(text, SIZE)).toBeNull();
  for (let round = 0; round < 200; round++) {
    const text = Array.from({ length: 40 }, () => "ABCxyz019-_"[Math.floor(11 * uniform())]).join("");
    expect(drawnLevels(text, SIZE)).toBeNull();
  }
});

it("a picture is part of the link, unless it is too large for one", () => {
  const about = mockAbout();
  const state = { ...initial(about), drawn: drawnText(stroke()) };
  expect(fromHash(toHash(state, about), about)).toEqual(state);
  expect(fromHash("v=1&drawn=AAAA", about).drawn).toBeNull();
  expect(fromHash(toHash(state, about), { ...about, kind: "table" }).drawn).toBeNull();
  const large = { ...about, event: [200, 200], width: 200, height: 200 };
  const uniform = seeded(1);
  const noise = drawnText(Uint8Array.from({ length: 40_000 }, () => 256 * uniform()));
  expect(drawnFits({ ...initial(large), drawn: noise })).toBe(false);
  expect(toHash({ ...initial(large), drawn: noise }, large)).toBe("v=1&run=mock");
});

it("goes along to a run of pictures of the same shape", () => {
  const about = mockAbout();
  const state = { ...initial(about), drawn: drawnText(stroke()) };
  expect(carried(state, about, { ...about, id: "other" }).drawn).toBe(state.drawn);
  expect(carried(state, about, { ...about, id: "other", event: [12, 12] }).drawn).toBeNull();
});

it("strokes, clearing and moves are steps of one order", async () => {
  const session = new Session(mockAbout(), new MockBackend(), "#v=1&panel=draw");
  session.start();
  const { store, drawing } = session;
  const [one, both] = [drawnText(stroke()), drawnText(stroke(200, 260))];
  store.dispatch({ type: "drawn", drawn: drawnText(stroke(200, 210)) }, "stroke-1");
  store.dispatch({ type: "drawn", drawn: one }, "stroke-1");
  session.move([1, 1]);
  store.dispatch({ type: "drawn", drawn: both }, "stroke-2");
  store.dispatch({ type: "drawn", drawn: null });
  await vi.waitFor(() => expect(drawing.encoded.value).toBeNull(), soon);
  store.undo();
  expect(store.state.value.drawn).toBe(both);
  store.undo();
  expect(store.state.value).toMatchObject({ drawn: one, z: [1, 1] });
  await vi.waitFor(() => expect(drawing.encoded.value?.x).toBe(drawing.picture.value), soon);
  expect([...drawing.picture.value!].filter((value) => value === 1)).toHaveLength(30);
  store.undo();
  expect(store.state.value).toMatchObject({ drawn: one, z: [0, 0] });
  store.undo();
  expect(store.state.value.drawn).toBeNull();
  expect(drawing.picture.value).toBeNull();
});

it("a link brings the picture, its reconstruction and its score; nothing is asked where nobody looks", async () => {
  const about = mockAbout();
  const hash = toHash({ ...initial(about), drawn: drawnText(stroke()), panel: "morph" }, about);
  const backend = new MockBackend();
  const encode = vi.spyOn(backend, "encode");
  const session = new Session(about, backend, hash);
  session.start();
  expect(session.drawing.picture.value).toHaveLength(SIZE);
  expect(encode).not.toHaveBeenCalled();
  session.store.dispatch({ type: "opened", panel: "draw" });
  await vi.waitFor(() => expect(session.drawing.score.value).toBe(30), soon);
  expect(session.drawing.encoded.value?.reconstruction).toHaveLength(SIZE);
  session.store.dispatch({ type: "opened", panel: "morph" });
  session.store.dispatch({ type: "opened", panel: "draw" });
  expect(encode).toHaveBeenCalledOnce();
});
