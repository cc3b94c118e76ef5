/** Tours: their files, hostile ones too, what they do to the page, and the one that every run has. */
import { expect, test } from "vitest";
import { mockAbout } from "../src/backend/mock";
import type { About } from "../src/backend/backend";
import { initial } from "../src/state/state";
import { fromHash, toHash } from "../src/state/url";
import { builtIn } from "../src/tour/built-in";
import { atStep, followed, isBare, kept } from "../src/tour/moving";
import { endsOf } from "../src/tour/rows";
import { MOST, linkText, pieces, plain, read, worded, written, type Tour } from "../src/tour/tour";
import { unmet } from "../src/state/unmet";
import { language } from "../src/words/words";
import { CHINESE } from "../src/words/zh/all";

const LESSON: Tour = {
  title: { en: "Two places", zh: "两个地方" },
  steps: [
    { title: "Here", text: "One place, [and another](#z=1,1&panel=morph).\n\nA second paragraph.", state: "z=0.5,1&layers=points" },
    { title: "There", text: { en: "The other.", zh: "另一个。" }, state: "" },
  ],
};

// -------------------------------------------------------------------- files

test("a tour comes back from its file as it was", () => {
  expect(read(written(LESSON))).toEqual(LESSON);
  expect(read(`\uFEFF${written(LESSON)}`)).toEqual(LESSON);
  language.set("zh");
  expect([worded(LESSON.title), worded(LESSON.steps[0]!.title), worded(LESSON.steps[1]!.text)]).toEqual(["两个地方", "Here", "另一个。"]);
  language.set("en");
  expect(worded({ zh: "只有中文" })).toBe("只有中文");
});

const file = (changes: object): string => JSON.stringify({ aevum: "tour", version: 1, ...LESSON, ...changes });
const step = (changes: object): string => file({ steps: [LESSON.steps[0], { ...LESSON.steps[1], ...changes }] });

test.each([
  ["", "it is no JSON"],
  ["[".repeat(100_000), "it is no JSON"],
  ["[]", "it is no tour"],
  [JSON.stringify({ ...LESSON, version: 1 }), "it is no tour"],
  [file({ version: 2 }), "not of version 1"],
  [file({ version: "1" }), "not of version 1"],
  [file({ steps: [] }), "has no steps"],
  [file({ steps: { length: 3 } }), "has no steps"],
  [file({ steps: Array.from({ length: 61 }, () => LESSON.steps[0]) }), "more than 60 steps"],
  [file({ title: "  " }), "its title is no text"],
  [file({ title: { en: "a", __proto__: null, fr: "b" } }), "its title is no text"],
  [file({ steps: [null] }), "step 1 is no object"],
  [step({ title: "a".repeat(201) }), "step 2: its title is no text of at most 200"],
  [step({ text: 5 }), "step 2: its text is no text"],
  [step({ text: "a".repeat(4001) }), "step 2: its text is no text of at most 4000"],
  [step({ text: "[see](https://example.org)" }), "step 2: “see” links to “https://example.org”"],
  [step({ text: "[see](javascript:alert)" }), "links can only move the page"],
  [step({ text: "[see](javascript:alert(1))" }), "“[see](javascript:alert(1))” is no link"],
  [step({ text: "[one](#only=3) and [two](#only = 3)" }), "“[two](#only = 3)” is no link"],
  [step({ text: "[see](#only=3" }), "is no link"],
  [step({ text: "[x [y]](javascript:alert(1))" }), "is no link"],
  [step({ text: "[one\n\ntwo](#only=3)" }), "is no link"],
  [step({ text: "[](#only=3)" }), "“[](#only=3)” is no link"],
  [step({ text: "[see](#only=3\uFEFF)" }), "is no link"],
  [step({ text: "[see](#a=b#c=d)" }), "links can only move the page"],
  [step({ text: { en: "fine", zh: "[看](//example.org)" } }), "step 2: “看”"],
  [step({ state: "https://example.org/#z=1" }), "step 2: its state"],
  [step({ state: 3 }), "step 2: its state"],
  [step({ state: `z=${"1".repeat(40_000)}` }), "step 2: its state"],
  [" ".repeat(MOST.bytes + 1), "more than 256 kB"],
])("what is no tour is told: %.40s", (text, told) => {
  expect(() => read(text)).toThrow(told);
});

test("a text is words and links, and never markup", () => {
  expect(pieces("<b>Bold</b> [here](#z=1) and [there](#panel=morph&a=row1).\n\n[a] (b)")).toEqual([
    ["<b>Bold</b> ", { words: "here", link: "z=1" }, " and ", { words: "there", link: "panel=morph&a=row1" }, "."],
    ["[a] (b)"],
  ]);
  expect(plain("One [link](#z=1).")).toBe("One link.");
  const link = linkText("the [best]", "attributes=a(b) c&z=1");
  expect(pieces(link)).toEqual([[{ words: "the best", link: "attributes=a%28b%29%20c&z=1" }]]);
});

// -------------------------------------------------------------------- moving the page

const about = mockAbout({ latents: 3 });
const where = { about, runs: [about] };

