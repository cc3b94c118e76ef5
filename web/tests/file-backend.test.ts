import { describe, expect, it } from "vitest";
import { stacked, type Tensor } from "../src/backend/arrays";
import { CODES, LABELS, madeAbout, madeBackend, madeContents } from "./file-made";

const LOG = (x: number): number => Math.log(x);
const list = ({ data }: Tensor): number[] => Array.from(data);

describe("rows", () => {
  it("gives codes, labels and rows in their own type", async () => {
    const { backend } = madeBackend();
    expect(list(await backend.codes(1, 3))).toEqual(CODES.slice(1, 3).flat());
    expect((await backend.codes(3, 99)).shape).toEqual([2, 2]);
    expect(Array.from(await backend.labels())).toEqual(LABELS);
    const { data, shape } = await backend.rows([4, 0]);
    expect(data).toEqual(Uint8Array.from([12, 13, 14, 0, 1, 2]));
    expect(shape).toEqual([2, 3]);
  });

  it("refuses rows that are not there", async () => {
    await expect(madeBackend().backend.rows([5])).rejects.toThrow("there is no row 5");
    await expect(madeBackend(madeAbout({ rows: 0 })).backend.codes(0, 1)).rejects.toThrow("no rows");
  });

  it("finds neighbours, the nearer first and of equals the earlier", async () => {
    const { indices, distances } = await madeBackend().backend.neighbours(stacked([[1, 0], [0, 2]]), 3);
    expect(Array.from(indices.data)).toEqual([1, 4, 0, 2, 0, 1]);
    expect(distances.data[2]).toBeCloseTo(1);
    expect(indices.shape).toEqual([2, 3]);
    expect((await madeBackend().backend.neighbours(stacked([[0, 0]]), 64)).indices.shape).toEqual([1, 5]);
  });

  it("tells a direction from a label or from two groups", async () => {
    const { backend } = madeBackend();
    const named = await backend.attribute({ label: "leaning" });
    expect([named.n_with, named.n_without]).toEqual([2, 3]);
    expect(named.vector[0]).toBeCloseTo(0.5 - 4 / 3);
    const chosen = await backend.attribute({ with: [3], without: [0] });
    expect(Array.from(chosen.vector)).toEqual([3, 3]);
    await expect(backend.attribute({ with: [] })).rejects.toThrow("no example is with");
    await expect(backend.attribute({ with: [0, 1, 2, 3, 4] })).rejects.toThrow("no example is without");
    await expect(backend.attribute({ label: "other" })).rejects.toThrow("labelled other");
  });
});

describe("decode and encode", () => {
  it("asks in blocks and puts them together", async () => {
    const { backend, asked } = madeBackend();
    const z = stacked(Array.from({ length: 1100 }, (_, i) => [i, -i]));
    const { data, shape } = await backend.decode(z, null);
    expect(asked.map((inputs) => inputs.z!.shape[0])).toEqual([512, 512, 76]);
    expect(shape).toEqual([1100, 3]);
    expect(Array.from(data.subarray(3 * 1099))).toEqual([1099, -1099, 0]);
  });

  it("refuses codes of another width, and what is no number", async () => {
    const { backend } = madeBackend();
    await expect(backend.decode(stacked([[1, 2, 3]]), null)).rejects.toThrow("codes have shape (1, 3); expected (n, 2)");
    await expect(backend.decode(stacked([[1, Number.NaN]]), null)).rejects.toThrow("NaN");
  });

  it("gives the interval of one deviation, where the likelihood has one", async () => {
    const { low, high } = await madeBackend().backend.interval(stacked([[1, 2]]), null);
    expect([list(low), list(high)]).toEqual([[0.5, 1.5, -0.5], [1.5, 2.5, 0.5]]);
  });

  it("takes one row of class weights for all, or one a row", async () => {
    const { backend, asked } = madeBackend(madeAbout({ conditional: true, context: 2, classes: ["a", "b"] }));
    await backend.decode(stacked([[0, 0], [1, 1]]), stacked([[0.25, 0.75]]));
    expect(list(asked[0]!.y!)).toEqual([0.25, 0.75, 0.25, 0.75]);
    await backend.encode({ data: new Float32Array(6), shape: [2, 3] }, stacked([[1, 0], [0, 1]]));
    expect(list(asked[1]!.y!)).toEqual([1, 0, 0, 1]);
    await expect(backend.decode(stacked([[0, 0]]), null)).rejects.toThrow("conditioned on y");
    await expect(backend.decode(stacked([[0, 0]]), stacked([[0.5, 0.6]]))).rejects.toThrow("sum to 1");
    await expect(backend.decode(stacked([[0, 0]]), stacked([[1]]))).rejects.toThrow("2 values");
  });

  it("standardises the numbers that a model is conditioned on", async () => {
    const about = madeAbout({ conditional: true, context: 2, context_mean: [10, 20] });
    const contents = madeContents(about, { context: { mean: [10, 20], deviation: [2, 5] } });
    const { backend, asked } = madeBackend(about, contents);
    await backend.decode(stacked([[0, 0]]), stacked([[14, 10]]));
    expect(list(asked[0]!.y!)).toEqual([2, -2]);
  });

  it("encodes whole numbers, and settles", async () => {
    const { backend } = madeBackend();
    const x = { data: Uint8Array.from([4, 5, 6]), shape: [1, 3] };
    expect(list((await backend.encode(x, null)).mean)).toEqual([4, 5]);
    const { x: seen, z } = await backend.settle(x, 2, null);
    expect(seen.shape).toEqual([3, 1, 3]);
    expect(list(seen)).toEqual([4, 5, 6, 4, 5, 0, 4, 5, 0]);
    expect(z.shape).toEqual([2, 1, 2]);
  });
});

