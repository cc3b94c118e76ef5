import { expect, it, vi } from "vitest";
import { stacked } from "../src/backend/arrays";
import type { Context, Law } from "../src/backend/backend";
import { mockAbout } from "../src/backend/mock";
import { priorOf } from "../src/map/marks";
import { priorNamed } from "../src/map/toolbar";
import { seeded } from "../src/maths/random";
import { drawn, rangeOf } from "../src/session/law";
import { ScaledBackend, opened, runWith, soon } from "./runs-made";

const DRAWS = stacked(Array.from({ length: 1000 }, (_, i) => [i % 2 ? 5 + i / 1000 : -5 - i / 1000, i / 1000]));
const LAW: Law = { moments: { mean: [0, 0.5], deviation: [5.5, 0.3] }, draws: DRAWS };

class LawBackend extends ScaledBackend {
  readonly heard: Context[] = [];

  override async law(y: Context): Promise<Law> {
    this.heard.push(y);
    return LAW;
  }
}

it("a Gaussian that y says nothing about is told by the description, and nothing is asked", () => {
  const about = runWith("demo");
  const backend = new LawBackend(1, about);
  const session = opened(about, "", backend);
  session.start();
  expect(session.laws.law.value).toEqual({ moments: about.prior, draws: null });
  expect(backend.heard).toEqual([]);
  session.end();
});

it("others are asked for, once more when y changes, and draws are theirs", async () => {
  const about = runWith("demo", { law: { gaussian: false, varies: true } }, { conditional: true });
  const backend = new LawBackend(1, about, { conditional: true });
  const session = opened(about, "", backend);
  expect(session.laws.law.value).toBeNull();
  session.start();
  await vi.waitFor(() => expect(session.laws.law.value).toBe(LAW), soon);
  session.store.dispatch({ type: "conditioned", y: [0, 1, 0] });
  await vi.waitFor(() => expect(backend.heard.length).toBe(2), soon);
  expect(Array.from(backend.heard[1]!.data)).toEqual([0, 1, 0]);
  session.move([1, 1]);
  session.drawFromPrior();
  expect(Math.abs(session.store.state.value.z[0]!)).toBeGreaterThanOrEqual(5);
  expect(backend.heard.length).toBe(2);
  session.end();
});

it("where it does not depend on y, a change of y asks for nothing", async () => {
  const about = runWith("demo", { law: { gaussian: false, varies: false } }, { conditional: true });
  const backend = new LawBackend(1, about, { conditional: true });
  const session = opened(about, "", backend);
  session.start();
  await vi.waitFor(() => expect(session.laws.law.value).toBe(LAW), soon);
  session.store.dispatch({ type: "conditioned", y: [0, 1, 0] });
  await new Promise((resume) => setTimeout(resume, 20));
  expect(backend.heard.length).toBe(1);
  session.end();
});

it("ranges are three deviations of a Gaussian, and what nearly all draws of others lie between", () => {
  expect(rangeOf({ moments: { mean: [1], deviation: [2] }, draws: null }, 0)).toEqual([-5, 7]);
  const [low, high] = rangeOf(LAW, 0);
  expect([low > -6 && low < -5.9, high > 5.9 && high < 6]).toEqual([true, true]);
  const codes = Array.from({ length: 50 }, () => drawn(LAW, seeded(Math.random() * 1e6)));
  expect(codes.every(([z]) => Math.abs(z!) >= 5)).toBe(true);
});

it("the map shows ellipses of a Gaussian and regions of others, and says which", () => {
  const about = mockAbout();
  const plane = { kind: "dims", x: 0, y: 1 } as const;
  expect(priorOf(plane, about, { moments: about.prior, draws: null })).toHaveProperty("covariance");
  const regions = priorOf(plane, about, LAW);
  expect(regions).toHaveLength(3);
  expect(priorOf(plane, about, LAW)).toBe(regions);
  expect(priorOf({ kind: "line", x: 0 }, about, LAW)).toHaveLength(3);
  expect(priorNamed(about, plane).title).toBe("One, two and three deviations of the prior");
  const other = { ...about, law: { gaussian: false, varies: false } };
  expect(priorNamed(other, plane).title).toContain("39, 86 and 99 % of its codes");
  expect(priorNamed({ ...other, can_sample: false }, { kind: "line", x: 0 })).toEqual({
    text: "Spread",
    title: "Where codes lie densest: regions that hold 68, 95 and 99.7 % of them",
  });
});
