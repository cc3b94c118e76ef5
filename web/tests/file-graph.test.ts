import { describe, expect, it } from "vitest";
import { writeMessage } from "../src/backend/wire";
import { fromText } from "../src/file/unpack";
import { erf } from "../src/file/graph/elementwise";
import { isGraph } from "../src/file/graph/graph";
import { KERNELS, type Attribute } from "../src/file/graph/kernels";
import { GraphNetwork } from "../src/file/graph/network";
import { fastened, multiply, panelsOf } from "../src/file/graph/products";
import { simd } from "../src/file/graph/simd";
import { Pool, type Kind, type Value } from "../src/file/graph/values";
import { seeded } from "../src/maths/random";

type Given = number[] | [number[], number[]] | [number[], number[], Kind] | null;

const value = (given: Given): Value | undefined => {
  if (given === null) return undefined;
  const [numbers, shape, kind = "float32"] = (Array.isArray(given[0]) ? given : [given, [given.length]]) as [number[], number[], Kind?];
  const array = { float32: Float32Array, float64: Float64Array, int64: Float64Array, int32: Int32Array, bool: Uint8Array }[kind];
  return { kind, data: array.from(numbers), shape };
};

/** What an operator gives: numbers and shapes. */
function asked(op: string, inputs: readonly Given[], attributes: Record<string, Attribute> = {}, outputs = 1) {
  const attribute = <T extends Attribute>(name: string, otherwise: T): T => (attributes[name] ?? otherwise) as T;
  const call = { pool: new Pool(), outputs, number: attribute, list: attribute, text: attribute, panels: (_: number, given: Value, made: (value: Value) => never[]) => made(given) };
  return KERNELS[op]!(call, inputs.map(value) as Value[]).map(({ data, shape, kind }) => ({ data: Array.from(data), shape, kind }));
}

const ints = (numbers: number[]): Given => [numbers, [numbers.length], "int64"];

