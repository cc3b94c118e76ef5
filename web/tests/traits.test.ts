import { describe, expect, it, vi } from "vitest";
import type { About, ColumnAbout, ColumnValues } from "../src/backend/backend";
import { MockBackend, mockAbout } from "../src/backend/mock";
import { arrowsOf } from "../src/map/arrows";
import { coloursOf } from "../src/map/colouring";
import { DENSITY_SHARES, NAME_HEIGHT, densityOf, namesOf } from "../src/map/crowd";
import { amountOf, evenly } from "../src/maths/directions";
import { gridIndex } from "../src/maths/grid-index";
import { normal, seeded } from "../src/maths/random";
import { shareIn } from "../src/maths/plane";
import { roundStep, slopeOf } from "../src/maths/regression";
import { frameOf, screenX, screenY } from "../src/maths/view";
import { sentenceOf } from "../src/panels/traits-company";
import { nothing, rowOf, searched, suggested } from "../src/session/search";
import { columnsOf } from "../src/session/saving";
import { Session } from "../src/session/session";
import { csvOf } from "../src/share/csv";
import { NO_ATTRIBUTES, added, usualName } from "../src/state/attributes";
import { initial } from "../src/state/state";
import { fromHash, toHash } from "../src/state/url";

const soon = { timeout: 2000, interval: 5 };
const usual = { words: null, counts: null, low: 0, high: 1, missing: 0, unit: null };
const COLUMNS: readonly ColumnAbout[] = [
  { ...usual, name: "age (years)", kind: "quantity", low: 20, high: 80, missing: 2, unit: "years" },
  { ...usual, name: "tissue/organ: a=b&c", kind: "category", words: ["liver", "=skin, \"x\"", "übrig"], counts: [1, 2, 3], missing: 1 },
  { ...usual, name: "id", kind: "name" },
]; // prettier-ignore

const about = (more: Partial<About> = {}): About => ({ ...mockAbout(), columns: COLUMNS, ...more });

class Backend extends MockBackend {
  override async column(name: string): Promise<ColumnValues> {
    const rows = 600;
    const found: Record<string, ColumnValues> = {
      "age (years)": { index: null, words: null, values: Float32Array.from({ length: rows }, (_, i) => (i % 9 ? 20 + (i % 60) : Number.NaN)) },
      "tissue/organ: a=b&c": { words: null, values: null, index: Int32Array.from({ length: rows }, (_, i) => (i % 4) - 1) },
      id: { index: Int32Array.from({ length: rows }, (_, i) => i), values: null, words: Array.from({ length: rows }, (_, i) => `P-${i}`) },
    }; // prettier-ignore
    return found[name]!;
  }
}

async function opened(hash = "", more: Partial<About> = {}): Promise<Session> {
  const session = new Session(about(more), new Backend(), hash);
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value && session.cloud.labels.value).toBeTruthy(), soon);
  return session;
}

describe("the regression of codes on a quantity", () => {
  const uniform = seeded(3);
  const t = Float32Array.from({ length: 500 }, (_, i) => (i % 7 ? 2000 + 30 * uniform() : Number.NaN));
  const rows = Array.from(t, (value) => [normal(uniform) + (value || 0) / 10, normal(uniform)]);
  const codes = { data: Float32Array.from(rows.flat()), shape: [500, 2] };

  it("has amounts in the quantity's own units", () => {
    const { direction, mean } = slopeOf(codes, t)!;
    const known = rows.filter((_, i) => Number.isFinite(t[i]!));
    const centre = [0, 1].map((d) => known.reduce((sum, row) => sum + Math.fround(row[d]!), 0) / known.length);
    expect(amountOf(direction, centre)).toBeCloseTo(mean, 2);
    expect(direction.vector[0]).toBeCloseTo(0.1, 2);
  });

  it("scales with the unit: a thousand times the numbers is a thousandth of the direction", () => {
    const small = slopeOf(codes, t)!;
    const large = slopeOf(codes, t.map((value) => 1000 * value))!;
    small.direction.vector.forEach((value, d) => expect(large.direction.vector[d]! * 1000).toBeCloseTo(value, 4));
  });

  it("is the difference of means where the numbers are 0 and 1", () => {
    const two = t.map((_, i) => i % 2);
    const mean = (which: number, d: number): number => rows.filter((_, i) => i % 2 === which).reduce((sum, row) => sum + row[d]!, 0) / 250;
    slopeOf(codes, two)!.direction.vector.forEach((value, d) => expect(value).toBeCloseTo(mean(1, d) - mean(0, d), 4));
  });

  it("is none where nothing differs", () => {
    expect(slopeOf(codes, t.fill(3))).toBeNull();
    expect(slopeOf(codes, t.fill(Number.NaN))).toBeNull();
    expect([0.7, 3.2, 14, 1e-5].map(roundStep)).toEqual([1, 5, 20, 1e-5]);
  });
});

