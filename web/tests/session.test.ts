import { expect, it, vi } from "vitest";
import { BackendError } from "../src/backend/backend";
import { MockBackend, mockAbout, type MockOptions } from "../src/backend/mock";
import { mixed } from "../src/session/classes";
import { sameWay } from "../src/session/morphing";
import { Session } from "../src/session/session";
import { seeded } from "../src/maths/random";
import { drawnText } from "../src/state/drawn";

const soon = { timeout: 2000, interval: 5 };

function opened(options: MockOptions = {}, hash = "") {
  const backend = new MockBackend(options);
  const session = new Session(mockAbout(options), backend, hash);
  return { backend, session };
}

it("decodes the state's code, and after a burst of moves the last one", async () => {
  const { backend, session } = opened();
  const decode = vi.spyOn(backend, "decode");
  session.start();
  for (let i = 0; i < 30; i++) session.move([i / 10, 0]);
  await vi.waitFor(() => expect(session.decoding.picture.value?.z).toEqual([2.9, 0]), soon);
  expect(decode.mock.calls.length).toBeLessThan(5);
});

it("moves no farther than a code can be", () => {
  const { session } = opened();
  session.move([1e30, -Infinity]);
  expect(session.store.state.value.z).toEqual([1e6, -1e6]);
});

it("goes to a row, whose code a link may name by its number alone", async () => {
  const { session } = opened({}, "#v=1&run=mock&row=7");
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  const code = session.cloud.code(7)!;
  session.store.state.value.z.forEach((value, d) => expect(value).toBeCloseTo(code[d]!, 3));
  session.jump(9);
  expect(session.store.state.value.row).toBe(9);
  session.move([0.5, 0.5]);
  expect(session.store.state.value.row).toBeNull();
});

it("finds the way between two ends only while someone looks", async () => {
  const { backend, session } = opened();
  const path = vi.spyOn(backend, "path");
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  session.store.dispatch({ type: "morphed", morph: { a: { row: 1 }, b: { z: [1, 1] } } });
  expect(path).not.toHaveBeenCalled();
  session.store.dispatch({ type: "opened", panel: "morph" });
  await vi.waitFor(() => expect(session.morphing.walk.value?.z.shape).toEqual([12, 2]), soon);
  session.store.dispatch({ type: "morphed", morph: { a: { z: [-1, -1] }, path: "spherical" } });
  await vi.waitFor(() => expect(session.morphing.failed.value).toContain("opposite"), soon);
});

it("says that it looks for a geodesic, and takes no answer to what is not asked any more", async () => {
  const { backend, session } = opened({}, "#v=1&panel=morph&a=0,0&b=1,1");
  const [path, ready] = [backend.path.bind(backend), [] as (() => void)[]];
  vi.spyOn(backend, "path").mockImplementation(async (question, y) => {
    if (question.path === "geodesic") await new Promise<void>((resolve) => ready.push(resolve));
    return path(question, y);
  });
  session.start();
  const { morphing, store } = session;
  const set = (morph: object): void => store.dispatch({ type: "morphed", morph });
  const at = (): number => morphing.walk.value!.z.data.at(-1)!;
  await vi.waitFor(() => expect(morphing.walk.value).not.toBeNull(), soon);
  expect(morphing.finding.value).toBeNull();
  set({ path: "geodesic" });
  expect(morphing.finding.value).toBe("geodesic");
  expect(sameWay(morphing.walk.value!.morph, store.state.value.morph)).toBe(false);
  set({ b: { z: [2, 2] } });
  // The other kind of way does not wait.
  set({ path: "linear", b: { z: [3, 3] } });
  await vi.waitFor(() => expect(morphing.finding.value).toBeNull(), soon);
  expect(at()).toBe(3);
  const shown = morphing.walk.value;
  ready[0]!();
  await vi.waitFor(() => expect(ready).toHaveLength(2), soon);
  expect(morphing.walk.value).toBe(shown);
  set({ path: "geodesic", b: { z: [4, 4] } });
  ready[1]!();
  await vi.waitFor(() => expect(ready).toHaveLength(3), soon);
  expect(morphing.walk.value).toBe(shown);
  expect(morphing.finding.value).toBe("geodesic");
  ready[2]!();
  await vi.waitFor(() => expect(morphing.finding.value).toBeNull(), soon);
  expect(at()).toBe(4);
});

it("decodes the same code under every class", async () => {
  const { session } = opened({ conditional: true }, "#v=1&panel=condition");
  session.start();
  await vi.waitFor(() => expect(session.classes.pictures.value?.length).toBe(3), soon);
  const [first, second] = session.classes.pictures.value!;
  expect(first).not.toEqual(second);
});