describe("operators", () => {
  it.each<[string, Given[], Record<string, Attribute>, number[], number[]]>([
    ["Add", [[1, 2, 3], [[10], []]], {}, [11, 12, 13], [3]],
    ["Add", [[[1, 2], [2, 1]], [[10, 20, 30], [3]]], {}, [11, 21, 31, 12, 22, 32], [2, 3]],
    ["Div", [ints([7, -7, 9]), ints([2, 2, 3])], {}, [3, -3, 3], [3]],
    ["Max", [[1, 5], [3, 2], [2, 9]], {}, [3, 9], [2]],
    ["Round", [[0.5, 1.5, -0.5, 2.4, -2.6]], {}, [0, 2, -0, 2, -3], [5]],
    ["Clip", [[-1, 0.5, 7, Number.NaN], [[0], []], null], {}, [0, 0.5, 7, Number.NaN], [4]],
    ["Where", [[[1, 0], [2], "bool"], [1, 2], [[9], []]], {}, [1, 9], [2]],
    ["Cast", [[1.9, -1.9]], { to: "int64" }, [1, -1], [2]],
    ["Reshape", [[1, 2, 3, 4], ints([2, -1])], {}, [1, 2, 3, 4], [2, 2]],
    ["Reshape", [[[], [0, 3]], ints([0, 3, 1])], { allowzero: 1 }, [], [0, 3, 1]],
    ["Squeeze", [[[1, 2], [1, 2, 1]], ints([-1])], {}, [1, 2], [1, 2]],
    ["Unsqueeze", [[1, 2], ints([0, -1])], {}, [1, 2], [1, 2, 1]],
    ["Transpose", [[[1, 2, 3, 4, 5, 6], [2, 3]]], {}, [1, 4, 2, 5, 3, 6], [3, 2]],
    ["Expand", [[[1, 2], [2, 1]], ints([2, 2, 3])], {}, [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], [2, 2, 3]],
    ["Slice", [[[1, 2, 3, 4, 5, 6], [2, 3]], ints([2]), ints([-9]), ints([1]), ints([-1])], {}, [3, 2, 1, 6, 5, 4], [2, 3]],
    ["Slice", [[1, 2, 3, 4, 5], ints([1]), ints([2 ** 53]), ints([0]), ints([2])], {}, [2, 4], [2]],
    ["Concat", [[[1, 2], [2, 1]], [[3, 4, 5, 6], [2, 2]]], { axis: -1 }, [1, 3, 4, 2, 5, 6], [2, 3]],
    ["Gather", [[[1, 2, 3, 4], [2, 2]], ints([1, -2])], { axis: -1 }, [2, 1, 4, 3], [2, 2]],
    ["GatherND", [[[1, 2, 3, 4], [2, 2]], [[1, 0], [2, 1], "int64"]], {}, [3, 4, 1, 2], [2, 2]],
    ["Shape", [[[1, 2], [2, 1]]], { start: 0, end: 1 }, [2], [1]],
    ["DepthToSpace", [[[0, 1, 2, 3], [1, 4, 1, 1]]], { blocksize: 2, mode: "CRD" }, [0, 1, 2, 3], [1, 1, 2, 2]],
    ["ReduceSum", [[[1, 2, 3, 4], [2, 2]], ints([0])], { keepdims: 0 }, [4, 6], [2]],
    ["ReduceMean", [[[1, 2, 3, 4], [2, 2]]], {}, [2.5], [1, 1]],
    ["ReduceLogSumExp", [[[1000, 1000, 0, 0], [2, 2]], ints([1])], { keepdims: 0 }, [Math.fround(1000 + Math.log(2)), Math.log(2)], [2]],
    ["ReduceL2", [[3, 4]], { keepdims: 0 }, [5], []],
    ["CumSum", [[[1, 2, 3, 4], [2, 2]], [[0], [], "int64"]], {}, [1, 2, 4, 6], [2, 2]],
    ["CumSum", [[1, 2, 3], ints([0])], { exclusive: 1, reverse: 1 }, [5, 3, 0], [3]],
    ["GatherElements", [[[1, 2, 3, 4], [2, 2]], [[1, 0, -1], [1, 3], "int64"]], { axis: 1 }, [2, 1, 2], [1, 3]],
    ["GatherElements", [[[1, 2, 3, 4], [2, 2]], [[1, 0], [1, 2], "int64"]], { axis: 0 }, [3, 2], [1, 2]],
    ["Tile", [[[1, 2], [2, 1]], ints([2, 2])], {}, [1, 1, 2, 2, 1, 1, 2, 2], [4, 2]],
    ["IsInf", [[Infinity, -Infinity, 1]], { detect_negative: 0 }, [1, 0, 0], [3]],
    ["Einsum", [[[1, 2, 3, 4], [2, 2]], [10, 1]], { equation: "a...,a->..." }, [13, 24], [2]],
    ["Einsum", [[[1, 2, 3, 4], [2, 2]], [[1, 1, 0, 2], [2, 2]]], { equation: "ij,kj->ki" }, [3, 7, 4, 8], [2, 2]],
    ["Einsum", [[[1, 2, 3, 4], [2, 2]]], { equation: "ii" }, [5], []],
    ["ArgMax", [[[1, 3, 3, 9, 2, 1], [2, 3]]], { axis: -1, keepdims: 0 }, [1, 0], [2]],
    ["GlobalAveragePool", [[[1, 3, 5, 7], [1, 2, 1, 2]]], {}, [2, 6], [1, 2, 1, 1]],
    ["LayerNormalization", [[[1, 3], [1, 2]], [2, 2], [1, 0]], { epsilon: 0 }, [-1, 2], [1, 2]],
    ["BatchNormalization", [[[1, 3], [1, 2, 1]], [2, 1], [0, 1], [1, 1], [1, 4]], { epsilon: 0 }, [0, 2], [1, 2, 1]],
    ["Gemm", [[[1, 2], [1, 2]], [[3, 4, 5, 6], [2, 2]], [10, 20]], { transB: 1, alpha: 2, beta: 0.5 }, [27, 44], [1, 2]],
    ["Gemm", [[[1, 2], [2, 1]], [[3, 4], [2, 1]]], { transA: 1 }, [11], [1, 1]],
    ["MatMul", [[[1, 2, 3, 4], [2, 1, 2]], [[1, 2], [2, 1]]], {}, [5, 11], [2, 1, 1]],
    ["MatMul", [[1, 2], [[1, 2, 3, 4], [2, 2]]], {}, [7, 10], [2]],
    ["Conv", [[[1, 2, 3, 4], [1, 1, 2, 2]], [[1, 1, 1, 1], [1, 1, 2, 2]], [0.5]], { pads: [1, 0, 0, 1] }, [3.5, 2.5, 10.5, 6.5], [1, 1, 2, 2]],
    ["Conv", [[[1, 2, 3, 4], [1, 2, 1, 2]], [[10, 100], [2, 1, 1, 1]]], { group: 2, strides: [1, 2] }, [10, 300], [1, 2, 1, 1]],
    ["ConvTranspose", [[[1, 2], [1, 1, 1, 2]], [[1, 10], [1, 1, 1, 2]]], { strides: [1, 2] }, [1, 10, 2, 20], [1, 1, 1, 4]],
    ["ConvTranspose", [[[1, 2], [1, 1, 1, 2]], [[1, 10, 100], [1, 1, 1, 3]]], { pads: [0, 1, 0, 1] }, [12, 120], [1, 1, 1, 2]],
  ])("%s", (op, inputs, attributes, data, shape) => {
    const [found] = asked(op, inputs, attributes);
    expect(found!.shape).toEqual(shape);
    data.forEach((expected, i) => (Number.isNaN(expected) ? expect(found!.data[i]).toBeNaN() : expect(found!.data[i]).toBeCloseTo(expected, 5)));
    expect(found!.data.length).toBe(data.length);
  });

  it("give true and false as such, and places as whole numbers", () => {
    expect(asked("Greater", [[1, 2], [2, 1]])[0]).toEqual({ data: [0, 1], shape: [2], kind: "bool" });
    expect(asked("Not", [[[0, 1], [2], "bool"]])[0]!.data).toEqual([1, 0]);
    const [values, places] = asked("TopK", [[3, 1, 3, 2], ints([3])], {}, 2);
    expect([values!.data, places!.data, places!.kind]).toEqual([[3, 3, 2], [0, 2, 3], "int64"]);
    expect(asked("TopK", [[3, 1, 2], ints([1])], { largest: 0 }, 2)[1]!.data).toEqual([1]);
  });

  it("split evenly, or as they are told", () => {
    expect(asked("Split", [[1, 2, 3, 4, 5]], {}, 2).map(({ data }) => data)).toEqual([[1, 2, 3], [4, 5]]);
    expect(asked("Split", [[[1, 2, 3, 4], [2, 2]], ints([1, 1])], { axis: 1 }, 2).map(({ data }) => data)).toEqual([[1, 3], [2, 4]]);
  });

  it("are exact where numbers are large or small", () => {
    const far = asked("Softmax", [[1000, 1000, -1000]])[0]!.data;
    expect(far).toEqual([0.5, 0.5, 0]);
    expect(asked("LogSoftmax", [[[0, 0, 5, 5], [2, 2]]], { axis: 0 })[0]!.data[0]).toBeCloseTo(-5.006715, 5);
    const [low, high] = asked("Softplus", [[-100, 100]])[0]!.data;
    expect(low! > 0 && low! < 1e-40 && high === 100).toBe(true);
    expect(asked("Sigmoid", [[-200, 200]])[0]!.data).toEqual([0, 1]);
    // Of tables.
    for (const [x, expected] of [[0, 0], [0.5, 0.5204998778130465], [2.4, 0.999311486103355], [3, 0.9999779095030014]] as const) {
      expect(erf(x)).toBeCloseTo(expected, 12);
      expect(erf(-x)).toBeCloseTo(-expected, 12);
    }
  });

  it("refuse shapes that don't fit", () => {
    expect(() => asked("Add", [[1, 2], [1, 2, 3]])).toThrow("don't fit");
    expect(() => asked("Reshape", [[1, 2, 3], ints([2, 2])])).toThrow("no shape");
    expect(() => asked("Gather", [[1, 2], ints([2])])).toThrow("no place 2");
  });
});

