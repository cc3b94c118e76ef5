import { describe, expect, it, vi } from "vitest";
import { stacked, type Tensor } from "../src/backend/arrays";
import { BackendError, type LessonAnswer, type LessonQuestion } from "../src/backend/backend";
import { lessonArgs, lessonOf } from "../src/backend/lesson";
import { MockBackend, mockAbout } from "../src/backend/mock";
import { gridOf } from "../src/map/ready";
import { LENGTH, onScreen, pulled } from "../src/maths/arrows";
import { bandOf, linear, logScaleOf, niceAbove, pathOf, plain, scaleOf, thinned, ticksOf } from "../src/maths/curves";
import { nearestAnywhere } from "../src/maths/grid-index";
import { Session } from "../src/session/session";
import { spread } from "../src/session/taught";
import { betaAt, placeOf, teachingEntries, teachingOf } from "../src/state/teaching";

const soon = { timeout: 3000, interval: 5 };
const STEPS = 4;

/** A model that learns by a formula: a step halves the rate at β > 0 and doubles it at 0. */
class Learner extends MockBackend {
  readonly asked: LessonQuestion[] = [];
  #held = new Map<string, number[]>();
  failing = false;

  readonly count: number;

  constructor(count = 12) {
    super({ rows: count });
    this.count = count;
  }

  forget(): void {
    this.#held.clear();
  }

  override async lessonDecode(): Promise<Tensor> {
    return { data: new Float32Array(576).fill(7), shape: [1, 24, 24] };
  }

  override async lesson(question: LessonQuestion): Promise<LessonAnswer> {
    this.asked.push(question);
    await new Promise((resume) => setTimeout(resume, 2));
    if (this.failing) throw new BackendError("the rows are gone");
    const begun = !this.#held.has(question.lesson) || question.anew;
    if (begun) this.#held.set(question.lesson, []);
    const held = this.#held.get(question.lesson)!;
    const beta = question.beta ?? 1;
    if (held.length === question.at) for (let i = 0; i < question.steps; i++) held.push(beta);
    const rate = held.reduce((found, weight) => (weight > 0 ? found / 2 : found * 2), 8);
    const codes = stacked(Array.from({ length: 6 }, (_, i) => [i + held.length, -i]));
    const picture = { data: new Float32Array(2 * 576), shape: [2, 24, 24] };
    const shown = {
      indices: Int32Array.from([0, 2, 4, 6, 8, 10]), codes, pullOfRate: codes, pullOfDistortion: codes, x: picture,
      still: picture, drawn: picture,
    }; // prettier-ignore
    return {
      begun, step: held.length, stepsPerEpoch: STEPS, rows: 6, learningRate: 1e-3, beta, ownBeta: 1,
      noise: question.noise, weighsRate: true, hasNoise: true, hasRate: true, objective: "ELBO", distortion: 100 - rate,
      still: 99 - rate, rate, sigma: [0.1, 0.2, 0.3], shown: question.all ? shown : null,
    }; // prettier-ignore
  }
}

async function opened(learner = new Learner(), panel = "training") {
  const session = new Session(mockAbout({ rows: learner.count }), learner, `v=1&panel=${panel}`);
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  if (panel === "training") await vi.waitFor(() => expect(session.training.lesson.value).not.toBeNull(), soon);
  return { session, learner, training: session.training };
}