describe("columns in the address", () => {
  it("come back, as colours, as what is singled out and as traits", () => {
    const groups = [
      { with: { quantity: "age (years)" }, without: "others" },
      { with: { column: COLUMNS[1]!.name, value: COLUMNS[1]!.words![1]! }, without: { column: COLUMNS[1]!.name, value: "übrig" } },
      { with: { label: "small" }, without: "others" },
    ] as const;
    const attributes = groups.reduce((all, each) => added(all, each), NO_ATTRIBUTES);
    const colour = `column:${COLUMNS[1]!.name}` as const;
    const state = { ...initial(about()), colour, only: [2], attributes, panel: "traits" };
    expect(fromHash(toHash(state, about()), about())).toEqual(state);
    expect(attributes.list.map(({ name }) => name)).toEqual(["age (years)", '=skin, "x" rather than übrig', "small"]);
    expect(usualName({ with: { column: "glasses", value: "True" }, without: "others" }, [])).toBe("glasses");
  });

  it("that are not there are left out, and links of the panel Attributes open the panel Traits", () => {
    const hash = "v=1&run=mock&panel=attributes&colour=column:gone&attributes=a/0/label:small/others;b/1/quantity:gone/others;c/2/others/quantity:age%20(years)";
    const state = fromHash(hash, about());
    expect(state.panel).toBe("traits");
    expect(state.colour).toBe("label");
    expect(state.attributes.list.map(({ name }) => name)).toEqual(["a"]);
  });

  it("colour the map at first where there are no labels", () => {
    expect(initial(about({ labels: null })).colour).toBe("column:age (years)");
    expect(initial(about({ rows: 60_000 })).layers).toEqual(["points", "density", "names"]);
  });
});

describe("colours of a column", () => {
  const known = { labels: null, values: null, scores: null };

  it("are a scale with round values for numbers, and grey where there are none", () => {
    const values = Float32Array.from([20, Number.NaN, 80, 50]);
    const column = { index: null, values, words: null };
    const { kinds, legend } = coloursOf(about(), { ...known, column }, { colour: "column:age (years)", only: [] }, "light");
    expect(legend).toMatchObject({ kind: "scale", name: "age (years)", low: 20, high: 80, ticks: [20, 40, 60, 80] });
    expect(legend).toMatchObject({ words: "2 rows without one: grey" });
    expect(kinds[1]).toBe(0);
    expect(Math.sign(kinds[2]! - kinds[3]!) + Math.sign(kinds[3]! - kinds[0]!)).toBe(2);
  });

  it("end at the lowest and highest hundredth where few numbers lie far off", () => {
    const values = Float32Array.from({ length: 2000 }, (_, i) => (i ? i % 100 : 1e9));
    const column = { index: null, values, words: null };
    const far = about({ columns: [{ ...COLUMNS[0]!, high: 1e9 }] });
    const { legend } = coloursOf(far, { ...known, column }, { colour: "column:age (years)", only: [] }, "dark");
    expect(legend.kind === "scale" && legend.high).toBeLessThan(101);
    expect(legend.kind === "scale" && legend.words).toContain("hundredth");
  });

  it("are those of labels for words, and tell how many have none", () => {
    const column = { index: Int32Array.from([0, 1, -1, 2]), values: null, words: null };
    const { legend } = coloursOf(about(), { ...known, column }, { colour: `column:${COLUMNS[1]!.name}`, only: [] }, "light");
    expect(legend).toMatchObject({ kind: "labels", missing: 1, name: COLUMNS[1]!.name });
  });
});

