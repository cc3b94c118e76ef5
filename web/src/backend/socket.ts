/** The backend of a running server: operations over its socket, uploads and the list of runs over HTTP. */
import { type Arrays, type Tensor, type Values, float32, product } from "./arrays";
import {
  BackendError,
  type About,
  type AttributeAnswer,
  type AttributeQuestion,
  type Backend,
  type Catalogue,
  type Codes,
  type ColumnValues,
  type Context,
  type Hit,
  type Host,
  type InsideAnswer,
  type Law,
  type LessonAnswer,
  type LessonQuestion,
  type ManifoldQuestion,
  type PathAnswer,
  type PathQuestion,
  type TraitAnswer,
  type TraitQuestion,
  type Upload,
} from "./backend";
import { Connection } from "./connection";
import { lessonArgs, lessonOf } from "./lesson";
import type { Message } from "./wire";
import { say } from "../words/words";

const gone = (): string => say("The server has stopped answering. Is aevum explore still running?");
const expired = (): string =>
  say("The server does not know this page any more: open the address that aevum explore has printed last, and then this link again.");

/** A server at the page's own address. The token is for pages inside a frame, where a cookie would not be sent. */
export class Server implements Host {
  #root: URL;
  #token: string | null;
  #connection: Connection;
  /** For what takes long: answers come in order on each connection, and a drag should not wait for them. */
  #bulk: Connection;
  /** For geodesics, which take longest. */
  #walks: Connection;
  /** For a model that learns on. */
  #lessons: Connection;

  constructor(root: URL, token: string | null) {
    this.#root = root;
    this.#token = token;
    const open = (): WebSocket => this.#socket();
    this.#connection = new Connection(open, () => this.#explain());
    // Only the first connection's state is told to the reader.
    this.#bulk = new Connection(open, async () => "");
    this.#walks = new Connection(open, async () => "");
    this.#lessons = new Connection(open, async () => "");
  }

  get status(): Host["status"] {
    return this.#connection.status;
  }

  async catalogue(): Promise<Catalogue> {
    return (await this.fetch("api/runs")) as Catalogue;
  }

  backend(run: string): Backend {
    return new SocketBackend(run, this.#connection, this.#bulk, this.#walks, this.#lessons, this);
  }

  retry(): void {
    this.#connection.retry();
    this.#bulk.retry();
    this.#walks.retry();
    this.#lessons.retry();
  }

  /** JSON from the server; what it has to say against the request is the error. */
  async fetch(path: string, body?: Blob): Promise<unknown> {
    const response = await this.#admitted(path, body);
    if (!response) throw new BackendError(gone());
    if (response.status === 401 || response.status === 403) throw new BackendError(expired());
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    const told = (answer as { error?: string } | null)?.error;
    throw new BackendError(told ?? say("The server answered with {status}", { status: `${response.status} ${response.statusText}`.trim() }));
  }

  /** A token of another day is refused where the cookie is good: from then on the page goes by the cookie. */
  async #admitted(path: string, body?: Blob): Promise<Response | null> {
    const response = await this.#request(path, body, this.#token);
    if (response?.status !== 401 || !this.#token) return response;
    const again = await this.#request(path, body, null);
    if (again && again.status !== 401) this.#token = null;
    return again;
  }

  async #request(path: string, body: Blob | undefined, token: string | null): Promise<Response | null> {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    if (body) headers["Content-Type"] = body.type || "application/octet-stream";
    const request: RequestInit = body ? { method: "POST", body, headers } : { headers };
    return fetch(new URL(path, this.#root), request).catch(() => null);
  }

  #socket(): WebSocket {
    const address = new URL("api/ws", this.#root);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return this.#token ? new WebSocket(address, ["aevum", `bearer.${this.#token}`]) : new WebSocket(address);
  }

  async #explain(): Promise<string> {
    return this.fetch("api/runs").then(
      () => say("The connection to the server broke."),
      (error: Error) => error.message,
    );
  }
}

type Args = Readonly<Record<string, unknown>>;

class SocketBackend implements Backend {
  #run: string;
  #connection: Connection;
  #bulk: Connection;
  #walks: Connection;
  #lessons: Connection;
  #server: Server;

