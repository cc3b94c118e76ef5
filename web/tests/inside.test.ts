import { describe, expect, it, vi } from "vitest";
import { rowOf, stacked } from "../src/backend/arrays";
import { MockBackend, mockAbout, type MockOptions } from "../src/backend/mock";
import { codeOf } from "../src/session/inside";
import { Session } from "../src/session/session";
import { drawnText } from "../src/state/drawn";
import { madeAbout, madeBackend, madeContents } from "./file-made";

const soon = { timeout: 2000, interval: 5 };
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

function opened(hash: string, options: MockOptions = {}) {
  const backend = new MockBackend(options);
  const session = new Session(mockAbout(options), backend, hash);
  session.start();
  return { backend, session };
}

describe("in an exported file", () => {
  const x = { data: Float32Array.from([0.5, 1, 0]), shape: [1, 3] };
  const epsilon = stacked([[0, 0], [2, -1]]);

  it("is what a Gaussian's formulas give", async () => {
    const { backend } = madeBackend();
    const { mean, deviation, z, distortion, rate, rates, kind, unit } = await backend.inside(x, epsilon, null);
    expect([kind, unit]).toEqual(["gaussian", "nats"]);
    expect([...mean, ...deviation]).toEqual([0.5, 1, 0.25, 0.25]);
    expect(Array.from(z.data)).toEqual([0.5, 1, 1, 0.75]);
    // The decoder gives z and 0, each with deviation ½.
    const each = (miss: number): number => 0.5 * (miss / 0.5) ** 2 + Math.log(0.5) + HALF_LOG_2PI;
    expect(distortion[0]).toBeCloseTo(3 * each(0), 5);
    expect(distortion[1]).toBeCloseTo(each(0.5) + each(0.25) + each(0), 5);
    const kl = (m: number): number => 0.5 * (m * m + 0.25 ** 2 - 1) - Math.log(0.25);
    expect(rates![0]).toBeCloseTo(kl(0.5), 5);
    expect(rates![1]).toBeCloseTo(kl(1), 5);
    expect(rate![0]).toBeCloseTo(kl(0.5) + kl(1), 5);
    expect(rate![1]).toBe(rate![0]);
  });

  it("without noise costs what the row's score is", async () => {
    const { backend } = madeBackend();
    const { distortion, rate } = await backend.inside(x, null, null);
    expect(distortion[0]! + rate![0]!).toBeCloseTo((await backend.score(x, null))[0]!, 4);
  });

  it("is a point of an auto-encoder: no noise, no rate", async () => {
    const about = madeAbout({ posterior: { kind: "point", noise: 0 }, rate: null });
    const { backend } = madeBackend(about, madeContents(about));
    const { z, rate, rates } = await backend.inside(x, null, null);
    expect(Array.from(z.data)).toEqual([0.5, 1]);
    expect([rate, rates]).toEqual([[0], null]);
    await expect(backend.inside(x, epsilon, null)).rejects.toThrow("takes 0 numbers of noise");
  });

  it("has squared errors and no rate where it holds no density, and nothing where it can't draw", async () => {
    const about = madeAbout();
    const { backend } = madeBackend(about, madeContents(about, { scoring: "squares" }));
    const { distortion, rate, unit } = await backend.inside(x, epsilon, null);
    expect([distortion[0], distortion[1], rate, unit]).toEqual([0, 0.25 + 0.0625, null, "squares"]);
    const unknown = madeAbout({ posterior: null });
    await expect(madeBackend(unknown).backend.inside(x, null, null)).rejects.toThrow("too little");
  });
});

describe("what goes through the model", () => {
  it("is nothing while no one looks", async () => {
    const { backend, session } = opened("#v=1");
    const inside = vi.spyOn(backend, "inside");
    await vi.waitFor(() => expect(session.decoding.picture.value).not.toBeNull(), soon);
    session.inspection.row.set(3);
    expect(inside).not.toHaveBeenCalled();
  });

  it("is what the probe decodes to, then the row where it is, then the one that is pointed at", async () => {
    const { session } = opened("#v=1&panel=inside");
    const { insides, inspection, cloud } = session;
    const source = () => [insides.passage.value?.of.kind, insides.passage.value?.of.row];
    await vi.waitFor(() => expect(source()).toEqual(["probe", null]), soon);
    await vi.waitFor(() => expect(cloud.complete.value).toBe(true), soon);
    session.jump(7);
    await vi.waitFor(() => expect(source()).toEqual(["row", 7]), soon);
    expect(Array.from(insides.passage.value!.x as Float32Array)).toEqual(Array.from(await session.rows.get(7)));
    inspection.row.set(9);
    await vi.waitFor(() => expect(source()).toEqual(["pointed", 9]), soon);
    inspection.row.set(-1);
    await vi.waitFor(() => expect(source()).toEqual(["row", 7]), soon);
  });

  it("waits for the probe to rest, so that a drag's pictures come first", async () => {
    const { backend, session } = opened("#v=1&panel=inside");
    await vi.waitFor(() => expect(session.insides.passage.value).not.toBeNull(), soon);
    const inside = vi.spyOn(backend, "inside");
    for (let i = 1; i <= 10; i++) {
      session.move([i / 10, 0]);
      await vi.waitFor(() => expect(session.decoding.picture.value!.z).toEqual([i / 10, 0]), soon);
    }
    expect(inside).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(session.insides.passage.value!.of.x).toBe(session.decoding.picture.value!.x), soon);
    expect(inside).toHaveBeenCalledTimes(1);
  });

  it("is the drawing where that is chosen, under the state's y", async () => {
    const drawn = drawnText(new Uint8Array(24 * 24).fill(255));
    const { session } = opened(`#v=1&panel=inside&inside=drawing&drawn=${drawn}&row=3&y=1`, { conditional: true });
    await vi.waitFor(() => expect(session.insides.passage.value?.of.kind).toBe("drawing"), soon);
    expect(session.insides.passage.value!.of.y).toEqual([0, 1, 0]);
    expect(session.insides.passage.value!.x[0]).toBe(1);
    session.store.dispatch({ type: "noised", inside: { of: "probe" } });
    await vi.waitFor(() => expect(session.insides.passage.value?.of).toMatchObject({ kind: "row", row: 3 }), soon);
  });

  it("takes the noise that is chosen, and an undo takes it back; the draws stay those of the example", async () => {
    const { backend, session } = opened("#v=1&panel=inside&noise=1,-2");
    const { insides, store } = session;
    await vi.waitFor(() => expect(insides.draws.value).not.toBeNull(), soon);
    const { answer } = insides.passage.value!;
    codeOf(insides.passage.value!).forEach((value, d) => expect(value).toBeCloseTo(answer.mean[d]! + 0.2 * [1, -2][d]!));
    const inside = vi.spyOn(backend, "inside");
    store.dispatch({ type: "noised", inside: { epsilon: [0, 3] } });
    await vi.waitFor(() => expect(Array.from(rowOf(insides.passage.value!.answer.epsilon, 0))).toEqual([0, 3]), soon);
    expect(inside).toHaveBeenCalledTimes(1);
    store.undo();
    expect(store.state.value.inside.epsilon).toEqual([1, -2]);
  });

  it("is drawn anew each time, as many numbers as the posterior takes", () => {
    const { session } = opened("#v=1", { latents: 5 });
    const [a, b] = [session.insides.drawnNoise()!, session.insides.drawnNoise()!];
    expect([a.length, b.length]).toEqual([5, 5]);
    expect(a).not.toEqual(b);
  });
});
