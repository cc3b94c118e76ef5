import { describe, expect, it, vi } from "vitest";
import { MockBackend, mockAbout, type MockOptions } from "../src/backend/mock";
import { amountOf, type Direction } from "../src/maths/directions";
import { dot, lengthOf } from "../src/maths/orthogonal";
import { AmountSetter } from "../src/session/attributes";
import { Session } from "../src/session/session";
import {
  NO_ATTRIBUTES,
  added,
  changed,
  removed,
  type Attributes,
  type Lassoed,
} from "../src/state/attributes";
import { fromHash, toHash } from "../src/state/url";
import { initial } from "../src/state/state";

const soon = { timeout: 2000, interval: 5 };
const UPRIGHT = { with: { label: "upright" }, without: "others" } as const;
const SMALL = { with: { label: "small" }, without: { label: "leaning" } } as const;
const LEFT: Lassoed = {
  plane: { kind: "dims", x: 0, y: 1 },
  outline: [{ u: -9, v: -9 }, { u: 0, v: -9 }, { u: 0, v: 9 }, { u: -9, v: 9 }],
}; // prettier-ignore

async function opened(options: MockOptions = {}, hash = "") {
  const session = new Session(mockAbout(options), new MockBackend(options), hash);
  session.start();
  await vi.waitFor(() => expect(session.cloud.labels.value).not.toBeNull(), soon);
  const set = (attributes: Attributes): void => session.store.dispatch({ type: "attributed", attributes });
  return { session, set, found: () => session.directions.found.value! };
}

function meanOf(session: Session, chosen: (row: number) => boolean): number[] {
  const rows = Array.from({ length: session.about.rows }, (_, row) => row).filter(chosen);
  const sum = session.about.prior.mean.map(() => 0);
  for (const row of rows) session.cloud.code(row)!.forEach((value, d) => (sum[d]! += value));
  return sum.map((value) => value / rows.length);
}

describe("the list of attributes", () => {
  it("gives each a free colour and a name of its own", () => {
    let list = added(added(NO_ATTRIBUTES, UPRIGHT), { with: LEFT, without: "others" });
    list = added(list, { with: LEFT, without: "others" });
    expect(list.list.map(({ slot, name }) => [slot, name])).toEqual([[0, "upright"], [1, "Lasso 1"], [2, "Lasso 2"]]);
    list = removed({ ...list, shown: 1 }, 1);
    expect(list.shown).toBeNull();
    expect(added(list, SMALL).list.at(-1)).toMatchObject({ slot: 1, name: "small rather than leaning" });
    expect(changed(list, 2, { name: "left" }).list.map(({ name }) => name)).toEqual(["upright", "left"]);
  });

  it("is in the address by labels' texts and outlines, and what fits no more is left out", () => {
    const about = mockAbout({ latents: 4 });
    const lassoed = { with: { ...LEFT, plane: { kind: "pca" } }, without: { label: "small" } } as const;
    const two = added(added(NO_ATTRIBUTES, UPRIGHT), lassoed);
    const state = { ...initial(about), attributes: { ...two, orthogonal: true, shown: 1 } };
    const hash = toHash(state, about);
    expect(hash).toContain("attributes=upright/0/label:upright/others;");
    expect(hash).toContain(";Lasso%201/1/lasso:pca:-9,-9,0,-9,0,9,-9,9/label:small&");
    expect(fromHash(hash, about)).toEqual(state);
    const elsewhere = fromHash(hash, { ...about, labels: ["small", "large"] });
    expect(elsewhere.attributes.list.map(({ slot }) => slot)).toEqual([1]);
    expect(fromHash(hash, { ...about, rows: 0 }).attributes.list).toEqual([]);
    const broken = [
      "x", "a/0/others/others", "a/0/label:upright", "a/0/lasso:pca:1,2,3,4/others", "a/0/lasso:9,9:0,0,1,1,2,0/others",
      "/x/label:small/others",
    ]; // prettier-ignore
    for (const text of broken) {
      expect(fromHash(`#v=1&attributes=${text}&shown=7`, about)).toEqual(initial(about));
    }
  });
});

