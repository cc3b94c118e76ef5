/**
 * The model changes: the reader chooses another of its epochs, or it still learns. Whoever asked it something asks
 * again, and the points move to where their codes are now.
 */
import type { About, Backend, Codes } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import type { Store } from "../state/store";
import { allCodes, type Cloud } from "./cloud";
import { poll } from "./poll";
import { Motion, type Clock } from "./motion";

/** A run after one of its epochs. */
export interface Stop {
  readonly id: string;
  readonly epoch: number;
}

interface Wanted {
  readonly key: string;
  readonly stop: Stop;
}

export interface Parts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly described: Cell<About>;
  /** What was found out by the model before is to be dropped. */
  readonly forget: () => void;
}

/** The epochs of a run, the run as it is last; one where there are no others. */
export function stopsOf({ id, epoch = 0, checkpoints = [] }: About): readonly Stop[] {
  return [...checkpoints.filter((other) => other.epoch !== epoch), { id, epoch }];
}

export class Evolution {
  /** Names the model that answers: it changes whenever what codes decode to does. */
  readonly model: Cell<string>;
  /** Whether the points still show another model. */
  readonly waiting = new Cell(false);
  readonly #open: (id: string) => Backend;
  readonly #motion: Motion;
  readonly #kept = new Map<string, Promise<Codes>>();
  readonly #ask: (wanted: Wanted) => void;
  #parts: Parts;
  #run: About;
  #stops: (() => void)[] = [];

  constructor(parts: Parts, open: (id: string) => Backend, clock: Clock) {
    this.#parts = parts;
    this.#run = parts.described.value;
    this.#open = open;
    this.model = new Cell(this.#wanted.key);
    this.#motion = new Motion(clock, (codes) => parts.cloud.codes.set(codes));
    this.#ask = latest(
      async (wanted: Wanted) => ({ wanted, codes: await this.#codes(wanted), about: await this.#aboutOf(wanted.stop) }),
      ({ wanted, codes, about }) => this.#arrived(wanted, codes, about),
      // What fails here fails for the picture as well, and is told there.
      () => this.waiting.set(false),
    );
  }

  get stop(): Stop {
    const stops = stopsOf(this.#run);
    const { epoch } = this.#parts.store.state.value;
    return stops.find((stop) => stop.epoch === epoch) ?? stops.at(-1)!;
  }

  get backend(): Backend {
    return this.#open(this.stop.id);
  }

  start(): void {
    const { store, cloud } = this.#parts;
    const first = this.#wanted;
    this.#stops = [
      store.state.subscribe(() => this.#look()),
      cloud.complete.subscribe(() => {
        if (this.model.value === first.key) this.#kept.set(first.key, Promise.resolve(cloud.codes.value!));
      }),
    ];
    if (store.state.value.epoch !== null) void this.#describe(first.stop);
    if (typeof this.#run.version !== "number") return;
    this.#stops.push(poll(() => this.#open(this.#run.id).about(), (about) => this.#learned(about)));
  }

  end(): void {
    this.#motion.stop();
    for (const stop of this.#stops) stop();
  }

  /** The codes of an epoch, fetched once. A model that still learns has others the next time. */
  #codes({ key, stop }: Wanted): Promise<Codes | null> {
    if (this.#run.rows === 0) return Promise.resolve(null);
    const known = this.#kept.get(key);
    if (known) return known;
    const found = this.#parts.cloud.load().then(() => allCodes(this.#open(stop.id), this.#run));
    if (typeof this.#run.version !== "number") this.#kept.set(key, found);
    found.catch(() => this.#kept.delete(key));
    return found;
  }

  /** All epochs with their codes, for a film of them; no codes where there are no rows. */
  async everywhere(): Promise<readonly { readonly stop: Stop; readonly about: About; readonly codes: Codes | null }[]> {
    const found = [];
    for (const stop of stopsOf(this.#run)) {
      found.push({ stop, about: await this.#aboutOf(stop), codes: await this.#codes({ key: this.#key(stop), stop }) });
    }
    return found;
  }

  /** The run as it is last, whichever epoch is shown. */
  get run(): About {
    return this.#run;
  }

  backendOf({ id }: Stop): Backend {
    return this.#open(id);
  }

  get #wanted(): Wanted {
    const { stop } = this;
    return { key: this.#key(stop), stop };
  }

  #key({ id }: Stop): string {
    return `${id} ${this.#run.version ?? ""}`;
  }

  #look(): void {
    const wanted = this.#wanted;
    if (wanted.key === this.model.value) return;
    this.model.set(wanted.key);
    this.waiting.set(true);
    this.#motion.stop();
    this.#parts.forget();
    this.#ask(wanted);
  }

  #learned(about: About): boolean {
    const goesOn = typeof about.version === "number";
    if (about.version === this.#run.version) return goesOn;
    this.#run = about;
    this.#parts.described.set(about);
    this.#look();
    this.#parts.store.dispatch({ type: "renewed" });
    return goesOn;
  }

  #arrived(wanted: Wanted, codes: Codes | null, about: About): void {
    if (wanted.key !== this.model.value) return;
    const { cloud, described, forget, store } = this.#parts;
    described.set(about);
    const arrived = (): void => {
      this.waiting.set(false);
      // Where the first load has failed, these are the first codes.
      if (codes) cloud.complete.set(true);
      // What was asked on the way was asked about codes on their way.
      forget();
      store.dispatch({ type: "renewed" });
    };
    if (codes) this.#motion.start(cloud.codes.value, codes, arrived);
    else arrived();
  }

  async #describe(stop: Stop): Promise<void> {
    const about = await this.#aboutOf(stop).catch(() => this.#run);
    if (stop.id === this.stop.id) this.#parts.described.set(about);
  }

  /**
   * What the dimensions carry after this epoch, and where codes lie. Planes and scales stay those of the run: the map
   * should not jump.
   */
  async #aboutOf({ id }: Stop): Promise<About> {
    const run = this.#run;
    if (id === run.id) return run;
    const { rate, variance, active, prior } = await this.#open(id).about();
    // How much of the codes' variance the run's axes hold is known of its own codes alone.
    return { ...run, rate, variance, active, moments: prior, pca: run.pca && { ...run.pca, share: [] } };
  }
}