describe("scores", () => {
  const x = { data: Float32Array.from([1, 2, 3]), shape: [1, 3] };

  it("is a Gaussian's distortion at the mean plus the rate", async () => {
    const distortion = 3 * (LOG(0.5) + 0.5 * LOG(2 * Math.PI)) + 0.5 * (3 / 0.5) ** 2;
    const rate = 0.5 * (1 + 4 + 2 * (0.0625 - 1)) - 2 * LOG(0.25);
    expect((await madeBackend().backend.score(x, null))[0]).toBeCloseTo(distortion + rate, 4);
  });

  it.each([false, true])("is a Bernoulli's cross-entropy, with no rate where a model has none (a prior: %s)", async (can_sample) => {
    const about = madeAbout({ can_sample, rate: null });
    const { backend } = madeBackend(about, madeContents(about, { scoring: "bernoulli", scale: [4] }));
    const share = [0.25, 0.5].map((p) => -(p * LOG(p) + (1 - p) * LOG(1 - p)));
    const last = -(0.75 * LOG(2 ** -24) + 0.25 * Math.log1p(-(2 ** -24)));
    expect((await backend.score(x, null))[0]).toBeCloseTo(share[0]! + share[1]! + last, 4);
  });

  it("is the squared error of other likelihoods", async () => {
    const { backend } = madeBackend(madeAbout(), madeContents(madeAbout(), { scoring: "squares" }));
    expect(Array.from(await backend.score(x, null))).toEqual([9]);
  });
});