describe("a lesson", () => {
  it("begins with the panel, and shows its rows alone", async () => {
    const { session, training } = await opened();
    expect(training.active.value).toBe(true);
    expect(session.cloud.code(2)).toEqual([1, -1]);
    expect(session.cloud.code(1)).toBeNull();
    expect(training.lesson.value!.curve).toHaveLength(1);
  });

  it("is not asked for while another panel is open", async () => {
    const { learner, session } = await opened(new Learner(), "sliders");
    await new Promise((resume) => setTimeout(resume, 30));
    expect(learner.asked).toEqual([]);
    session.store.dispatch({ type: "opened", panel: "training" });
    await vi.waitFor(() => expect(learner.asked).toHaveLength(1), soon);
  });

  it("makes one step, the rest of an epoch, or ten of them", async () => {
    const { training } = await opened();
    training.pace.set("step");
    await training.once();
    expect(training.lesson.value!.now.step).toBe(1);
    training.pace.set("epoch");
    await training.once();
    expect(training.lesson.value!.now.step).toBe(STEPS);
    training.pace.set("epochs");
    await training.once();
    expect(training.lesson.value!.now.step).toBe(11 * STEPS);
    expect(training.lesson.value!.curve.map(({ step }) => step)).toEqual([0, 1, STEPS, 11 * STEPS]);
  });

  it("plays one question after another until it is paused", async () => {
    const { training, learner } = await opened();
    training.pace.set("step");
    training.play();
    await vi.waitFor(() => expect(training.lesson.value!.now.step).toBeGreaterThan(1), soon);
    training.pause();
    await new Promise((resume) => setTimeout(resume, 60));
    const { length } = learner.asked;
    await new Promise((resume) => setTimeout(resume, 60));
    expect(learner.asked).toHaveLength(length);
    expect(new Set(learner.asked.map(({ lesson }) => lesson)).size).toBe(1);
  });

  it("is played once, however often it is paused and played", async () => {
    const { training, learner } = await opened();
    training.pace.set("step");
    for (let i = 0; i < 6; i++) {
      training.play();
      await new Promise((resume) => setTimeout(resume, 3));
      training.pause();
    }
    training.play();
    await new Promise((resume) => setTimeout(resume, 60));
    const { length } = learner.asked;
    await new Promise((resume) => setTimeout(resume, 1000));
    training.pause();
    // In a second at the pace of readers who asked for less motion.
    expect(learner.asked.length - length).toBeLessThan(4);
  });

  it("has its KL taken away and put back, which an undo knows", async () => {
    const { training, session } = await opened();
    session.store.dispatch({ type: "taught", teaching: { beta: 0.5 } });
    training.takeAway();
    expect(session.store.state.value.teaching.beta).toBe(0);
    await vi.waitFor(() => expect(training.lesson.value!.now.rate).toBeGreaterThan(8), soon);
    training.putBack();
    expect(session.store.state.value.teaching.beta).toBe(0.5);
    training.pause();
    session.store.undo();
    expect(session.store.state.value.teaching.beta).toBe(0);
  });

  it("tells what another β does, without a step", async () => {
    const { training, session, learner } = await opened();
    for (const beta of [2, 3, 4]) session.store.dispatch({ type: "taught", teaching: { beta } });
    await vi.waitFor(() => expect(training.lesson.value!.now.beta).toBe(4), soon);
    expect(learner.asked).toHaveLength(2);
    expect(training.lesson.value!.now.step).toBe(0);
    expect(training.lesson.value!.curve).toHaveLength(1);
  });

  it("goes back to the run's weights", async () => {
    const { training } = await opened();
    await training.once();
    await training.restart();
    expect(training.lesson.value!.now.step).toBe(0);
    expect(training.lesson.value!.curve).toHaveLength(1);
  });

  it("leaves the run's codes where they were, and decodes by the copy only while it is seen", async () => {
    const learner = new Learner();
    const own = await learner.codes(0, 12);
    const { session, training } = await opened(learner);
    const z = stacked([[0, 0]]);
    expect((await session.backend.decode(z, null)).data[0]).toBe(7);
    const near = await session.backend.neighbours(stacked([[3, -3]]), 1);
    expect(near.indices.data[0]).toBe(6);
    training.play();
    session.store.dispatch({ type: "opened", panel: "sliders" });
    expect(training.playing.value).toBe(false);
    expect(Array.from(session.cloud.codes.value!.data)).toEqual(Array.from(own.data));
    expect((await session.backend.decode(z, null)).data[0]).not.toBe(7);
  });

  it("says when the server has forgotten it, and begins anew", async () => {
    const { training, learner } = await opened();
    await training.once();
    learner.forget();
    await training.once();
    expect(training.why.value).toMatch(/forgotten/);
    expect(training.lesson.value!.curve).toHaveLength(1);
    await training.once();
    expect(training.why.value).toBeNull();
    expect(training.lesson.value!.now.step).toBe(STEPS);
  });

  it("says why it can't go on, and pauses", async () => {
    const { training, learner } = await opened();
    learner.failing = true;
    training.play();
    await vi.waitFor(() => expect(training.why.value).toBe("the rows are gone"), soon);
    expect(training.playing.value).toBe(false);
  });
});

