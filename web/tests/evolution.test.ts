import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { momentsOf, type Backend, type Codes } from "../src/backend/backend";
import { MockBackend } from "../src/backend/mock";
import { DURATION, Motion, between, eased, type Clock } from "../src/session/motion";
import { stopsOf } from "../src/session/evolution";
import { poll } from "../src/session/poll";
import { Session } from "../src/session/session";
import { marksOf } from "../src/map/marks";
import { aspect, axisNames, orderOf } from "../src/maths/plane";
import { originOf } from "../src/state/state";
import { drawnText } from "../src/state/drawn";
import { ScaledBackend, optionsOf, pair, runWith, soon } from "./runs-made";

const CHECKPOINTS = [
  { id: "demo@1", epoch: 1 },
  { id: "demo@4", epoch: 4 },
];

function withEpochs(hash = "") {
  const about = runWith("demo", { epoch: 9, checkpoints: CHECKPOINTS });
  const options = optionsOf(about);
  const backends = new Map<string, ScaledBackend>(
    [["demo", 3] as const, ["demo@1", 1] as const, ["demo@4", 2] as const].map(([id, scale]) => {
      const prior = { mean: [scale, 0], deviation: [scale, 1] };
      const described = { ...about, id, rate: [scale, 0], prior };
      return [id, new ScaledBackend(scale, described, options)] as const;
    }),
  );
  const open = (id: string): ScaledBackend => backends.get(id)!;
  const session = new Session(about, open("demo"), hash, open);
  return { about, session, open };
}

/** A code of the same row is this many times that of the first epoch. */
function scaleOf(session: Session, first: ScaledBackend): Promise<number> {
  return first.codes(0, 1).then(({ data }) => session.cloud.codes.value!.data[0]! / data[0]!);
}

it("lists the epochs once, the run as it is last", () => {
  const { about } = withEpochs();
  expect(stopsOf(about).map(({ id }) => id)).toEqual(["demo@1", "demo@4", "demo"]);
  expect(stopsOf({ ...about, epoch: 4 }).map(({ id }) => id)).toEqual(["demo@1", "demo"]);
  expect(stopsOf(runWith("plain"))).toEqual([{ id: "plain", epoch: 0 }]);
});

