import { describe, expect, it, vi } from "vitest";
import { rowsOf, stacked } from "../src/backend/arrays";
import { MockBackend, mockAbout, type MockOptions } from "../src/backend/mock";
import { assignment, cheapest } from "../src/maths/assignment";
import { seeded } from "../src/maths/random";
import { countsOf, isStandard, reached, sentence } from "../src/panels/generate-told";
import { apart, goals, median, noise, type Judged } from "../src/session/generating";
import { Session } from "../src/session/session";

const soon = { timeout: 2000, interval: 5 };

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

describe("an assignment", () => {
  it("costs no more than any other, as all of them were tried", () => {
    const uniform = seeded(3);
    for (let round = 0; round < 60; round++) {
      const n = 1 + Math.floor(uniform() * 6);
      const cost = Array.from({ length: n }, () => Array.from({ length: n }, () => Math.round(20 * uniform()) - 5));
      const total = (order: readonly number[]): number => order.reduce((sum, j, i) => sum + cost[i]![j]!, 0);
      const found = cheapest(cost);
      expect([...found].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(total(found)).toBe(Math.min(...permutations(n).map(total)));
    }
  });

  it("takes each point to the one beside it", () => {
    const uniform = seeded(5);
    const points = Array.from({ length: 24 }, (_, i) => [10 * (i % 6), 10 * Math.floor(i / 6)]);
    const order = Array.from({ length: 24 }, (_, i) => (7 * i + 3) % 24);
    const near = order.map((i) => points[i]!.map((value) => value + uniform() - 0.5));
    expect(assignment(stacked(near), stacked(points))).toEqual(order);
  });
});

describe("draws of N(0, I)", () => {
  it("are the same for every run, whatever its number of latents", () => {
    const [few, many] = [noise(4, 24, 2), noise(4, 24, 5)].map(rowsOf) as [Float32Array[], Float32Array[]];
    few.forEach((row, i) => expect(Array.from(row)).toEqual(Array.from(many[i]!.subarray(0, 2))));
    expect(noise(5, 24, 2).data).not.toEqual(noise(4, 24, 2).data);
  });

  it("have mean 0 and deviation 1", () => {
    const { data } = noise(1, 4000, 2);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(square - 1)).toBeLessThan(0.07);
  });

  it("go to as many deviations from a Gaussian's mean, and to draws of another law", () => {
    const from = stacked([[1, -1], [0, 2]]);
    const gaussian = { moments: { mean: [1, 0], deviation: [2, 0.5] }, draws: null };
    expect(Array.from(goals(gaussian, from, 1).data)).toEqual([3, -0.5, 1, 1]);
    const draws = stacked(Array.from({ length: 50 }, (_, i) => (i % 2 ? [9, 9] : [-9, -9])));
    const two = rowsOf(goals({ moments: gaussian.moments, draws }, noise(2, 20, 2), 2)).map((row) => Array.from(row));
    for (const code of two) expect([9, -9]).toContain(code[0]);
    // None crosses the way of another: who is farther along the diagonal goes to the farther cluster.
    const along = rowsOf(noise(2, 20, 2)).map((row, i) => ({ at: row[0]! + row[1]!, to: two[i]![0]! }));
    along.sort((a, b) => a.at - b.at);
    expect([...along].sort((a, b) => a.to - b.to).map(({ to }) => to)).toEqual(along.map(({ to }) => to));
  });
});

