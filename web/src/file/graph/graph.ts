/** A network as its graph of operators, read from the bytes that `aevum.server.graph` writes. */
import { product, type Tensor } from "../../backend/arrays";
import { BackendError } from "../../backend/backend";
import { readMessage } from "../../backend/wire";
import { say } from "../../words/words";
import { KERNELS, type Node } from "./kernels";
import type { Kind, Numbers, Value } from "./values";

/** A value that never changes: where its numbers begin in the array of its kind, or among the weights. */
interface Constant {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: readonly number[];
  readonly at: number;
  /** Of weights: they are whole multiples of it. Other numbers are as they are, and have none. */
  readonly step?: number;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Value>;
  /** Whether the page may use WebAssembly for its products. */
  readonly fast: boolean;
}

/** What its bytes start with: a message's header begins so. */
const MARK = '{"graph":1,';

export function isGraph(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(4, 4 + MARK.length)) === MARK;
}

export function graphOf(bytes: Uint8Array<ArrayBuffer>): Graph {
  const { header, arrays } = readMessage(bytes.byteOffset || bytes.byteLength !== bytes.buffer.byteLength ? bytes.slice().buffer : bytes.buffer);
  const { nodes, inputs, outputs, fast, constants } = header as unknown as Omit<Graph, "constants"> & { readonly constants: readonly Constant[] };
  const unknown = nodes.find(({ op }) => !Object.hasOwn(KERNELS, op));
  if (unknown) throw new BackendError(say("this page knows no operator {operator}: export the file again", { operator: unknown.op }));
  const weights = arrays.weights ? integersOf(arrays.weights) : new Int32Array();
  const read = ({ kind, shape, at, step }: Constant): Value => {
    const size = product(shape);
    if (step !== undefined) return { kind, shape, data: multiples(weights, at, size, step) };
    return { kind, shape, data: (arrays[kind]!.data as Numbers).subarray(at, at + size) };
  };
  return { nodes, inputs, outputs, fast, constants: new Map(constants.map((constant) => [constant.name, read(constant)])) };
}

/** In a loop: `from` with a function takes ten times as long, a fifth of a second for the weights of the digits. */
function multiples(weights: Int32Array, at: number, size: number, step: number): Float32Array {
  const found = new Float32Array(size);
  for (let i = 0; i < size; i++) found[i] = weights[at + i]! * step;
  return found;
}

/**
 * Whole numbers that were written as planes of their bytes, the highest first, with the sign in the lowest bit: bytes of
 * one kind beside each other are packed in a third of the space.
 */
function integersOf({ data, shape }: Tensor): Int32Array {
  const [planes = 0, count = 0] = shape;
  const found = new Int32Array(count);
  for (let plane = 0; plane < planes; plane++) {
    const start = plane * count;
    for (let i = 0; i < count; i++) found[i] = (found[i]! << 8) | data[start + i]!;
  }
  for (let i = 0; i < count; i++) found[i] = (found[i]! >>> 1) ^ -(found[i]! & 1);
  return found;
}