describe("directions", () => {
  it("come from labels, against all others or another label", async () => {
    const { session, set, found } = await opened();
    set(added(added(NO_ATTRIBUTES, UPRIGHT), SMALL));
    const labels = session.cloud.labels.value!;
    const [upright, small] = found().list;
    const has = meanOf(session, (row) => labels[row] === 0);
    const lacks = meanOf(session, (row) => labels[row] !== 0);
    has.forEach((value, d) => expect(upright!.direction!.vector[d]).toBeCloseTo(value - lacks[d]!, 12));
    expect(amountOf(small!.direction!, meanOf(session, (row) => labels[row] === 2))).toBeCloseTo(1, 12);
    expect(amountOf(small!.direction!, meanOf(session, (row) => labels[row] === 1))).toBeCloseTo(0, 12);
    expect(small!.histogram!.neither.count).toBe(labels.filter((label) => label === 0).length);
  });

  it("come from lassoed points, on whatever axes they were drawn", async () => {
    const { session, set, found } = await opened({ latents: 4 });
    set(added(NO_ATTRIBUTES, { with: LEFT, without: "others" }));
    const inside = (row: number): boolean => session.cloud.code(row)![0]! < 0;
    const expected = meanOf(session, inside);
    expect(amountOf(found().list[0]!.direction!, expected)).toBeCloseTo(1, 12);
    session.store.dispatch({ type: "turned", plane: { kind: "dims", x: 2, y: 3 } });
    expect(amountOf(found().list[0]!.direction!, expected)).toBeCloseTo(1, 12);
    // These principal axes are the dimensions 1 and 0.
    set(added(NO_ATTRIBUTES, { with: { ...LEFT, plane: { kind: "pca" } }, without: "others" }));
    const below = meanOf(session, (row) => session.cloud.code(row)![1]! < 0);
    expect(amountOf(found().list[0]!.direction!, below)).toBeCloseTo(1, 12);
  });

  it("say why where there is none", async () => {
    const { set, found } = await opened();
    const nowhere = { ...LEFT, outline: LEFT.outline.map(({ u, v }) => ({ u: u + 1000, v })) };
    const everything = { ...LEFT, outline: LEFT.outline.map(({ u, v }) => ({ u: 100 * (u + 4.5), v: 100 * v })) };
    const groups = [
      { with: nowhere, without: "others" },
      { with: everything, without: "others" },
      { with: LEFT, without: LEFT },
    ] as const;
    set(groups.reduce<Attributes>((all, each) => added(all, each), NO_ATTRIBUTES));
    expect(found().list.map(({ problem }) => problem)).toEqual([
      expect.stringContaining("with it"),
      expect.stringContaining("without it"),
      expect.stringContaining("same mean"),
    ]);
    expect(found().list.every(({ direction }) => direction === null)).toBe(true);
  });

  it("wait for the rows, and come with them from a link", async () => {
    const session = new Session(mockAbout(), new MockBackend(), "#v=1&attributes=up/0/label:upright/others");
    session.start();
    expect(session.directions.found.value).toBeNull();
    await vi.waitFor(() => expect(session.directions.found.value?.list[0]?.direction).toBeTruthy(), soon);
  });

  it("are kept while only a name changes, and found anew when the codes are others", async () => {
    const { session, set, found } = await opened();
    set(added(NO_ATTRIBUTES, UPRIGHT));
    const before = found().list[0]!;
    set(changed(session.store.state.value.attributes, 0, { name: "straight" }));
    expect(found().list[0]!.attribute.name).toBe("straight");
    expect(found().list[0]!.direction).toBe(before.direction);
    expect(found().list[0]!.histogram).toBe(before.histogram);
    const { data, shape } = session.cloud.codes.value!;
    session.cloud.codes.set({ data: data.map((value) => 2 * value), shape });
    const twice = 2 * before.direction!.vector[0]!;
    await vi.waitFor(() => expect(found().list[0]!.direction!.vector[0]).toBeCloseTo(twice, 10), soon);
  });
});