describe("products", () => {
  it.each([[1, 1, 1], [1, 7, 20], [3, 5, 8], [4, 64, 9], [9, 33, 24], [6, 1, 3]])("of (%i, %i) and %i columns, one number or four at a time", (rows, inner, columns) => {
    const uniform = seeded(rows + inner + columns);
    const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => uniform() - 0.5);
    const [a, b] = [numbers(2 + rows * inner), numbers(inner * columns)];
    const expected = Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return Array.from({ length: inner }, (_, k) => a[2 + row * inner + k]! * b[k * columns + column]!).reduce((x, y) => x + y);
    });
    const panels = panelsOf(b, 0, inner, columns, columns, 1);
    for (const factor of [panels, fastened(panels, simd())]) {
      const out = new Float32Array(1 + rows * columns);
      multiply(a, 2, rows, factor, { data: out, start: 1, down: 1, along: rows });
      expected.forEach((value, i) => expect(out[1 + (i % columns) * rows + Math.floor(i / columns)]).toBeCloseTo(value, 5));
    }
    expect(fastened(panels, simd()).fast).not.toBeNull();
  });
});

describe("a graph", () => {
  const bytes = (nodes: object[], constants: object[], arrays: Record<string, { data: Float32Array | Uint8Array; shape: number[] }>) =>
    new Uint8Array(writeMessage({ header: { graph: 1, fast: false, nodes, inputs: ["x"], outputs: ["y"], constants }, arrays }));
  // Weights (1, −2; 3, −4) of steps of ½, as planes of their folded bytes, and a bias.
  const linear = bytes(
    [
      { op: "Gemm", in: ["x", "w", "b"], out: ["h"], attributes: { transB: 1 } },
      { op: "Sigmoid", in: ["h"], out: ["s"], attributes: {} },
      { op: "Mul", in: ["h", "s"], out: ["silu"], attributes: {} },
      { op: "Add", in: ["silu", "x"], out: ["y"], attributes: {} },
    ],
    [
      { name: "w", kind: "float32", shape: [2, 2], at: 0, step: 0.5 },
      { name: "b", kind: "float32", shape: [2], at: 0 },
    ],
    { weights: { data: Uint8Array.from([0, 0, 0, 0, 4, 7, 12, 15]), shape: [2, 4] }, float32: { data: Float32Array.from([1, 2]), shape: [2] } },
  );
  const silu = (x: number): number => x / (1 + Math.exp(-x));

  it("is told from ONNX by its first bytes", () => {
    expect([isGraph(linear), isGraph(new Uint8Array(20)), isGraph(new Uint8Array())]).toEqual([true, false, false]);
  });

  it("computes for any number of rows, and gives arrays that stay", async () => {
    const network = new GraphNetwork(linear);
    const run = async (rows: number[][]) => (await network.run({ x: { data: Float32Array.from(rows.flat()), shape: [rows.length, 2] } })).y!;
    const expected = ([a = 0, b = 0]: number[]): number[] => [silu(a - 2 * b + 1) + a, silu(3 * a - 4 * b + 2) + b];
    const found = [];
    for (const rows of [[[1, 2]], [[0.5, -1]], [[1, 2], [3, 4], [5, 6]], [[-1, 1]]]) found.push([rows, await run(rows)] as const);
    for (const [rows, { data, shape }] of found) {
      expect(shape).toEqual([rows.length, 2]);
      rows.flatMap(expected).forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
    }
  });

  it("leaves what it is given as it was", async () => {
    const identity = new GraphNetwork(bytes([{ op: "Identity", in: ["x"], out: ["y"], attributes: {} }], [], {}));
    const x = Float32Array.from([1, 2]);
    const { y } = await identity.run({ x: { data: x, shape: [1, 2] } });
    y!.data[0] = 9;
    expect(Array.from(x)).toEqual([1, 2]);
  });

  it("with an operator that the page lacks is refused, as is what doesn't fit", async () => {
    expect(() => new GraphNetwork(bytes([{ op: "Loop", in: [], out: ["y"], attributes: {} }], [], {}))).toThrow("no operator Loop");
    await expect(new GraphNetwork(linear).run({ x: { data: new Float32Array(3), shape: [1, 3] } })).rejects.toThrow("can't run the model");
  });
});

describe("text of 91 letters", () => {
  it("is what Python writes", () => {
    expect(Array.from(fromText("0"))).toEqual([]);
    expect(Array.from(fromText("0!!!!"))).toEqual([0, 0, 0]);
  });
});