  constructor(run: string, connection: Connection, bulk: Connection, walks: Connection, lessons: Connection, server: Server) {
    this.#run = run;
    this.#connection = connection;
    this.#bulk = bulk;
    this.#walks = walks;
    this.#lessons = lessons;
    this.#server = server;
  }

  #ask(op: string, args: Args = {}, arrays: Arrays = {}): Promise<Message> {
    return this.#connection.ask({ run: this.#run, op, args, arrays });
  }

  /** About all rows at once, or many codes. */
  #askBulk(op: string, args: Args = {}, arrays: Arrays = {}): Promise<Message> {
    return this.#bulk.ask({ run: this.#run, op, args, arrays });
  }

  async about(): Promise<About> {
    return (await this.#askBulk("about")).header.args as About;
  }

  async codes(start: number, stop: number): Promise<Codes> {
    return asFloat32(array(await this.#askBulk("codes", { start, stop }), "codes"));
  }

  async labels(): Promise<Int32Array> {
    return array(await this.#askBulk("labels"), "labels").data as Int32Array;
  }

  async labelValues(): Promise<Float32Array> {
    return float32(array(await this.#askBulk("label_values"), "values").data);
  }

  async scores(): Promise<Float32Array> {
    return float32(array(await this.#askBulk("scores"), "scores").data);
  }

  async rows(indices: readonly number[]): Promise<Tensor> {
    return array(await this.#ask("rows", { indices }), "x");
  }

  async decode(z: Codes, y: Context): Promise<Tensor> {
    return array(await this.#ask("decode", {}, given({ z, y })), "x");
  }

  async interval(z: Codes, y: Context): Promise<{ low: Tensor; high: Tensor }> {
    const answer = await this.#ask("interval", {}, given({ z, y }));
    return { low: array(answer, "low"), high: array(answer, "high") };
  }

  async encode(x: Tensor, y: Context): Promise<{ mean: Codes; deviation: Codes }> {
    const answer = await this.#ask("encode", {}, given({ x, y }));
    return { mean: asFloat32(array(answer, "mean")), deviation: asFloat32(array(answer, "deviation")) };
  }

  async score(x: Tensor, y: Context): Promise<Float32Array> {
    return float32(array(await this.#ask("score", {}, given({ x, y })), "score").data);
  }

  async inside(x: Tensor, epsilon: Codes | null, y: Context): Promise<InsideAnswer> {
    // A drag should not wait for many draws.
    const many = (epsilon?.shape[0] ?? 1) > 1;
    const arrays = given({ x, epsilon, y });
    const answer = await (many ? this.#askBulk("inside", {}, arrays) : this.#ask("inside", {}, arrays));
    const { kind, exact } = answer.header.args as Pick<InsideAnswer, "kind" | "exact">;
    const floats = (name: string): Float32Array => float32(array(answer, name).data);
    const numbers = (name: string): number[] => Array.from(array(answer, name).data);
    return {
      kind,
      exact,
      unit: "nats",
      mean: floats("mean"),
      deviation: floats("deviation"),
      epsilon: asFloat32(array(answer, "epsilon")),
      z: asFloat32(array(answer, "z")),
      x: array(answer, "x"),
      distortion: numbers("distortion"),
      rate: numbers("rate"),
      rates: answer.arrays.rates ? float32(answer.arrays.rates.data) : null,
    };
  }

  async law(y: Context): Promise<Law> {
    const answer = await this.#askBulk("law", {}, given({ y }));
    const moments = { mean: Array.from(array(answer, "mean").data), deviation: Array.from(array(answer, "deviation").data) };
    return { moments, draws: answer.arrays.draws ? asFloat32(answer.arrays.draws) : null };
  }

  async path(question: PathQuestion, y: Context): Promise<PathAnswer> {
    const connection = question.path === "geodesic" ? this.#walks : this.#connection;
    const answer = await connection.ask({ run: this.#run, op: "path", args: { ...question }, arrays: given({ y }) });
    const { length, straight } = answer.header.args as { length: number; straight: number };
    return { z: asFloat32(array(answer, "z")), x: array(answer, "x"), length, straight };
  }

  async neighbours(z: Codes, k: number): ReturnType<Backend["neighbours"]> {
    const answer = await this.#ask("neighbours", { k }, { z });
    return {
      indices: array(answer, "indices") as Tensor<Int32Array>,
      distances: asFloat32(array(answer, "distances")),
    };
  }

  async manifold(question: ManifoldQuestion, y: Context): Promise<{ z: Codes; x: Tensor }> {
    const answer = await this.#ask("manifold", { ...question }, given({ y }));
    return { z: asFloat32(array(answer, "z")), x: array(answer, "x") };
  }

  async settle(x: Tensor, steps: number, y: Context): Promise<{ x: Tensor; z: Codes }> {
    const answer = await this.#ask("settle", { steps }, given({ x, y }));
    return { x: array(answer, "x"), z: asFloat32(array(answer, "z")) };
  }

  async attribute(question: AttributeQuestion): Promise<AttributeAnswer> {
    const answer = await this.#ask("attribute", { ...question });
    const { n_with, n_without } = answer.header.args as { n_with: number; n_without: number };
    return { vector: float32(array(answer, "vector").data), n_with, n_without };
  }

  async lesson(question: LessonQuestion): Promise<LessonAnswer> {
    return lessonOf(await this.#lessons.ask({ run: this.#run, op: "lesson", args: lessonArgs(question), arrays: {} }));
  }

  async lessonDecode(lesson: string, z: Codes, y: Context): Promise<Tensor> {
    return array(await this.#ask("lesson_decode", { lesson }, given({ z, y })), "x");
  }

  async column(name: string): Promise<ColumnValues> {
    const { arrays, header } = await this.#askBulk("column", { column: name });
    const { words } = header.args as { words: readonly string[] | null };
    return {
      index: (arrays.index?.data as Int32Array | undefined) ?? null,
      values: arrays.values ? float32(arrays.values.data) : null,
      words,
    };
  }

  async trait(question: TraitQuestion): Promise<TraitAnswer> {
    return (await this.#askBulk("trait", { ...question })).header.args as TraitAnswer;
  }

  async find(text: string, k: number): Promise<readonly Hit[]> {
    return ((await this.#ask("find", { text, k })).header.args as { found: readonly Hit[] }).found;
  }

  async upload(file: Blob): Promise<Upload> {
    const path = `api/runs/${encodeURIComponent(this.#run)}/upload`;
    const { x, width, height } = (await this.#server.fetch(path, file)) as { x: unknown; width: number; height: number };
    return { x: fromNested(x), width, height };
  }
}

function array(message: Message, name: string): Tensor {
  const found = message.arrays[name];
  if (!found) throw new BackendError(say("the server's answer lacks {name}; are page and server of one version?", { name }));
  return found;
}

function asFloat32({ data, shape }: Tensor): Tensor<Float32Array> {
  return { data: float32(data), shape };
}

/** The arrays that are there: a context is sent for conditional models only. */
function given(arrays: Readonly<Record<string, Tensor<Values> | null>>): Arrays {
  return Object.fromEntries(Object.entries(arrays).filter((entry): entry is [string, Tensor] => entry[1] !== null));
}

/** Nested lists of JSON as one example of their shape. */
function fromNested(nested: unknown): Tensor<Float32Array> {
  const shape: number[] = [];
  for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = Float32Array.from((nested as unknown[]).flat(Math.max(shape.length - 1, 1)) as number[]);
  if (data.length !== product(shape)) throw new BackendError(say("the server sent a picture that this page can't read"));
  return { data, shape };
}