it("reconstructs a row under the condition of now", async () => {
  const { backend, session } = opened({ conditional: true });
  session.start();
  await session.cloud.load();
  const decode = vi.spyOn(backend, "decode");
  const point = async (row: number): Promise<unknown> => {
    session.inspection.row.set(row);
    await vi.waitFor(() => expect(session.inspection.shown.value?.row).toBe(row), soon);
    return decode.mock.calls.length;
  };
  const first = await point(3);
  await point(5);
  const asked = decode.mock.calls.length;
  expect(await point(3)).toBe(asked);
  expect(first).toBeLessThan(asked);
  session.store.dispatch({ type: "conditioned", y: [0, 1, 0] });
  await vi.waitFor(() => expect(decode.mock.calls.length).toBeGreaterThan(asked + 1), soon);
});

it("mixes two classes with weights that sum to one, whatever the share", () => {
  expect(mixed(0, 2, 0.07, 3)).toEqual([0.93, 0, 0.07]);
  for (const share of [0.333, 0.12345, 1 / 3, 0, 1]) {
    expect(Math.abs(mixed(0, 1, share, 4).reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-6);
  }
  expect(mixed(1, 0, 0.667, 2)).toEqual([0.667, 0.333]);
});

it("encodes and scores what is drawn, and draws from its posterior, repeatably", async () => {
  const { session } = opened({}, "#v=1&panel=draw");
  session.start();
  const uniform = seeded(2);
  session.store.dispatch({ type: "drawn", drawn: drawnText(Uint8Array.from({ length: 576 }, () => 256 * uniform())) });
  await vi.waitFor(() => expect(session.drawing.score.value).not.toBeNull(), soon);
  expect(session.drawing.encoded.value?.deviation).toEqual([0.20000000298023224, 0.20000000298023224]);
  await session.drawing.resample();
  expect(session.drawing.resampled.value?.pictures.length).toBe(48);
  session.store.dispatch({ type: "drawn", drawn: null });
  expect(session.drawing.encoded.value).toBeNull();
  expect(session.drawing.score.value).toBeNull();
});

it("tells the nearest row where no neighbour has a label", async () => {
  const about = mockAbout();
  const backend = new MockBackend();
  vi.spyOn(backend, "labels").mockResolvedValue(new Int32Array(about.rows).fill(1));
  const session = new Session({ ...about, labels: ["a", "no label"], unlabelled: true }, backend, "");
  session.start();
  await vi.waitFor(() => expect(session.vicinity.found.value?.row).toBeGreaterThanOrEqual(0), soon);
  await session.cloud.load();
  session.move([0.5, 0.5]);
  await vi.waitFor(() => expect(session.vicinity.found.value?.z).toEqual([0.5, 0.5]), soon);
  expect(session.vicinity.found.value).toMatchObject({ label: null, votes: 0 });
  expect(session.cloud.label(0)).toBe("no label");
});

it("tells what is near, and the labels passed on the way", async () => {
  const { session } = opened();
  session.start();
  await vi.waitFor(() => expect(session.vicinity.found.value?.label).toBeTruthy(), soon);
  await session.cloud.load();
  const { cloud, vicinity, store } = session;
  const passed: string[] = [];
  // Rows among neighbours of their own label, one of each.
  for (const [label, z] of [["leaning", [0, 1.2]], ["small", [1.5, -0.5]], ["upright", [-1.5, -0.5]]] as const) {
    session.move(z);
    await vi.waitFor(() => expect(vicinity.found.value?.z).toEqual(z), soon);
    const { row, votes, asked, distance } = vicinity.found.value!;
    const away = cloud.code(row)!.map((value, d) => value - z[d]!);
    expect(distance).toBeCloseTo(Math.hypot(...away), 5);
    expect(vicinity.found.value!.label).toBe(label);
    expect(votes).toBeGreaterThan(asked / 2);
    passed.push(label);
    expect(vicinity.passed.value.slice(-passed.length)).toEqual(passed);
  }
  session.jump(7);
  await vi.waitFor(() => expect(vicinity.found.value?.z).toEqual(store.state.value.z), soon);
  expect(vicinity.found.value!.row).toBe(7);
});

it("says so where something fails, and goes on", async () => {
  const { backend, session } = opened();
  vi.spyOn(backend, "decode").mockRejectedValueOnce(new BackendError("z is not finite"));
  session.start();
  await vi.waitFor(() => expect(session.notice.value).toContain("z is not finite"), soon);
  session.move([1, 1]);
  await vi.waitFor(() => expect(session.decoding.picture.value?.z).toEqual([1, 1]), soon);
  expect(session.notice.value).toBeNull();
});

it("takes back only what was told of the thing that works again", () => {
  const { session } = opened();
  session.tellOfFile("This is no picture.");
  session.notice.set("Something else.");
  session.tellOfFile(null);
  expect(session.notice.value).toBe("Something else.");
  session.tellOfFile("This is no picture.");
  session.tellOfFile(null);
  expect(session.notice.value).toBeNull();
});

it("without rows asks for none of them", async () => {
  const { backend, session } = opened({ rows: 0 });
  const asked = (["codes", "labels", "neighbours", "rows"] as const).map((name) => vi.spyOn(backend, name));
  session.start();
  await vi.waitFor(() => expect(session.decoding.picture.value).not.toBeNull(), soon);
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const spy of asked) expect(spy).not.toHaveBeenCalled();
});
