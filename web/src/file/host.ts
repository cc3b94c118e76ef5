/** The runs that lie in the file. */
import type { About, Backend, Catalogue, Host, Status } from "../backend/backend";
import { Cell } from "../state/cell";
import { FileBackend } from "./backend";
import { contentsOf, type Contents } from "./contents";
import { bytesOf, catalogueOf } from "./embedded";
import { Engine } from "./engine";
import { Model } from "./model";

export class FileHost implements Host {
  /** What lies in the file is always there. */
  readonly status = new Cell<Status>({ kind: "open" });
  readonly #page: Document;
  readonly #catalogue: Catalogue;
  /** Tests ask it for networks of their own. */
  readonly engine: Engine;
  readonly #backends = new Map<string, Backend>();

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
    const known = this.#backends.get(run);
    if (known) return known;
    const place = this.#catalogue.runs.findIndex((about) => about.id === run);
    const opened = this.#opened(this.#catalogue.runs[place]!, `run-${place}`);
    this.#backends.set(run, opened);
    return opened;
  }

  retry(): void {}

  #opened(about: About, block: string): Backend {
    const decoder = this.engine.network(() => bytesOf(this.#page, `${block}-decoder`));
    const encoder = this.engine.network(() => bytesOf(this.#page, `${block}-encoder`));
    const contents = once(async (): Promise<Contents> => contentsOf(about, await bytesOf(this.#page, `${block}-rows`)));
    const model = once(async () => new Model(await contents(), encoder, decoder));
    // The picture under the pointer is what the reader waits for.
    decoder.prepare().catch(() => undefined);
    return new FileBackend(about, contents, model);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
