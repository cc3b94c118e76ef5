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

/** Of a weight's whole number. */
const BYTES = 4;
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
  const weights = arrays.weights ? planesOf(arrays.weights) : [];
  const read = ({ kind, shape, at, step }: Constant): Value => {
    const size = product(shape);
    if (step !== undefined) return { kind, shape, data: multiples(weights, at, size, step) };
    return { kind, shape, data: (arrays[kind]!.data as Numbers).subarray(at, at + size) };
  };
  return { nodes, inputs, outputs, fast, constants: new Map(constants.map((constant) => [constant.name, read(constant)])) };
}

/**
 * Whole numbers were written as planes of their bytes, the highest first, with the sign in the lowest bit: bytes of one
 * kind beside each other are packed in a third of the space. Here there are four planes always, the first of zeros.
 */
function planesOf({ data, shape }: Tensor): Uint8Array[] {
  const [planes = 0, count = 0] = shape;
  const written = Array.from({ length: planes }, (_, plane) => (data as Uint8Array).subarray(plane * count, (plane + 1) * count));
  return [...Array.from({ length: BYTES - planes }, () => new Uint8Array(count)), ...written];
}

/** In one loop over all planes: it is run once, and the first picture waits for it. */
function multiples([first, second, third, last]: readonly Uint8Array[], at: number, size: number, step: number): Float32Array {
  const found = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const value = (first![at + i]! << 24) | (second![at + i]! << 16) | (third![at + i]! << 8) | last![at + i]!;
    found[i] = ((value >>> 1) ^ -(value & 1)) * step;
  }
  return found;
}