describe("walks", () => {
  it("measures a path on the model's scale", async () => {
    const found = await madeBackend().backend.path({ a: [0, 0], b: [6, 8], n: 5, path: "linear" }, null);
    expect([found.length, found.straight]).toEqual([5, 5]);
    expect(found.x.shape).toEqual([5, 3]);
  });

  it("takes arcs around the prior of the class", async () => {
    const about = madeAbout({ conditional: true, context: 2, classes: ["a", "b"] });
    const contents = madeContents(about, { priorMean: stacked([[0, 0], [10, 0]]), priorDeviation: stacked([[1, 1], [1, 1]]) });
    const { backend } = madeBackend(about, contents);
    const question = { a: [12, 0], b: [10, 2], n: 3, path: "spherical" } as const;
    const { z, length, straight } = await backend.path(question, stacked([[0, 1]]));
    expect(z.data[2]).toBeCloseTo(10 + Math.SQRT2);
    expect(z.data[3]).toBeCloseTo(Math.SQRT2);
    expect(length).toBeGreaterThan(straight);
    await expect(backend.path({ ...question, a: [9, 0], b: [11, 0] }, stacked([[0, 1]]))).rejects.toThrow("opposite");
  });

  it("walks straight where the decoder is linear", async () => {
    const { z, length, straight } = await madeBackend().backend.path({ a: [0, 0], b: [1, 2], n: 6, path: "geodesic" }, null);
    expect(length).toBeCloseTo(straight, 5);
    expect(z.data[4]).toBeCloseTo(0.4, 4);
  });

  it("lays a grid over the prior's quantiles, from the top down", async () => {
    const { z, x } = await madeBackend().backend.manifold({ n: 2, dims: [1, 0], at: null }, null);
    expect([z.shape, x.shape]).toEqual([[2, 2, 2], [2, 2, 3]]);
    const q = 0.6744897501960817;
    [q, -q, q, q, -q, -q, -q, q].forEach((value, i) => expect(z.data[i]).toBeCloseTo(value, 6));
  });

  it("lays it over an auto-encoder's codes, and holds the other latents", async () => {
    const about = madeAbout({ latent_dim: 3, can_sample: false });
    const quantiles = { data: Float32Array.from([0, 1, 2, 0, 10, 20, 5, 5, 5]), shape: [1, 3, 3] };
    const contents = madeContents(about, { quantiles, priorMean: stacked([[0, 0, 0]]), priorDeviation: stacked([[1, 1, 1]]) });
    const { backend } = madeBackend(about, contents);
    const { z } = await backend.manifold({ n: 2, dims: [0, 1], at: [7, 8, 9] }, null);
    expect(list(z)).toEqual([0.5, 15, 9, 1.5, 15, 9, 0.5, 5, 9, 1.5, 5, 9]);
    const flat = await backend.manifold({ n: 2, dims: [0, 2], at: null }, null);
    expect(list(flat.z)).toEqual([0.5, 0, 5.5, 1.5, 0, 5.5, 0.5, 0, 4.5, 1.5, 0, 4.5]);
    await expect(backend.manifold({ n: 2, dims: [0, 0], at: null }, null)).rejects.toThrow("dims");
  });
});

describe("the law of the codes", () => {
  const classes = { classes: ["a", "b"], conditional: true, context: 2, law: { gaussian: false, varies: true } };
  const about = madeAbout(classes);
  const draws = { data: Float32Array.from([0, 0, 1, 0, 2, 0, 3, 0, 10, 5, 11, 5, 12, 5, 13, 5]), shape: [2, 4, 2] };
  const quantiles = { data: Float32Array.from([0, 1, 3, 0, 0, 0, 10, 11, 13, 5, 5, 5]), shape: [2, 2, 3] };
  const moments = { priorMean: stacked([[1, 0], [11, 5]]), priorDeviation: stacked([[1, 1], [1, 1]]) };
  const { backend } = madeBackend(about, madeContents(about, { draws, quantiles, ...moments }));

  it("is that of the classes in their shares", async () => {
    const under = async (...y: number[]) => list((await backend.law(stacked([y]))).draws!);
    expect(await under(0, 1)).toEqual([10, 5, 11, 5, 12, 5, 13, 5]);
    expect(await under(0.5, 0.5)).toEqual([0, 0, 1, 0, 10, 5, 11, 5]);
    expect((await backend.law(stacked([[0.5, 0.5]]))).moments.mean).toEqual([6, 2.5]);
    const { z } = await backend.manifold({ n: 2, dims: [0, 1], at: null }, stacked([[0, 1]]));
    expect([z.data[0], z.data[2]]).toEqual([10.5, 12]);
  });

  it("of a Gaussian is its moments", async () => {
    expect((await madeBackend().backend.law(null)).draws).toBeNull();
  });

  it("keeps walks on its points where it has such", async () => {
    const own = madeAbout();
    const { backend } = madeBackend(own, madeContents(own, { points: stacked([[0, 0], [1, 1], [4, 0]]), quantiles, draws }));
    const { z } = await backend.path({ a: [0, 0], b: [4, 0], n: 5, path: "linear" }, null);
    expect(list(z)).toEqual([0, 0, 0, 0, 1, 1, 4, 0, 4, 0]);
  });
});