test("a step says all of the state, and a link only what changes", () => {
  const now = { ...initial(about), tour: 2, presenting: true, panel: "morph", row: 5, z: [1, 2, 3] };
  expect(atStep("z=0.5&panel=inside", now, where)).toEqual({ ...initial(about), tour: 2, presenting: true, panel: "inside", z: [0.5, 0, 0] });
  expect(followed("layers=points,lattice", now, where)).toEqual({ ...now, layers: ["points", "lattice"] });
  expect(followed("z=1,1,1", now, where)).toEqual({ ...now, row: null, z: [1, 1, 1] });
  // An address of another run, with a token, moves nothing but the page.
  expect(followed("run=other&token=x&v=9&tour=7&panel=inside", now, where)).toEqual({ ...now, panel: "inside" });
});

test("what the page shows is kept without the run and the tour", () => {
  const state = { ...initial(about), panel: "morph", tour: 3, presenting: true };
  expect(kept(state, where)).toBe("panel=morph");
  expect(atStep(kept(state, where), state, where)).toEqual(state);
});

test("an address that names a step alone opens the step", () => {
  expect(isBare("v=1&run=mock&tour=2")).toBe(true);
  expect(isBare("v=1&run=mock&tour=2&present=1")).toBe(true);
  expect(isBare("v=1&run=mock&tour=2&panel=morph")).toBe(false);
  expect(isBare("v=1&run=mock")).toBe(false);
  const state = fromHash("v=1&run=mock&tour=2&present=1", about);
  expect([state.tour, state.presenting]).toEqual([2, true]);
  expect(toHash(state, about)).toBe("v=1&run=mock&tour=2&present=1");
  for (const bad of ["0", "61", "-1", "x"]) expect(fromHash(`v=1&tour=${bad}`, about).tour).toBeNull();
});

// -------------------------------------------------------------------- the tour of every run

const point = { posterior: { kind: "point", noise: 0 }, can_sample: false, rate: null, model: "AE" } as const;
const table = { kind: "table", event: [13], height: 0, width: 0, features: Array.from({ length: 13 }, (_, i) => `f${i}`) } as const;
const without = { rows: 0, data: null, no_data: "none", labels: null, pca: null } as const;
const many = Array.from({ length: 200 }, (_, i) => `class [${i}](#z=9)`);
const RUNS: Readonly<Record<string, About>> = {
  VAE: mockAbout({ latents: 2 }),
  "VAE of 64 latents": mockAbout({ latents: 64 }),
  "VAE of one latent": mockAbout({ latents: 1 }),
  AE: { ...mockAbout({ latents: 3 }), ...point },
  "AE of a table": { ...mockAbout({ latents: 3 }), ...point, ...table },
  CVAE: mockAbout({ latents: 3, conditional: true }),
  "CVAE on numbers": { ...mockAbout({ latents: 3, conditional: true }), classes: null, context: 2, context_mean: [1.5, -2] },
  "CVAE of a table": { ...mockAbout({ latents: 3, conditional: true }), ...table },
  FlowVAE: { ...mockAbout({ latents: 3 }), posterior: { kind: "other", noise: 3 } },
  VampVAE: { ...mockAbout({ latents: 3 }), law: { gaussian: false, varies: false } },
  "no labels": { ...mockAbout({ latents: 3 }), labels: null },
  "labels that are a quantity": { ...mockAbout({ latents: 3 }), labels: null, label_scale: { low: 0, high: 1, missing: 2 } },
  "many labels": { ...mockAbout({ latents: 3 }), labels: many },
  "rows without labels": { ...mockAbout({ latents: 3 }), labels: ["a", "no label"], unlabelled: true },
  "no rows": { ...mockAbout({ latents: 3 }), ...without },
  "an AE without rows": { ...mockAbout({ latents: 3 }), ...point, ...without },
  "one row": { ...mockAbout({ latents: 3 }), rows: 1 },
  "a series": { ...mockAbout({ latents: 3 }), kind: "other", event: [20, 4], height: 0, width: 0 },
  "a code as wide as x": { ...mockAbout({ latents: 13 }), ...table },
  "nothing inside": { ...mockAbout({ latents: 3 }), posterior: null },
};

/** Codes and labels that a run of these would have. */
function known(run: About) {
  const { rows, latent_dim: width, labels } = run;
  const codes = { data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * 1.7)), shape: [rows, width] };
  return { about: run, codes: rows ? codes : null, labels: labels && rows ? Int32Array.from({ length: rows }, (_, i) => i % labels.length) : null };
}