describe("a run that generates", () => {
  function opened(hash: string, options: MockOptions = {}) {
    const backend = new MockBackend(options);
    const session = new Session(mockAbout(options), backend, hash);
    session.start();
    const stop = session.generating.follow(session.store.state);
    return { backend, session, stop };
  }

  it("decodes nothing before the first draw, then each draw and the way of the slider", async () => {
    const { session } = opened("#v=1&panel=generate");
    const { generating, store } = session;
    expect(generating.found.value).toBeNull();
    store.dispatch({ type: "generated", generate: { seed: 3 } });
    await vi.waitFor(() => expect(generating.judged.value?.of).toBe(generating.found.value), soon);
    expect(generating.found.value!.codes.data).toEqual(noise(3, 24, 2).data);
    const { nearest, scores } = generating.judged.value!;
    expect([nearest!.length, scores!.length]).toEqual([24, 24]);
    // What it decodes is as near to a row as any of the rows that were looked at.
    expect(nearest!.every(({ distance }) => distance >= 0 && Number.isFinite(distance))).toBe(true);
    await vi.waitFor(() => expect(generating.usual.value?.distance).toBeGreaterThan(0), soon);
  });

  it("draws evenly from a box, in the latents that the map shows alone", async () => {
    const { session } = opened("#v=1&panel=generate&z=9,9,9&axes=0,1&draws=1&box=-1,0,2,4", { latents: 3 });
    const { generating } = session;
    await vi.waitFor(() => expect(generating.found.value).not.toBeNull(), soon);
    const codes = rowsOf(generating.found.value!.codes);
    for (const [u, v, w] of codes as unknown as number[][]) {
      expect(u! >= -1 && u! <= 0 && v! >= 2 && v! <= 4 && w === 9).toBe(true);
    }
    const mean = codes.reduce((sum, code) => sum + code[1]!, 0) / codes.length;
    expect(Math.abs(mean - 3)).toBeLessThan(0.5);
  });

  it("is taken off when no one looks any more", async () => {
    const { session, stop } = opened("#v=1&panel=generate&draws=1");
    await vi.waitFor(() => expect(session.generating.found.value).not.toBeNull(), soon);
    stop();
    expect([session.generating.found.value, session.generating.judged.value]).toEqual([null, null]);
  });
});

describe("what is said of it", () => {
  const about = mockAbout({ rows: 6 });
  const near = (row: number, distance: number) => ({ row, distance, x: new Float32Array() });
  const labels = Int32Array.from([0, 0, 0, 1, 1, 2]);
  const judged = { nearest: [near(0, 2), near(1, 4), near(3, 6), near(3, 6)], scores: Float32Array.from([1, 3, NaN, 5]) } as unknown as Judged;

  it("is counted by the rows that are nearest", () => {
    expect(countsOf(about, labels, judged)).toEqual([
      { name: "upright", drawn: 0.5, data: 0.5 },
      { name: "leaning", drawn: 0.5, data: 2 / 6 },
      { name: "small", drawn: 0, data: 1 / 6 },
    ]);
    expect(countsOf({ ...about, labels: null }, labels, judged)).toBeNull();
  });

  it("is a sentence of what was measured", () => {
    const told = sentence(about, judged, { distance: 2, score: 2 }, countsOf(about, labels, judged));
    expect(told).toContain("2 of 3 classes met");
    expect(told).toContain("2.50 × as far");
    expect(told).toContain("median −ELBO 3.00 nats, of rows 2.00");
    expect(sentence(about, { ...judged, scores: null, nearest: null }, null, null)).toBe("");
  });

  it("tells how many codes lie where N(0, I) has nearly all of its draws", () => {
    // The squared radius is 9.210 for two latents, 6.635 for one and 23.209 for ten.
    expect(reached(stacked([[3.03, 0], [0, -3.05], [2, 2], [2.2, 2.2]]))).toBe(0.5);
    expect(reached(stacked([[2.55], [2.6]]))).toBe(0.5);
    const diagonal = (square: number): number[] => Array.from({ length: 10 }, () => Math.sqrt(square / 10));
    expect(reached(stacked([diagonal(23.1), diagonal(23.4)]))).toBe(0.5);
    expect(Math.abs(reached(noise(3, 5000, 4)) - 0.99)).toBeLessThan(0.005);
  });

  it("knows which prior N(0, I) is", () => {
    expect(isStandard(about)).toBe(true);
    expect(isStandard({ ...about, prior: { mean: [0, 0.1], deviation: [1, 1] } })).toBe(false);
    expect(isStandard({ ...about, law: { gaussian: false, varies: false } })).toBe(false);
  });

  it("measures distances over the values that both have", () => {
    expect(apart(Float32Array.from([1, 2, NaN]), Float32Array.from([4, 6, 1]))).toBeCloseTo(Math.sqrt(12.5));
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