describe("a crowd", () => {
  const uniform = seeded(5);
  const labels = Int32Array.from({ length: 20_000 }, () => Math.floor(5 * uniform()));
  const middles = [[-3, 0], [3, 0], [0, 3], [0, -3], [3.2, 0.1]] as const;
  const xs = Float32Array.from(labels, (label) => middles[label]![0] + 0.4 * normal(uniform));
  const ys = Float32Array.from(labels, (label) => middles[label]![1] + 0.4 * normal(uniform));
  const grid = gridIndex(xs, ys);
  const entries = middles.map((_, label) => ({ label, text: `class ${label}`, colour: "#000000" }));
  const question = (view = { u: 0, v: 0, span: 10 }, width = 600) => ({
    grid, labels, entries, density: true, widthOf: (text: string) => 7 * text.length, frame: frameOf(view, width, 500, 1),
  }); // prettier-ignore

  it("has names at the densest places of their classes, and none over another", () => {
    const asked = question();
    const names = namesOf(asked);
    expect(names.length).toBeGreaterThanOrEqual(4);
    const boxes = names.map(({ text, at }) => ({ text, x: screenX(asked.frame, at.u), y: screenY(asked.frame, at.v), half: 3.5 * text.length + 8 }));
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= a.half + b.half || Math.abs(a.y - b.y) >= NAME_HEIGHT).toBe(true);
      expect(a.x - a.half).toBeGreaterThanOrEqual(0);
    }
    for (const { text, at } of names.filter((name) => name.text < "class 3")) {
      const [u, v] = middles[Number(text.slice(-1))]!;
      expect(Math.hypot(at.u - u, at.v - v)).toBeLessThan(0.9);
    }
  });

  it("names what is in sight", () => {
    const names = namesOf(question({ u: -3, v: 0, span: 2 }));
    expect(names.map(({ text }) => text)).toEqual(["class 0"]);
    expect(namesOf({ ...question(), labels: null })).toEqual([]);
    expect(namesOf({ ...question(), entries: entries.slice(0, 1) }).map(({ text }) => text)).toEqual(["class 0"]);
  });

  it("has a name beside its densest place, not at a stray point, where another name is in the way", () => {
    // Two classes at one place, of which the smaller has three points far away.
    const uniform = seeded(4);
    const [all, few] = [3000, 300];
    const near = Array.from({ length: all + few }, () => [0.3 * normal(uniform), 0.3 * normal(uniform)] as const);
    const points = [...near, [4, 3] as const, [4, 3] as const, [4.01, 3] as const];
    const crowd = {
      ...question(),
      grid: gridIndex(Float32Array.from(points, ([u]) => u), Float32Array.from(points, ([, v]) => v)),
      labels: Int32Array.from(points, (_, i) => (i < all ? 0 : 1)),
      entries: entries.slice(0, 2),
    };
    const names = namesOf(crowd);
    expect(names.map(({ text }) => text)).toEqual(["class 0", "class 1"]);
    expect(Math.hypot(names[1]!.at.u, names[1]!.at.v)).toBeLessThan(1.5);
  });

  it("is outlined where it is densest", () => {
    const regions = densityOf(grid);
    expect(regions.map(({ share }) => share)).toEqual(DENSITY_SHARES);
    expect(regions.at(-1)!.outlines.length).toBeGreaterThanOrEqual(4);
    expect(densityOf(grid)).toBe(regions);
  });
});

