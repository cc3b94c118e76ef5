/**
 * The networks of the file, ready to be asked: those that came as graphs are run by the page's own script, those in ONNX
 * by a runtime that is in the file with them.
 */
import { BackendError, sentenceOf } from "../backend/backend";
import type { Tensor } from "../backend/arrays";
import { say } from "../words/words";
import { isGraph } from "./graph/graph";
import { GraphNetwork } from "./graph/network";

export type Tensors = Readonly<Record<string, Tensor<Float32Array>>>;

/** Named arrays in, named arrays out. */
export interface Network {
  run(inputs: Tensors): Promise<Tensors>;
}

export type Bytes = () => Promise<Uint8Array<ArrayBuffer>>;

/** What the script of the runtime offers, where the file has it. */
export interface Runtime {
  /** Unpacks it, which takes a moment. */
  start(wasm: Bytes): Promise<void>;
  open(model: Uint8Array<ArrayBuffer>): Promise<Network>;
}

declare global {
  interface Window {
    aevumRuntime?: Runtime;
  }
}

export class Engine {
  readonly #wasm: Bytes;
  readonly #runtime: Runtime | null;
  #ready: Promise<Runtime> | null = null;

  constructor(runtime: Runtime | null, wasm: Bytes) {
    this.#runtime = runtime;
    this.#wasm = wasm;
  }

  /** A network from its bytes, made ready when it is first used, or when `prepare` is called. */
  network(bytes: Bytes): Network & { prepare(): Promise<void> } {
    let found: Promise<Network> | null = null;
    const opened = (): Promise<Network> => (found ??= this.#opened(bytes));
    return {
      prepare: async () => void (await opened()),
      run: async (inputs) => (await opened()).run(inputs),
    };
  }

  /** Begins to unpack the runtime, where there is one. */
  start(): Promise<unknown> {
    return this.#runtime ? this.#started(this.#runtime) : Promise.resolve();
  }

  async #opened(bytes: Bytes): Promise<Network> {
    try {
      const model = await bytes();
      if (isGraph(model)) return new GraphNetwork(model);
      if (!this.#runtime) throw new Error(say("this file has no runtime for it"));
      return await (await this.#started(this.#runtime)).open(model);
    } catch (error) {
      if (error instanceof BackendError) throw error;
      throw new BackendError(say("This browser can't run the model: {why}", { why: sentenceOf(error) }));
    }
  }

  #started(runtime: Runtime): Promise<Runtime> {
    return (this.#ready ??= runtime.start(this.#wasm).then(() => runtime));
  }
}
