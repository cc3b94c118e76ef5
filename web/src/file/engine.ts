/** Networks run by ONNX Runtime Web: WebAssembly on the page's own thread, from bytes that are there already. */
import * as ort from "onnxruntime-web/wasm";
import { product, type Tensor } from "../backend/arrays";
import { BackendError, sentenceOf } from "../backend/backend";
import { say } from "../words/words";

export type Tensors = Readonly<Record<string, Tensor<Float32Array>>>;

/** Named arrays in, named arrays out. */
export interface Network {
  run(inputs: Tensors): Promise<Tensors>;
}

/** Further optimisation takes longer than it saves: these networks are products of matrices and little else. */
const OPTIONS: ort.InferenceSession.SessionOptions = {
  executionProviders: ["wasm"],
  graphOptimizationLevel: "basic",
  logSeverityLevel: 3,
};

type Bytes = () => Promise<Uint8Array<ArrayBuffer>>;

export class Engine {
  #wasm: Bytes;
  #ready: Promise<void> | null = null;
  /** The runtime takes one question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(wasm: Bytes) {
    this.#wasm = wasm;
  }

  /** A network from its ONNX bytes, made ready when it is first used, or when `prepare` is called. */
  network(bytes: Bytes): Network & { prepare(): Promise<void> } {
    let session: Promise<ort.InferenceSession> | null = null;
    const opened = (): Promise<ort.InferenceSession> => (session ??= this.#session(bytes));
    return {
      prepare: async () => void (await opened()),
      run: async (inputs) => {
        const found = await opened();
        return this.#alone(async () => tensorsOf(await found.run(feeds(inputs))));
      },
    };
  }

  async #session(bytes: Bytes): Promise<ort.InferenceSession> {
    try {
      const [model] = await Promise.all([bytes(), this.start()]);
      return await this.#alone(() => ort.InferenceSession.create(model, OPTIONS));
    } catch (error) {
      throw new BackendError(say("This browser can't run the model: {why}", { why: sentenceOf(error) }));
    }
  }

  /** Unpacks the runtime, which takes a moment; networks wait for it. */
  start(): Promise<void> {
    return (this.#ready ??= this.#configured());
  }

  async #configured(): Promise<void> {
    // Pages that are opened from disk share no memory between threads, and start no workers.
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.proxy = false;
    ort.env.logLevel = "error";
    ort.env.wasm.wasmBinary = await this.#wasm();
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function feeds(inputs: Tensors): Record<string, ort.Tensor> {
  const named = Object.entries(inputs).map(([name, { data, shape }]) => [name, new ort.Tensor("float32", data, shape)]);
  return Object.fromEntries(named) as Record<string, ort.Tensor>;
}

function tensorsOf(outputs: ort.InferenceSession.ReturnType): Tensors {
  const named = Object.entries(outputs).map(([name, { data, dims }]) => {
    if (!(data instanceof Float32Array) || data.length !== product(dims)) throw new BackendError(say("the model gave no numbers"));
    return [name, { data, shape: dims }];
  });
  return Object.fromEntries(named) as Tensors;
}