describe("finding", () => {
  it("takes rows by number, with commas too, and no others", () => {
    expect([rowOf("12", 60), rowOf("row 12", 60), rowOf("1,200", 5000), rowOf("60", 60), rowOf("-1", 60), rowOf("1.5", 60)])
      .toEqual([12, 12, 1200, null, null, null]); // prettier-ignore
  });

  it("suggests classes by their words, those that begin so first", async () => {
    expect(suggested(about(), "l").map(({ text }) => text)).toEqual(["leaning", "tissue/organ: a=b&c: liver", "small"]);
    expect(suggested(about(), "")).toEqual([]);
    const find = async () => [{ row: 7, text: "P-7", column: "id" }, { row: 70, text: "P-70", column: "id" }];
    expect((await searched(about(), { find }, "p-7")).map((each) => each.kind === "row" && each.row)).toEqual([7, 70]);
  });

  it("says in a sentence what it did not find", () => {
    expect(nothing(about(), "900")).toBe("There is no row 900: rows are counted from 0 to 599.");
    expect(nothing(about(), "nobody")).toBe("No row and no class is called “nobody”.");
  });
});

describe("CSV", () => {
  const cells = (...texts: string[]) => [{ name: "a", words: true, cell: (row: number) => texts[row]! }];

  it("quotes what has to be quoted, and lets no spreadsheet run a cell", () => {
    const text = csvOf([0, 1, 2, 3, 4, 5], cells('say "hi"', "a,b", "x\ny", "=1+1", "-5.5", " padded"));
    expect(text).toBe('row,a\r\n0,"say ""hi"""\r\n1,"a,b"\r\n2,"x\ny"\r\n3,\'=1+1\r\n4,-5.5\r\n5," padded"\r\n');
    expect(csvOf([0], cells("@SUM(A1)"))).toContain("'@SUM(A1)");
    expect(csvOf([0], [{ name: "=x", words: false, cell: () => "-1.5e-7" }])).toBe("row,'=x\r\n0,-1.5e-7\r\n");
  });

  it("marks itself as UTF-8 only where that is needed", () => {
    expect(csvOf([0], cells("plain")).startsWith("row")).toBe(true);
    expect(csvOf([0], cells("über")).startsWith("\ufeffrow")).toBe(true);
  });

  it("of rows has their labels, columns, codes and scores", async () => {
    const session = await opened();
    const rows = [0, 5, 10];
    const lines = csvOf(rows, await columnsOf(session, rows)).replace("\ufeff", "").split("\r\n");
    expect(lines[0]).toBe("row,label,age (years),tissue/organ: a=b&c,id,z0,z1,minus_elbo_nats");
    expect(lines[1]).toMatch(/^0,\w+,,,P-0,-?[\d.]+,-?[\d.]+,[\d.]+$/);
    expect(lines[2]).toMatch(/^5,\w+,25,liver,P-5,/);
    expect(lines[3]).toMatch(/^10,\w+,30,"'=skin, ""x""",P-10|^10,\w+,30,"=skin|^10,\w+,30,'=skin/);
    expect(lines.length).toBe(5);
  });
});

describe("a quantity's trait in a session", () => {
  it("has a direction, a step and a reading, and leaves rows without a value out", async () => {
    const session = await opened();
    const attributes = added(NO_ATTRIBUTES, { with: { quantity: "age (years)" }, without: "others" });
    session.store.dispatch({ type: "attributed", attributes });
    await vi.waitFor(() => expect(session.directions.found.value?.list[0]?.direction).toBeTruthy(), soon);
    const [found] = session.directions.found.value!.list;
    expect(found!.step).toBe(20);
    expect(found!.members.filter((member) => member === 0).length).toBe(Math.ceil(600 / 9));
    await vi.waitFor(() => expect(session.readings.bySlot.value.get(0)?.kind).toBe("known"), soon);
  });

  it("stays at the mean when it is turned to a right angle", async () => {
    const session = await opened();
    const one = added(NO_ATTRIBUTES, { with: { quantity: "age (years)" }, without: "others" });
    const two = { ...added(one, { with: { label: "small" }, without: "others" }), orthogonal: true };
    session.store.dispatch({ type: "attributed", attributes: two });
    await vi.waitFor(() => expect(session.directions.found.value?.list[1]?.direction).toBeTruthy(), soon);
    const [age, small] = session.directions.found.value!.list;
    const dot = age!.direction!.vector.reduce((sum, value, d) => sum + value * small!.direction!.vector[d]!, 0);
    expect(dot).toBeCloseTo(0, 9);
    const { mean } = age!.slope!;
    const centre = age!.slope!.direction.origin.map((value, d) => value + mean * age!.slope!.direction.vector[d]!);
    expect(amountOf(age!.direction!, centre)).toBeCloseTo(mean, 6);
  });
});

describe("what is told of a trait", () => {
  it("how much of it a plane shows", () => {
    const four = mockAbout({ latents: 4 });
    const vector = Float64Array.from([3, 4, 0, 0]);
    expect(shareIn({ kind: "dims", x: 0, y: 1 }, four, vector)).toBeCloseTo(1);
    expect(shareIn({ kind: "dims", x: 0, y: 2 }, four, vector)).toBeCloseTo(0.6);
    expect(shareIn({ kind: "dims", x: 2, y: 3 }, four, vector)).toBe(0);
    expect(shareIn({ kind: "pca" }, four, vector)).toBeCloseTo(1);
  });

  it("what comes along, in words", () => {
    const each = { column: "sex", measure: "V", value: 0.42, strength: 0.42, word: "m", other: null, with_trait: 0.71, without_trait: 0.29 } as const;
    const described = about();
    expect(sentenceOf(each, described)).toBe("sex m: 71 % of those with it, 29 % of those without (V = 0.42)");
    expect(sentenceOf({ ...each, measure: "r", column: "age", value: -0.42 }, described)).toBe("age (r = −0.42)");
    const named = { ...described, label_name: "species" };
    expect(sentenceOf({ ...each, measure: "r", column: "label", value: 0.5 }, described)).toBe("label (r = 0.50)");
    expect(sentenceOf({ ...each, measure: "r", column: "label", value: 0.5 }, named)).toBe("species (r = 0.50)");
  });

  it("as an arrow: its name, cut to the room that the map has, and a step in its own unit", () => {
    const dated = { name: "harvest", kind: "quantity", words: null, counts: null, low: 2011, high: 2025, missing: 0, unit: "year" } as const;
    const long = "a very long name of a column of labels";
    const of = (quantity: string, name: string, step: number) => {
      const attribute = { slot: 0, name, with: { quantity }, without: "others" };
      const direction = { vector: Float64Array.of(1, 0), origin: [0, 0] };
      const found = { list: [{ attribute, direction, slope: { mean: 2015 }, step }] };
      const known = { directions: { found: { value: found } }, readings: { bySlot: { value: new Map() } }, about: about({ columns: [dated] }) };
      return arrowsOf(known as never, { ...initial(known.about), panel: "traits" }, "light")[0]!.text;
    };
    expect(of("harvest", "harvest", 2)).toBe("harvest +2 years");
    expect(of("harvest", "harvest", 1)).toBe("harvest +1 year");
    expect(of("harvest", long, 2)).toBe("a very long name of a colum… +2 years");
  });

  it("which rows lie along it", () => {
    const amounts = Float64Array.from({ length: 701 }, (_, i) => (i * 37) % 701);
    const found = evenly(amounts, 7);
    expect(found.map(({ amount }) => amount)).toEqual([50, 150, 250, 350, 450, 550, 650]);
    expect(found.every(({ row, amount }) => amounts[row] === amount)).toBe(true);
    expect(evenly(Float64Array.from([2, 1]), 7).map(({ row }) => row)).toEqual([1, 0]);
  });
});