describe("another epoch of the run", () => {
  it("is learned from instead, at its own weights", async () => {
    const [last, first] = [new Learner(), new Learner()];
    const about = { ...mockAbout({ rows: 12 }), epoch: 3, checkpoints: [{ id: "mock@1", epoch: 1 }] };
    const open = (id: string) => (id === "mock@1" ? first : last);
    const session = new Session(about, last, "v=1&panel=training", open);
    session.start();
    const { training } = session;
    await vi.waitFor(() => expect(training.lesson.value).not.toBeNull(), soon);
    await training.once();
    const own = await first.codes(0, 12);
    session.store.dispatch({ type: "trained", epoch: 1 });
    await vi.waitFor(() => expect(first.asked).toHaveLength(1), soon);
    await vi.waitFor(() => expect(training.lesson.value?.now.step).toBe(0), soon);
    expect(first.asked[0]).toMatchObject({ anew: true, at: 0, all: true });
    expect(session.cloud.code(1)).toBeNull();
    session.store.dispatch({ type: "opened", panel: "sliders" });
    expect(Array.from(session.cloud.codes.value!.data)).toEqual(Array.from(own.data));
  });
});

describe("codes of some rows", () => {
  it("lie at their rows, and the others nowhere", () => {
    const found = spread({ indices: Int32Array.from([2, 0]), codes: stacked([[1, 2], [3, 4]]) }, 3); // prettier-ignore
    expect(Array.from(found.data)).toEqual([3, 4, NaN, NaN, 1, 2]);
    expect(found.shape).toEqual([3, 2]);
  });
});

describe("a map of some rows", () => {
  it("knows the others neither as points nor as neighbours", () => {
    const codes = spread({ indices: Int32Array.from([5, 1, 3]), codes: stacked([[0, 0], [1, 1], [2, 0]]) }, 7); // prettier-ignore
    const grid = gridOf({ kind: "dims", x: 0, y: 1 }, mockAbout(), codes);
    expect(grid.count).toBe(3);
    expect(Array.from(grid.order).sort()).toEqual([1, 3, 5]);
    expect(nearestAnywhere(grid, 1.9, 0)).toBe(3);
    expect(grid.bulk).toEqual({ left: 0, right: 2, bottom: 0, top: 1 });
  });
});

describe("a question", () => {
  it("leaves β out where it is the run's", () => {
    const question = { lesson: "a", anew: false, at: 3, steps: 2, beta: null, noise: false, all: true };
    expect(lessonArgs(question)).toEqual({ lesson: "a", weights: "lesson", at: 3, steps: 2, noise: "off", shows: "all" });
    expect(lessonArgs({ ...question, beta: 0, anew: true })).toMatchObject({ beta: 0, weights: "run" });
  });

  it("has an answer whose missing numbers are none", () => {
    const args = { begun: true, step: 2, steps_per_epoch: 4, distortion: null, noise: "on", has_rate: true };
    const found = lessonOf({ header: { args }, arrays: {} });
    expect(found).toMatchObject({ begun: true, step: 2, stepsPerEpoch: 4, noise: true, hasRate: true, sigma: null, shown: null });
    expect(found.distortion).toBeNaN();
  });
});

describe("β", () => {
  it("comes back from its place on the slider", () => {
    expect(betaAt(0)).toBe(0);
    expect(betaAt(1)).toBe(100);
    for (const beta of [0.001, 0.01, 0.5, 1, 4, 100]) expect(betaAt(placeOf(beta))).toBeCloseTo(beta, 6);
    expect(placeOf(0)).toBe(0);
    expect(placeOf(1000)).toBe(1);
  });

  it("is in a link where it is not the run's", () => {
    const read = (text: string) => teachingOf((key) => new URLSearchParams(text).get(key) ?? "");
    expect(teachingEntries({ beta: null, noise: true }).filter(Boolean)).toEqual([]);
    expect(teachingEntries({ beta: 0, noise: false })).toEqual([["beta", "0"], ["sigma", "off"]]); // prettier-ignore
    expect(read("beta=0&sigma=off")).toEqual({ beta: 0, noise: false });
    for (const bad of ["", "beta=-1", "beta=x", "beta=1001", "beta=NaN", "beta=Infinity"]) expect(read(bad).beta).toBeNull();
  });
});