describe("at right angles", () => {
  it("a slider leaves the others where they are", async () => {
    const { session, set, found } = await opened();
    set({ ...added(added(NO_ATTRIBUTES, UPRIGHT), SMALL), orthogonal: true });
    const [a, b] = found().list.map(({ direction }) => direction!) as [Direction, Direction];
    expect(Math.abs(dot(a.vector, b.vector))).toBeLessThan(1e-12);
    const [before, z] = [amountOf(b, session.store.state.value.z), session.store.state.value.z];
    session.move(new AmountSetter().next(a, z, 2));
    expect(amountOf(a, session.store.state.value.z)).toBeCloseTo(2, 3);
    expect(amountOf(b, session.store.state.value.z)).toBeCloseTo(before, 3);
    set({ ...session.store.state.value.attributes, orthogonal: false });
    expect(lengthOf(found().list[0]!.direction!.vector)).toBeCloseTo(lengthOf(a.vector), 12);
    expect(found().list[0]!.direction!.vector).not.toEqual(a.vector);
  });

  it("directions that depend on each other stay as they are, with a sentence", async () => {
    const { set, found } = await opened({ latents: 3 });
    const leaning = { with: { label: "leaning" }, without: "others" } as const;
    const small = { with: { label: "small" }, without: "others" } as const;
    const three = [UPRIGHT, leaning, small].reduce((all, groups) => added(all, groups), NO_ATTRIBUTES);
    set(three);
    const plain = found().list.map(({ direction }) => [...direction!.vector]);
    set({ ...three, orthogonal: true });
    expect(found().problem).toContain("combination of the others");
    expect(found().list.map(({ direction }) => [...direction!.vector])).toEqual(plain);
    set({ ...added(added(three, SMALL), { with: LEFT, without: "others" }), orthogonal: true });
    expect(found().problem).toContain("5 directions can’t all be at right angles in 3 latents: delete 2");
  });
});

describe("a slider", () => {
  it("comes back to exactly where it began, and starts anew where something else has moved z", () => {
    const direction = { origin: new Float64Array(3), vector: Float64Array.from([0.1, 0.2, 0.3]) };
    const setter = new AmountSetter();
    const began = [1, 2, 3];
    let z: readonly number[] = began;
    const to = (amount: number): void => {
      z = setter.next(direction, z, amount).map((value) => Number(value.toFixed(2)));
      setter.became(z);
    };
    const start = amountOf(direction, z);
    for (let k = 1; k <= 50; k++) to(start + k / 7);
    to(start);
    expect(z).toEqual(began);
    z = [0, 0, 1];
    to(amountOf(direction, z) + 1);
    expect(z).toEqual([0.1, 0.2, 1.3]);
  });
});

describe("the lasso", () => {
  it("makes an attribute, then its other group, and undo takes both back", async () => {
    const { session, found } = await opened();
    const { lassoing, store } = session;
    lassoing.begin({ side: "with", slot: null });
    lassoing.take(LEFT.plane, LEFT.outline);
    const first = { name: "Lasso 1", with: LEFT, without: "others" };
    expect(store.state.value.attributes).toMatchObject({ shown: 0, list: [first] });
    expect(lassoing.task.value).toBeNull();
    expect(lassoing.taken.value).toBe(0);
    const inside = found().list[0]!.histogram!.with.count;
    expect(found().list[0]!.histogram!.without.count).toBe(session.about.rows - inside);
    lassoing.begin({ side: "without", slot: 0 });
    const right = LEFT.outline.map(({ u, v }) => ({ u: -u, v }));
    lassoing.take(LEFT.plane, right);
    expect(found().list[0]!.histogram!.without.count).toBe(session.about.rows - inside);
    expect(store.state.value.attributes.list[0]!.without).toMatchObject({ outline: right });
    store.undo();
    store.undo();
    expect(store.state.value.attributes).toEqual(NO_ATTRIBUTES);
    store.redo();
    expect(found().list.length).toBe(1);
  });

  it("that is left changes nothing", async () => {
    const { session } = await opened();
    session.lassoing.begin({ side: "with", slot: null });
    session.lassoing.leave();
    session.lassoing.take(LEFT.plane, LEFT.outline);
    expect(session.store.history.value.past).toEqual([]);
  });
});
