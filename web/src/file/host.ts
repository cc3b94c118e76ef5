/** The runs that lie in the file. */
import type { About, Backend, Catalogue, Host, Status } from "../backend/backend";
import { Cell } from "../state/cell";
import { FileBackend } from "./backend";
import { contentsOf, type Contents } from "./contents";
import { bytesOf, catalogueOf } from "./embedded";
import { Engine } from "./engine";
import { Model } from "./model";

interface Opened {
  readonly backend: Backend;
  readonly prepared: Promise<unknown>;
}

export class FileHost implements Host {
  /** What lies in the file is always there. */
  readonly status = new Cell<Status>({ kind: "open" });
  readonly #page: Document;
  readonly #catalogue: Catalogue;
  /** Tests ask it for networks of their own. */
  readonly engine: Engine;
  readonly #runs = new Map<string, Opened>();

  constructor(page: Document) {
    this.#page = page;
    this.#catalogue = catalogueOf(page);
    this.engine = new Engine(globalThis.window?.aevumRuntime ?? null, () => bytesOf(page, "runtime"));
    // Before the page is drawn: both take time, and unpacking happens beside it. Why it fails is told where it is used.
    this.engine.start().catch(() => undefined);
  }

  async catalogue(): Promise<Catalogue> {
    return this.#catalogue;
  }

  backend(run: string): Backend {
    return this.#open(run).backend;
  }

  /** When what a run's first picture takes is unpacked, or can't be: why is told where it is used. */
  async ready(run: string): Promise<void> {
    await this.#open(run).prepared.catch(() => undefined);
  }

  retry(): void {}

  #open(run: string): Opened {
    const known = this.#runs.get(run);
    if (known) return known;
    const place = this.#catalogue.runs.findIndex((about) => about.id === run);
    const opened = this.#opened(this.#catalogue.runs[place]!, `run-${place}`);
    this.#runs.set(run, opened);
    return opened;
  }

  #opened(about: About, block: string): Opened {
    const decoder = this.engine.network(() => bytesOf(this.#page, `${block}-decoder`));
    const encoder = this.engine.network(() => bytesOf(this.#page, `${block}-encoder`));
    const contents = once(async (): Promise<Contents> => contentsOf(about, await bytesOf(this.#page, `${block}-rows`)));
    const model = once(async () => new Model(await contents(), encoder, decoder));
    // The picture under the pointer is what the reader waits for.
    const prepared = Promise.all([decoder.prepare(), contents()]);
    prepared.catch(() => undefined);
    return { backend: new FileBackend(about, contents, model), prepared };
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