describe("a scale", () => {
  it("holds all of its values, and hardly any noise of a curve that is flat", () => {
    const { low, high, at } = scaleOf([1, 3, Number.NaN, 2]);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(3);
    expect(at(2)).toBeCloseTo(0.5);
    const flat = scaleOf([1000, 1000.0001]);
    expect(flat.high - flat.low).toBeGreaterThanOrEqual(1);
    expect(scaleOf([]).low).toBeLessThan(scaleOf([]).high);
  });

  it("of powers of ten begins and ends at one", () => {
    const scale = logScaleOf([0.02, 0.5, 0, Number.NaN]);
    expect([scale.low, scale.high]).toEqual([0.01, 1]);
    expect(scale.at(0.1)).toBeCloseTo(0.5);
    expect(scale.at(0)).toBe(0);
    expect(ticksOf(scale, 3)).toEqual([0.01, 0.1, 1].map((value) => expect.closeTo(value)));
    expect(logScaleOf([1]).low).toBeLessThan(1);
    expect(ticksOf(logScaleOf([1e-9, 1]), 3).length).toBeLessThanOrEqual(4);
  });
});

describe("a path", () => {
  const [x, y] = [linear(0, 2), linear(0, 1)];

  it("goes through its values, and breaks where one is none", () => {
    expect(pathOf([[0, 0], [1, 1], [2, Number.NaN], [2, 0.5]], x, y, 100, 10)).toBe("M0.0 10.0L50.0 0.0M100.0 5.0"); // prettier-ignore
  });

  it("of a band closes", () => {
    const low = [[0, 0], [2, 0]] as const; // prettier-ignore
    const high = [[0, 1], [2, 1]] as const; // prettier-ignore
    expect(bandOf(low, high, x, y, 100, 10)).toBe("M0.0 0.0L100.0 0.0L100.0 10.0L0.0 10.0Z");
    expect(bandOf(low.slice(1), high.slice(1), x, y, 100, 10)).toBe("");
  });

  it("keeps its ends when it is thinned", () => {
    const points = Array.from({ length: 21 }, (_, i) => i);
    const found = thinned(points, 20);
    expect(found.length).toBeLessThan(20);
    expect([found[0], found.at(-1)]).toEqual([0, 20]);
    expect(thinned(points, 21)).toBe(points);
  });
});

describe("arrows", () => {
  const about = mockAbout({ latents: 2 });
  const plane = { kind: "dims", x: 0, y: 1 } as const;

  it("have one unit, which nearly all keep to", () => {
    const codes = stacked(Array.from({ length: 20 }, () => [0, 0]));
    const pull = (size: number) => stacked(Array.from({ length: 20 }, (_, i) => [size * (1 + i / 100), 0]));
    const indices = Int32Array.from({ length: 20 }, (_, i) => i);
    const found = pulled(plane, about, { indices, codes, pullOfRate: pull(1), pullOfDistortion: pull(3) });
    expect(found.unit).toBe(5);
    expect(found.rate).toHaveLength(20);
    expect(found.distortion[0]!.by).toEqual({ u: 3, v: 0 });
    const line = pulled({ kind: "line", x: 0 }, about, { indices, codes, pullOfRate: pull(1), pullOfDistortion: pull(3) });
    expect(new Set(line.rate.map(({ from }) => from.v)).size).toBe(20);
  });

  it("are as long as their pull, as the axes turn it, and upwards is up", () => {
    expect(onScreen({ u: 2, v: 0 }, 2, 30, 30)).toEqual([LENGTH, -0]);
    const [x, y] = onScreen({ u: 1, v: 1 }, 2, 10, 30);
    expect(Math.hypot(x, y)).toBeCloseTo(LENGTH * Math.sqrt(Math.SQRT2 / 2));
    expect(onScreen({ u: 0.5, v: 0 }, 2, 30, 30)[0]).toBeCloseTo(LENGTH / 2);
    expect(y / x).toBeCloseTo(-3);
    expect(onScreen({ u: 0, v: 0 }, 2, 10, 10)).toEqual([0, 0]);
    expect(Math.hypot(...onScreen({ u: 1e9, v: 0 }, 2, 10, 10))).toBeCloseTo(1.5 * LENGTH);
  });

  it("are measured in steps of 1, 2 and 5", () => {
    expect([50, 0.1, 0.025, 1e-5, -2].map(plain)).toEqual(["50", "0.1", "0.025", "1e−5", "−2"]);
    expect([0.3, 1, 1.2, 4, 7, 0, Number.NaN].map(niceAbove)).toEqual([0.5, 1, 2, 5, 10, 1, 1]);
  });
});