it("asks the epoch that is chosen, moves the points there, and fetches each epoch's codes once", async () => {
  const { session, open } = withEpochs();
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  const decode = vi.spyOn(open("demo@1"), "decode");
  session.store.dispatch({ type: "trained", epoch: 1 });
  expect(session.evolution.waiting.value).toBe(true);
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(decode).toHaveBeenCalled();
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(1);
  expect(session.about.rate).toEqual([1, 0]);
  expect(session.about.id).toBe("demo");
  const asked = ["demo", "demo@1", "demo@4"].map((id) => open(id).asked);
  session.store.dispatch({ type: "trained", epoch: null });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  session.store.dispatch({ type: "trained", epoch: 1 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(["demo", "demo@1", "demo@4"].map((id) => open(id).asked)).toEqual(asked);
  session.store.undo();
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(3);
  session.end();
});

it("shows the last of epochs that are chosen quickly", async () => {
  const { session, open } = withEpochs();
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  for (const epoch of [1, 4, 1, null, 4]) session.store.dispatch({ type: "trained", epoch });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(2);
  session.end();
});

it("begins with the epoch of the link, and with the run where there is no such epoch", async () => {
  const { session, open } = withEpochs("#v=1&run=demo&epoch=4");
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(2);
  await vi.waitFor(() => expect(session.about.rate).toEqual([2, 0]), soon);
  expect(session.store.hash).toBe("v=1&run=demo&epoch=4");
  expect(withEpochs("#v=1&run=demo&epoch=5").session.store.state.value.epoch).toBeNull();
  session.end();
});

it("keeps a row that is chosen when its code moves", async () => {
  const { session } = withEpochs();
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  session.jump(7);
  const before = session.store.state.value.z;
  session.store.dispatch({ type: "trained", epoch: 1 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  const { z, row } = session.store.state.value;
  expect(row).toBe(7);
  z.forEach((value, d) => expect(value).toBeCloseTo(before[d]! / 3, 3));
  session.end();
});

it("finds scores and what is pointed at anew", async () => {
  const { session, open } = withEpochs();
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  session.store.dispatch({ type: "coloured", colour: "score" });
  session.cloud.wantScores();
  session.inspection.row.set(3);
  await vi.waitFor(() => expect(session.inspection.shown.value?.row).toBe(3), soon);
  const seen = session.inspection.shown.value;
  const scores = vi.spyOn(open("demo@4"), "scores");
  session.store.dispatch({ type: "trained", epoch: 4 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  await vi.waitFor(() => expect(session.inspection.shown.value).not.toBe(seen), soon);
  expect(scores).toHaveBeenCalled();
  session.end();
});

it("finds anew what the model makes of a picture that is drawn, and how unusual it is", async () => {
  const { session, open } = withEpochs();
  session.start();
  await session.cloud.load();
  session.cloud.wantScores();
  session.store.dispatch({ type: "opened", panel: "draw" });
  session.store.dispatch({ type: "drawn", drawn: drawnText(new Uint8Array(576).fill(128)) });
  await vi.waitFor(() => expect(session.drawing.score.value).not.toBeNull(), soon);
  const [encode, score] = (["encode", "score"] as const).map((name) => vi.spyOn(open("demo@1"), name));
  session.store.dispatch({ type: "trained", epoch: 1 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  await vi.waitFor(() => expect(score).toHaveBeenCalled(), soon);
  expect(encode).toHaveBeenCalled();
  expect(session.cloud.scores.value).not.toBeNull();
  session.end();
});

it("does not mix codes of the epochs that are chosen while they come", async () => {
  const about = runWith("demo", { epoch: 9, checkpoints: CHECKPOINTS }, { rows: 300_000 });
  const backend = (value: number): Backend => {
    const codes = async (start: number, stop: number): Promise<Codes> => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { data: new Float32Array(2 * (stop - start)).fill(value), shape: [stop - start, 2] };
    };
    return Object.assign(new MockBackend({ rows: 10 }), { codes });
  };
  const backends: Record<string, Backend> = { demo: backend(9), "demo@1": backend(1), "demo@4": backend(4) };
  const session = new Session(about, backends.demo!, "", (id) => backends[id]!);
  session.start();
  session.store.dispatch({ type: "trained", epoch: 1 });
  await new Promise((resolve) => setTimeout(resolve, 15));
  session.store.dispatch({ type: "trained", epoch: null });
  await session.cloud.load();
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(session.cloud.codes.value!.data.every((value) => value === 9)).toBe(true);
  session.end();
});

it("goes on to another epoch when the codes of the first could not be read", async () => {
  const { session, open } = withEpochs();
  vi.spyOn(open("demo"), "codes").mockRejectedValueOnce(new Error("not enough memory"));
  session.start();
  await vi.waitFor(() => expect(session.notice.value).toContain("not enough memory"), soon);
  session.store.dispatch({ type: "trained", epoch: 1 });
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  expect(session.evolution.waiting.value).toBe(false);
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(1);
  session.store.dispatch({ type: "trained", epoch: null });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(await scaleOf(session, open("demo@1"))).toBeCloseTo(3);
  session.end();
});

it("gives all epochs with their codes for a film", async () => {
  const { session } = withEpochs();
  session.start();
  const all = await session.evolution.everywhere();
  expect(all.map(({ stop }) => stop.epoch)).toEqual([1, 4, 9]);
  const first = all.map(({ codes }) => codes!.data[0]!);
  expect(first[1]! / first[0]!).toBeCloseTo(2);
  session.end();
});

it("follows a model that learns, and stops asking when it has learned", async () => {
  vi.useFakeTimers();
  const about = runWith("live", { epoch: 1, version: 1 });
  const backend = new ScaledBackend(1, about, optionsOf(about));
  const asked = vi.spyOn(backend, "about");
  const session = new Session(about, backend, "");
  session.start();
  await vi.advanceTimersByTimeAsync(1500);
  expect(backend.asked).toBe(1);
  backend.described = { ...about, epoch: 5, version: 2 };
  await vi.advanceTimersByTimeAsync(1100);
  expect(session.about.epoch).toBe(5);
  expect(backend.asked).toBe(2);
  backend.described = { ...about, epoch: 9, version: null, checkpoints: CHECKPOINTS };
  await vi.advanceTimersByTimeAsync(1100);
  expect(session.about.version).toBeNull();
  expect(stopsOf(session.about).length).toBe(3);
  expect(backend.asked).toBe(3);
  const before = asked.mock.calls.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.mock.calls.length).toBe(before);
  session.end();
});

it("brings a row back at the code that it has now", async () => {
  vi.useFakeTimers();
  const about = runWith("live", { epoch: 1, version: 1 });
  const backend = new ScaledBackend(1, about, optionsOf(about));
  const session = new Session(about, backend, "");
  session.start();
  await session.cloud.load();
  session.jump(7);
  session.jump(9);
  Object.assign(backend, { scale: 2, described: { ...about, epoch: 2, version: 2 } });
  await vi.advanceTimersByTimeAsync(1100);
  expect(session.evolution.waiting.value).toBe(false);
  session.store.undo();
  expect(session.store.state.value.row).toBe(7);
  session.store.state.value.z.forEach((value, d) => expect(value).toBeCloseTo(session.cloud.code(7)![d]!, 3));
  session.end();
});

it("asks on after a question that failed, until it is stopped", async () => {
  vi.useFakeTimers();
  const ask = vi.fn().mockRejectedValueOnce(new Error("busy")).mockResolvedValue(1);
  const stop = poll(ask, () => true);
  await vi.advanceTimersByTimeAsync(3500);
  expect(ask).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(3500);
  expect(ask).toHaveBeenCalledTimes(3);
});

let frames: ((time: number) => void)[] = [];
const clock = (still = false): Clock => ({
  still: () => still,
  frame: (draw) => frames.push(draw),
  cancel: () => (frames = []),
});
const run = (time: number): void => {
  const due = frames;
  frames = [];
  due.forEach((draw) => draw(time));
};

beforeEach(() => void (frames = []));
afterEach(() => vi.useRealTimers());

it("moves codes in 300 ms, slow at both ends, and ends exactly where they are", () => {
  const seen: number[] = [];
  const arrived = vi.fn();
  const to = pair(10, 0);
  let last = pair(0, 0);
  const motion = new Motion(clock(), (codes) => seen.push((last = codes).data[0]!));
  motion.start(last, to, arrived);
  for (const time of [1000, 1000 + DURATION / 2, 1000 + DURATION]) run(time);
  expect(seen).toEqual([0, 5, 10]);
  expect(last).toBe(to);
  expect(arrived).toHaveBeenCalledOnce();
  expect(frames).toEqual([]);
  expect(eased(0.1)).toBeLessThan(0.1);
  expect(between(pair(0, 4), pair(1, 0), 0.25).data).toEqual(Float32Array.of(0.25, 3));
});

it("stops where it is for another goal, and jumps for those who want no motion", () => {
  const seen: number[] = [];
  let now = pair(0, 0);
  const show = (codes: typeof now): void => void seen.push((now = codes).data[0]!);
  const motion = new Motion(clock(), show);
  const first = vi.fn();
  motion.start(now, pair(10, 0), first);
  run(0);
  run(DURATION / 2);
  motion.start(now, pair(-5, 0), () => undefined);
  run(2000);
  run(2000 + DURATION);
  expect(seen).toEqual([0, 5, 5, -5]);
  expect(first).not.toHaveBeenCalled();
  new Motion(clock(true), show).start(pair(0, 0), pair(8, 0), first);
  expect(now.data[0]).toBe(8);
  expect(first).toHaveBeenCalledOnce();
});

it("where codes lie belongs to the epoch; scales, axes and the order of latents to the run", async () => {
  const { session } = withEpochs("#v=1&run=demo&layers=points,prior");
  const { plane, layers } = session.store.state.value;
  expect(layers).toContain("prior");
  session.start();
  await vi.waitFor(() => expect(session.cloud.complete.value).toBe(true), soon);
  const ring = (): unknown => marksOf(session, session.store.state.value).prior;
  const [own, tall, order] = [ring(), aspect(plane, session.about), orderOf(session.evolution.run)];
  session.store.dispatch({ type: "trained", epoch: 4 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(ring()).toEqual({ mean: { u: 2, v: 0 }, covariance: { uu: 4, uv: 0, vv: 1 } });
  expect(originOf(session.about)).toEqual([2, 0]);
  expect(aspect(plane, session.about)).toBe(tall);
  expect(orderOf(session.evolution.run)).toEqual(order);
  // What a link leaves out is as usual for the run, whichever epoch it names.
  session.move([0, 0]);
  expect(session.store.hash).toBe("v=1&run=demo&layers=points,prior&epoch=4");
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  session.drawFromPrior();
  const drawn = session.store.state.value.z;
  session.store.dispatch({ type: "trained", epoch: 1 });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  session.drawFromPrior();
  expect(drawn[0]! / session.store.state.value.z[0]!).toBeCloseTo(2, 3);
  session.store.dispatch({ type: "trained", epoch: null });
  await vi.waitFor(() => expect(session.evolution.waiting.value).toBe(false), soon);
  expect(ring()).toEqual(own);
  const moments = (await session.evolution.everywhere()).map(({ about }) => momentsOf(about).mean[0]);
  expect(moments).toEqual([1, 2, session.about.prior.mean[0]]);
  vi.restoreAllMocks();
  session.end();
});

it("latents keep their order while the model learns, whatever they carry", () => {
  const about = runWith("live", { active: [2, 0], rate: [1, 0, 3] }, { latents: 3 });
  expect(orderOf({ ...about, version: 1 })).toEqual([0, 1, 2]);
  expect(orderOf({ ...about, version: 2, active: [1], rate: [0, 5, 0] })).toEqual([0, 1, 2]);
  expect(orderOf({ ...about, version: null })).toEqual([2, 0, 1]);
});

it("axes of the last epoch's codes don't claim their shares for another", () => {
  const about = runWith("pca", {}, { latents: 3 });
  expect(axisNames({ kind: "pca" }, about)[0]).toBe("principal axis 1 (60 % of the codes’ variance)");
  const earlier = { ...about, pca: { ...about.pca!, share: [] } };
  expect(axisNames({ kind: "pca" }, earlier)[0]).toBe("principal axis 1 (of the last epoch’s codes)");
});