test.each(Object.entries(RUNS))("%s has a tour of six steps, whose states and links are there", (_, run) => {
  for (const given of [known(run), { about: run, codes: null, labels: null }]) {
    for (const spoken of ["en", "zh"] as const) {
      language.set(spoken);
      const tour = builtIn(given, [run]);
      language.set("en");
      // Whatever classes are called, it is a tour that a file could hold.
      expect(read(written(tour))).toEqual(tour);
      expect(tour.steps).toHaveLength(6);
      for (const { text, state, title } of tour.steps) {
        expect(`${worded(title)} ${worded(text)}`).not.toMatch(/\{\w+\}|undefined|NaN|null/);
        expect(plain(worded(text)).length).toBeLessThan(420);
        const links = pieces(worded(text)).flat().flatMap((piece) => (typeof piece === "string" ? [] : [piece.link]));
        for (const hash of [state, ...links]) {
          const all = `v=1&run=${run.id}&${hash}`;
          expect(unmet(all, run, [run])).toBeNull();
          // All that is asked for is what the page then has.
          const got = new Map(toHash(fromHash(all, run), run).split("&").map((pair) => pair.split("=") as [string, string]));
          for (const [key, value] of hash.split("&").map((pair) => pair.split("=") as [string, string])) {
            // Zeros at the end of a code are left out of an address.
            if (value !== "" && key !== "z" && got.has(key)) expect([key, got.get(key)]).toEqual([key, value]);
            if (key === "panel") expect(got.get("panel") ?? "sliders").toBe(value);
          }
        }
      }
    }
  }
});

test("its words fit the run", () => {
  const text = (run: About, step: number): string => plain(worded(builtIn(known(run), [run]).steps[step]!.text));
  expect(text(RUNS.AE!, 1)).toContain("This model is an auto-encoder");
  expect(text(RUNS.AE!, 2)).toContain("σ = 0");
  expect(text(RUNS.AE!, 3)).toContain("distortion alone");
  expect(text(RUNS.VAE!, 2)).toContain("reparameterization");
  expect(text(RUNS.FlowVAE!, 2)).toContain("z = f(μ + σ·ε)");
  expect(text(RUNS.VampVAE!, 1)).toContain("another law");
  expect(text(RUNS.VAE!, 5)).toContain("takes no y");
  expect(text(RUNS.CVAE!, 5)).toContain("as upright");
  expect(text(RUNS["no rows"]!, 0)).toContain("The rows are not here");
  expect(text(RUNS["a code as wide as x"]!, 0)).toContain("no narrower");
  const plainRun = { ...RUNS.AE!, id: "plain", name: "plain", latent_dim: 2 };
  const others = { ...plainRun, event: [13] };
  expect(worded(builtIn(known(RUNS.VAE!), [RUNS.VAE!, others]).steps[1]!.text)).not.toContain("beside=");
  const beside = builtIn(known(RUNS.VAE!), [RUNS.VAE!, plainRun]).steps[1]!;
  expect(worded(beside.text)).toContain("#beside=plain&panel=generate");
});

test("the ends of its walk are typical rows of classes that lie far apart", () => {
  const codes = { data: Float32Array.from([0, 0.1, 5, 5.2, 5.1, -9, -9.4, -9.1]), shape: [8, 1] };
  const labels = Int32Array.from([0, 0, 1, 1, 1, 2, 2, 2]);
  const run = { ...mockAbout({ latents: 1 }), rows: 8, labels: ["a", "b", "c"] };
  expect(endsOf({ about: run, codes, labels })).toEqual({ a: 4, b: 7, from: "b", to: "c" });
  expect(endsOf({ about: run, codes: null, labels })).toEqual({ a: 0, b: 2, from: "a", to: "b" });
  expect(endsOf({ about: { ...run, labels: null }, codes, labels: null })).toEqual({ a: 0, b: 6, from: null, to: null });
  expect(endsOf({ about: { ...run, rows: 1 }, codes, labels })).toBeNull();
});

test("the ends of its walk lie among rows of their own class", () => {
  // Class a has its codes about −4 and 4, and one at their mean, among those of b.
  const places = Array.from({ length: 120 }, (_, i) => (i % 2 ? Math.sin(i) : (i % 4 ? 4 : -4) + Math.sin(i)));
  places[0] = 0;
  const codes = { data: Float32Array.from(places), shape: [120, 1] };
  const labels = Int32Array.from({ length: 120 }, (_, i) => i % 2);
  const { a, from } = endsOf({ about: { ...mockAbout({ latents: 1 }), rows: 120, labels: ["a", "b"] }, codes, labels })!;
  expect(from).toBe("a");
  expect(Math.abs(places[a]!)).toBeGreaterThan(3);
});

test("a conditional model's rows are decoded under their own class", () => {
  const run = RUNS.CVAE!;
  const given = { ...known(run), about: { ...run, classes: run.labels } };
  const { steps } = builtIn(given, [given.about]);
  let rows = 0;
  for (const { text, state } of steps.slice(0, 5)) {
    const links = pieces(worded(text)).flat().flatMap((piece) => (typeof piece === "string" ? [] : [piece.link]));
    for (const hash of [state, ...links].map((each) => new URLSearchParams(each)).filter((each) => each.has("row"))) {
      expect(hash.get("y")).toBe(String(given.labels![Number(hash.get("row"))]));
      rows++;
    }
  }
  expect(rows).toBeGreaterThan(3);
});

test("links of the tour are the same in Chinese", () => {
  const links = (text: string): string[] => [...text.matchAll(/\]\((#[^)]*)\)/g)].map(([, link]) => link!).sort();
  for (const [english, chinese] of Object.entries(CHINESE)) expect(links(chinese)).toEqual(links(english));
});
