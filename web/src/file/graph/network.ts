/** A graph of operators that is run here, on the page's own thread, without a runtime. */
import { BackendError, sentenceOf } from "../../backend/backend";
import { say } from "../../words/words";
import type { Network, Tensors } from "../engine";
import { graphOf, type Graph } from "./graph";
import { KERNELS, type Attribute, type Call, type Node } from "./kernels";
import { fastened, type Panels } from "./products";
import { simd } from "./simd";
import { Pool, type Value } from "./values";

interface Step {
  readonly node: Node;
  readonly call: Call;
  /** Values that nothing needs after it. */
  readonly spent: readonly string[];
}

export class GraphNetwork implements Network {
  readonly #graph: Graph;
  readonly #steps: readonly Step[];
  readonly #pool = new Pool();
  #rows = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#graph = graphOf(bytes);
    this.#steps = stepsOf(this.#graph, this.#pool);
  }

  async run(inputs: Tensors): Promise<Tensors> {
    try {
      return this.#run(inputs);
    } catch (error) {
      this.#pool.clear();
      throw error instanceof BackendError ? error : new BackendError(say("This page can't run the model: {why}", { why: sentenceOf(error) }));
    }
  }

  #run(inputs: Tensors): Tensors {
    const { inputs: names, outputs, constants } = this.#graph;
    const values = new Map<string, Value>(constants);
    for (const name of names) values.set(name, { kind: "float32", ...inputs[name]! });
    // Arrays are taken again where they have the same sizes.
    const rows = inputs[names[0]!]!.shape[0]!;
    if (rows !== this.#rows) this.#pool.clear();
    this.#rows = rows;
    for (const { node, call, spent } of this.#steps) {
      const given = node.in.map((name) => values.get(name)) as Value[];
      KERNELS[node.op]!(call, given).forEach((value, i) => {
        if (!node.out[i]) return;
        this.#pool.hold(value);
        values.set(node.out[i], value);
      });
      for (const name of spent) {
        this.#pool.release(values.get(name)!);
        values.delete(name);
      }
    }
    const found = Object.fromEntries(outputs.map((name) => [name, copied(values.get(name)!)]));
    this.#pool.recover();
    return found;
  }
}

/** Arrays of the pool are written to again, and inputs and weights are not the reader's. */
function copied({ data, shape }: Value): Tensors[string] {
  return { data: new Float32Array(data), shape };
}

function stepsOf(graph: Graph, pool: Pool): Step[] {
  const { nodes, inputs, outputs, constants } = graph;
  const kept = new Set([...outputs, ...inputs, ...constants.keys()]);
  const last = new Map<string, number>();
  nodes.forEach((node, i) => [...node.in, ...node.out].forEach((name) => last.set(name, i)));
  return nodes.map((node, i) => {
    const named = [...new Set([...node.in, ...node.out])];
    const spent = named.filter((name) => name && !kept.has(name) && last.get(name) === i);
    return { node, call: callOf(node, graph, pool), spent };
  });
}

function callOf(node: Node, { constants, fast }: Graph, pool: Pool): Call {
  const known = new Map<number, readonly Panels[]>();
  const attribute = <T extends Attribute>(name: string, otherwise: T): T => (node.attributes[name] ?? otherwise) as T;
  return {
    pool,
    outputs: node.out.length,
    number: attribute,
    list: attribute,
    text: attribute,
    panels: (place, value, made) => {
      const kept = known.get(place);
      if (kept) return kept;
      const found = made(value);
      if (!constants.has(node.in[place]!)) return found;
      const weights = fast ? found.map((panels) => fastened(panels, simd())) : found;
      known.set(place, weights);
      return weights;
    },
  };
}
