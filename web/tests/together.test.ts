import { expect, it, vi } from "vitest";
import { unevenness } from "../src/maths/steps";
import { seeded } from "../src/maths/random";
import { Together, linkBetween } from "../src/session/together";
import type { About } from "../src/backend/backend";
import { Session } from "../src/session/session";
import { carried, sameRows } from "../src/state/carry";
import { columnOf, initial, showsWay, type Column, type State } from "../src/state/state";
import { firstLink, fromHash, toHash } from "../src/state/url";
import { ScaledBackend, opened, optionsOf, runWith, soon } from "./runs-made";

async function together(...sessions: Session[]): Promise<Together> {
  sessions.forEach((session) => session.start());
  const waited = sessions.filter(({ about }) => about.rows > 0).map(({ cloud }) => cloud.load());
  await Promise.all(waited);
  const ids = sessions.map(({ about }) => about.id);
  for (const { store, about } of sessions) {
    store.dispatch({ type: "compared", beside: ids.filter((id) => id !== about.id) });
  }
  const made = new Together(sessions);
  made.start();
  return made;
}

/** Two runs of the same rows and as many latents, the second with codes twice as large. */
function alike(): [Session, Session] {
  const other = runWith("other");
  return [opened(runWith("own")), opened(other, "", new ScaledBackend(2, other, optionsOf(other)))];
}

it("shares the code while a probe is dragged, both ways and without an echo", async () => {
  const [own, other] = alike();
  await together(own, other);
  own.move([0.5, -0.25], "drag-1");
  expect(other.store.state.value.z).toEqual([0.5, -0.25]);
  other.move([1, 2], "drag-1");
  expect(own.store.state.value.z).toEqual([1, 2]);
  // Two gestures of two runs are two steps, though both runs count their own.
  own.store.undo();
  expect(own.store.state.value.z).toEqual([0.5, -0.25]);
  expect(other.store.state.value.z).toEqual([0.5, -0.25]);
});

it("shares rows that are pointed at and chosen, each at its own code", async () => {
  const [own, other] = alike();
  await together(own, other);
  own.inspection.row.set(5);
  expect(other.inspection.row.value).toBe(5);
  other.inspection.row.set(-1);
  expect(own.inspection.row.value).toBe(-1);
  own.jump(7);
  const [mine, its] = [own.store.state.value, other.store.state.value];
  expect(its.row).toBe(7);
  its.z.forEach((value, d) => expect(value).toBeCloseTo(2 * mine.z[d]!, 2));
});

it("goes to the nearest row where latents differ, or the reader wants it", async () => {
  const [own, wide] = [opened(runWith("own")), opened(runWith("wide", {}, { latents: 5 }))];
  expect(linkBetween(own, wide, "code")).toBe("row");
  await together(own, wide);
  own.move([0.9, 0.9]);
  const near = await own.backend.neighbours({ data: Float32Array.of(0.9, 0.9), shape: [1, 2] }, 1);
  await vi.waitFor(() => expect(wide.store.state.value.row).toBe(near.indices.data[0]), soon);
  expect(own.store.state.value.row).toBeNull();
  const [a, b] = alike();
  expect(linkBetween(a, b, "code")).toBe("code");
  await together(a, b);
  a.move([0.9, 0.9]);
  a.store.dispatch({ type: "joined", shared: "row" });
  await vi.waitFor(() => expect(b.store.state.value.row).not.toBeNull(), soon);
});

it("forgets a nearest row that comes after another choice, or after the end", async () => {
  const [own, wide] = [opened(runWith("own")), opened(runWith("wide", {}, { latents: 5 }))];
  const made = await together(own, wide);
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
  own.move([0.9, 0.9], "drag-1");
  own.jump(7);
  await pause();
  expect(wide.store.state.value.row).toBe(7);
  wide.move([0.9, 0.9, 0, 0, 0], "drag-1");
  made.end();
  await pause();
  expect(own.store.state.value.row).toBe(7);
});

it("leaves the panel as it was, and goes on with the way when it is open alone", async () => {
  const [own, other] = alike();
  own.store.dispatch({ type: "opened", panel: "draw" });
  const made = await together(own, other);
  made.end();
  own.store.dispatch({ type: "compared", beside: [] });
  expect(own.store.state.value.panel).toBe("draw");
  expect(showsWay(own.store.state.value)).toBe(false);
  expect(showsWay({ ...own.store.state.value, panel: "morph" })).toBe(true);
});

