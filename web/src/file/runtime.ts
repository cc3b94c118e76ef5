/** ONNX Runtime Web: WebAssembly on the page's own thread, from bytes that are there already. A script of its own, which
 * only those files hold that need it. */
import * as ort from "onnxruntime-web/wasm";
import { product } from "../backend/arrays";
import { BackendError } from "../backend/backend";
import type { Bytes, Network, Runtime, Tensors } from "./engine";

/** Further optimisation takes longer than it saves: these networks are products of matrices and little else. */
const OPTIONS: ort.InferenceSession.SessionOptions = {
  executionProviders: ["wasm"],
  graphOptimizationLevel: "basic",
  logSeverityLevel: 3,
};

/** The runtime takes one question at a time. */
let turn: Promise<unknown> = Promise.resolve();

function alone<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work);
  turn = done.catch(() => undefined);
  return done;
}

async function start(wasm: Bytes): Promise<void> {
  // Pages that are opened from disk share no memory between threads, and start no workers.
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = await wasm();
}

async function open(model: Uint8Array<ArrayBuffer>): Promise<Network> {
  const session = await alone(() => ort.InferenceSession.create(model, OPTIONS));
  return { run: (inputs) => alone(async () => tensorsOf(await session.run(feeds(inputs)))) };
}

function feeds(inputs: Tensors): Record<string, ort.Tensor> {
  const named = Object.entries(inputs).map(([name, { data, shape }]) => [name, new ort.Tensor("float32", data, shape)]);
  return Object.fromEntries(named) as Record<string, ort.Tensor>;
}

function tensorsOf(outputs: ort.InferenceSession.ReturnType): Tensors {
  const named = Object.entries(outputs).map(([name, { data, dims }]) => {
    if (!(data instanceof Float32Array) || data.length !== product(dims)) throw new BackendError("the model gave no numbers");
    return [name, { data, shape: dims }];
  });
  return Object.fromEntries(named) as Tensors;
}

window.aevumRuntime = { start, open } satisfies Runtime;