it("leaves a run alone that has other rows and other latents", async () => {
  const [own, far] = [opened(runWith("own")), opened(runWith("far", { data: "else" }, { latents: 5, rows: 40 }))];
  await together(own, far);
  const before = far.store.state.value.z;
  own.move([1, 1]);
  own.inspection.row.set(3);
  own.jump(3);
  own.store.dispatch({ type: "morphed", morph: { a: { row: 1 }, b: { row: 2 } } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(far.store.state.value.z).toBe(before);
  expect(far.inspection.row.value).toBe(-1);
  expect(far.store.state.value.morph.a).toBeNull();
});

it("shares the way and its frames: each run goes its own way between the same rows", async () => {
  const [own, other] = alike();
  const made = await together(own, other);
  made.chooseEnds(seeded(5));
  await vi.waitFor(() => expect(other.morphing.walk.value).not.toBeNull(), soon);
  await vi.waitFor(() => expect(own.morphing.walk.value).not.toBeNull(), soon);
  const { a, b } = own.store.state.value.morph as { a: { row: number }; b: { row: number } };
  expect(own.cloud.label(a.row)).not.toBe(own.cloud.label(b.row));
  expect(other.store.state.value.morph).toEqual(own.store.state.value.morph);
  made.goTo(4, true);
  expect(made.frame.value).toBe(4);
  const at = (session: Session): number => session.morphing.walk.value!.z.data[8]!;
  expect(own.store.state.value.z[0]).toBeCloseTo(at(own), 3);
  expect(other.store.state.value.z[0]).toBeCloseTo(at(other), 3);
  own.move([0, 0]);
  expect(made.frame.value).toBe(-1);
  own.store.dispatch({ type: "morphed", morph: { path: "spherical", n: 5 } });
  expect(other.store.state.value.morph).toMatchObject({ path: "spherical", n: 5 });
});

it("shares how maps look, as far as runs have it", async () => {
  const [own, bare] = [opened(runWith("own")), opened(runWith("bare", { data: null, labels: null }, { rows: 0 }))];
  await together(own, bare);
  own.store.dispatch({ type: "layered", layer: "lattice", shown: true });
  own.store.dispatch({ type: "coloured", colour: "score" });
  own.store.dispatch({ type: "singled", only: [1] });
  expect(bare.store.state.value.layers).toEqual(["prior"]);
  expect(bare.store.state.value.colour).toBe("score");
  expect(bare.store.state.value.only).toEqual([]);
  // And are enlarged alike in front of a room.
  own.store.dispatch({ type: "presented", presenting: true });
  expect(bare.store.state.value.presenting).toBe(true);
});

it("tells what fails beside the page's own run", async () => {
  const [own, other] = alike();
  const made = await together(own, other);
  other.notice.set("It broke.");
  expect(own.notice.value).toBe("runs/other: It broke.");
  made.end();
  own.move([2, 2]);
  expect(other.store.state.value.z).not.toEqual([2, 2]);
});

it("carries over to another run what makes sense there", () => {
  const [from, to] = [runWith("from"), runWith("to", {}, { latents: 5 })];
  expect(sameRows(from, to)).toBe(true);
  expect(sameRows(from, runWith("x", { rows: 61 }))).toBe(false);
  expect(sameRows(runWith("a", {}, { rows: 0 }), runWith("b", {}, { rows: 0 }))).toBe(false);
  const state = {
    ...initial(from),
    z: [1, 2],
    row: 3,
    panel: "morph",
    beside: [{ ...columnOf("to"), epoch: 3, view: { u: 1, v: 1, span: 2 } }, columnOf("other")],
    view: { u: 0, v: 0, span: 5 },
    morph: { a: { row: 1 }, b: { z: [1, 1] }, path: "spherical" as const, n: 5 },
  };
  const there = carried(state, from, to);
  expect(there).toMatchObject({ run: "to", row: 3, panel: "morph", z: initial(to).z, epoch: 3, view: { u: 1, v: 1, span: 2 } });
  // Each run keeps what its map shows when the two change places.
  expect(there.beside).toEqual([{ ...columnOf("from"), view: { u: 0, v: 0, span: 5 } }, columnOf("other")]);
  expect(there.morph).toEqual({ a: { row: 1 }, b: null, path: "spherical", n: 5 });
  expect(carried({ ...state, row: null }, from, runWith("same")).z).toEqual([1, 2]);
});

it("is part of the link", () => {
  const about = runWith("own", { epoch: 9, checkpoints: [{ id: "own@4", epoch: 4 }] });
  const a = runWith("a", { epoch: 9, checkpoints: [{ id: "a@2", epoch: 2 }] });
  const runs = [about, a, runWith("b", {}, { latents: 5 })];
  const plain = { ...initial(about), epoch: 4, beside: [columnOf("a"), columnOf("b")], shared: "row" as const };
  expect(toHash(plain, about)).toBe("v=1&run=own&epoch=4&beside=a,b&shared=row");
  expect(fromHash(toHash(plain, about), about, runs)).toEqual(plain);
  const columns = [
    { ...columnOf("a"), epoch: 2, view: { u: 0.5, v: -1, span: 3 } },
    { ...columnOf("b"), plane: { kind: "dims", x: 3, y: 1 } as const, view: { u: 0, v: 1, span: 2 } },
  ];
  const hash = toHash({ ...plain, beside: columns }, about);
  expect(hash).toContain("&columns=2/0.5,-1,3;/0,1,2/3,1&");
  expect(fromHash(hash, about, runs)).toEqual({ ...plain, beside: columns });
  const only = { ...initial(about), beside: [columnOf("a")] };
  for (const text of ["epoch=9&beside=own,,a,a&shared=all", "beside=gone,a&columns=2;7/x/9,9;2", "beside=a&columns=%;;;/"]) {
    expect(fromHash(`v=1&run=own&${text}`, about, runs)).toEqual(only);
  }
});

it("runs that are opened together are seen together, unless an address says otherwise", () => {
  const [own, ...others] = ["own", "a", "b", "c"].map((id) => runWith(id)) as [About, ...About[]];
  const runs = [own, ...others];
  expect(firstLink("", own, runs)).toBe("v=1&run=own&beside=a,b");
  expect(firstLink("#run=a", runs[1]!, runs)).toBe("v=1&run=a&beside=own,b");
  expect(firstLink("#v=1&run=own", own, runs)).toBe("#v=1&run=own");
  expect(firstLink("", own, [own])).toBe("v=1&run=own");
});

it("what the other maps show is the first run's to keep, to undo and to restore", async () => {
  const other = runWith("other", { epoch: 9, checkpoints: [{ id: "other@2", epoch: 2 }] }, { latents: 5 });
  const about = runWith("own");
  const session = new Session(about, new ScaledBackend(1, about, optionsOf(about)), "", undefined, [about, other]);
  session.store.dispatch({ type: "compared", beside: ["other"] });
  const beside = opened(other);
  await together(session, beside);
  const shown = (): State => beside.store.state.value;
  const kept = (): Column => session.store.state.value.beside[0]!;
  beside.store.dispatch({ type: "trained", epoch: 2 });
  beside.store.dispatch({ type: "turned", plane: { kind: "dims", x: 2, y: 0 } });
  beside.store.dispatch({ type: "looked", view: { u: 1, v: 2, span: 3 } });
  const all = { run: "other", epoch: 2, plane: { kind: "dims", x: 2, y: 0 }, view: { u: 1, v: 2, span: 3 } } as const;
  expect(kept()).toEqual(all);
  const { hash } = session.store;
  session.store.undo();
  expect(kept()).toMatchObject({ epoch: 2, plane: null });
  expect(shown()).toMatchObject({ epoch: 2, plane: { kind: "pca" } });
  session.store.undo();
  expect(shown().epoch).toBeNull();
  session.store.restore(hash);
  expect(shown()).toMatchObject({ epoch: 2, plane: all.plane, view: all.view });
  // Looking around is no step, and undoing a step does not zoom.
  beside.store.dispatch({ type: "looked", view: { u: 0, v: 0, span: 9 } });
  session.move([1, 1]);
  session.store.undo();
  expect(kept().view).toEqual({ u: 0, v: 0, span: 9 });
  session.store.dispatch({ type: "compared", beside: [] });
  session.store.undo();
  expect(kept()).toMatchObject({ run: "other", epoch: 2, view: { u: 0, v: 0, span: 9 } });
});

it("a run that is put where another one is has passed nothing on the way there", async () => {
  const own = opened(runWith("own"), "#v=1&row=5");
  const wide = opened(runWith("wide", {}, { latents: 5 }), "#v=1&row=5");
  const far = opened(runWith("far", {}, { latents: 4 }));
  await together(own, wide, far);
  await vi.waitFor(() => expect(wide.vicinity.found.value?.row).toBe(5), soon);
  await new Promise((resolve) => setTimeout(resolve, 400));
  for (const { vicinity } of [own, wide, far]) expect(vicinity.passed.value).toHaveLength(1);
  const label = own.cloud.labels.value!.findIndex((one) => one !== own.cloud.labels.value![5]);
  own.jump(label);
  await vi.waitFor(() => expect(wide.vicinity.passed.value.length).toBeGreaterThan(1), soon);
});

it("tells how evenly pictures change", () => {
  const at = (value: number): Float32Array => Float32Array.of(value, 0);
  expect(unevenness([at(0), at(1), at(2), at(3)])).toBeCloseTo(1);
  expect(unevenness([at(0), at(0), at(6)])).toBeCloseTo(2);
  expect(unevenness([at(1), at(1)])).toBeNull();
});
