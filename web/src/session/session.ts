/** One run that is being explored: its state, its data, and what is known about the point where the reader is. */
import { float32, rowOf, stacked } from "../backend/arrays";
import { type About, type Backend, type Codes, type Context, type Law, type Moments } from "../backend/backend";
import { following } from "../backend/following";
import { calm } from "../parts/calm";
import { Cell } from "../state/cell";
import { clipped } from "../maths/bounds";
import type { Frame } from "../maths/view";
import { roundedCode, type Box } from "../state/state";
import { Store } from "../state/store";
import { fromHash } from "../state/url";
import { DirectionFinder } from "./attributes";
import { Classes } from "./classes";
import { Cloud } from "./cloud";
import { Columns } from "./columns";
import { Decoding } from "./decoding";
import { Drawing } from "./drawing";
import { Evolution } from "./evolution";
import { Generating } from "./generating";
import { Insides } from "./inside";
import { Inspection } from "./inspection";
import { Lassoing } from "./lassoing";
import { LawWatch, drawn } from "./law";
import { looksOf, type Looks } from "./looks";
import { Morphing } from "./morphing";
import { Readings } from "./readings";
import { Rows } from "./rows";
import { telling } from "./telling";
import { Tours } from "./tours";
import { Training } from "./training";
import { VicinityWatch } from "./vicinity";

const SAMPLE = 256;

/** A posterior that a panel wants to be seen on the map. */
export interface Posterior extends Moments {
  /** Of its draws; where it is no Gaussian, they alone say what it is. */
  readonly draws?: Codes | null;
  readonly gaussian?: boolean;
}

export interface Sown {
  readonly codes: Codes | null;
  readonly box: Box | null;
}

/** What draws the map into a picture of its own: the page's map, while there is one. */
export type Snapshot = (shot: Shot) => HTMLCanvasElement;

export interface Shot {
  /** Device pixels of a CSS pixel. */
  readonly ratio: number;
  /** In CSS pixels, where it is not as large as on the page. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Of another epoch than the one that is shown. */
  readonly codes?: Codes;
  readonly law?: Law;
  readonly caption?: string;
}

export class Session {
  /** What is known of the run; it changes with the epoch, and while the model learns. */
  readonly described: Cell<About>;
  readonly backend: Backend;
  readonly store: Store;
  readonly cloud: Cloud;
  readonly decoding: Decoding;
  readonly vicinity: VicinityWatch;
  readonly inspection: Inspection;
  readonly morphing: Morphing;
  readonly classes: Classes;
  readonly drawing: Drawing;
  readonly columns: Columns;
  readonly directions: DirectionFinder;
  readonly readings: Readings;
  readonly insides: Insides;
  readonly generating: Generating;
  readonly lassoing: Lassoing;
  readonly laws: LawWatch;
  readonly rows: Rows;
  readonly looks: Cell<Looks>;
  readonly evolution: Evolution;
  readonly tours: Tours;
  readonly training: Training;
  readonly snapshot = new Cell<Snapshot | null>(null);
  /** The part of the plane that the map shows, while there is one. */
  readonly frame = new Cell<Frame | null>(null);
  readonly posterior = new Cell<Posterior | null>(null);
  /** The code that a panel has drawn from it. */
  /** What is done with a box that is dragged on the map, while boxes are. */
  readonly boxing = new Cell<((box: Box, gesture: string) => void) | null>(null);
  /** Whether a unit is as long upwards as to the right, whatever the latents' deviations, so that maps can be compared. */
  readonly oneScale = new Cell(false);
  /** Codes that are decoded as a grid, and the box that they may be from. */
  readonly sown = new Cell<Sown | null>(null);
  readonly drawnCode = new Cell<readonly number[] | null>(null);
  /** A sentence for the reader about what was done last. */
  readonly said = new Cell("");
  /** A sentence for the reader about what went wrong last. */
  readonly notice = new Cell<string | null>(null);
  /** Of a picture in a file that could not be read. */
  readonly tellOfFile = telling(this.notice);

  /** `open` gives the backend of one of the run's epochs; `runs` are those that may stand beside it. */
  constructor(
    about: About,
    run: Backend,
    hash: string,
    open: (id: string) => Backend = () => run,
    runs: readonly About[] = [],
  ) {
    const notice = (sentence: string): void => this.notice.set(sentence);
    const backend = following(() => this.training.backend ?? this.evolution.backend);
    this.described = new Cell(about);
    this.backend = backend;
    this.store = new Store(about, fromHash(hash, about, runs), runs);
    this.cloud = new Cloud(about, () => this.evolution.backend, notice);
    this.evolution = this.#evolution(open);
    this.training = new Training(this);
    this.decoding = new Decoding(about, backend, telling(this.notice));
    this.vicinity = new VicinityWatch(about, backend, this.cloud);
    this.inspection = new Inspection(about, backend, this.cloud, (row) => this.contextOfRow(row));
    this.morphing = new Morphing(backend, this.cloud);
    this.classes = new Classes(about, backend);
    this.drawing = new Drawing(about, backend, this.store.state, telling(this.notice));
    this.columns = new Columns(() => this.about, backend, this.cloud, notice);
    this.directions = new DirectionFinder(this.described, this.cloud, this.columns);
    this.readings = new Readings(backend, this.directions);
    this.lassoing = new Lassoing(this.store);
    this.laws = new LawWatch(this.described, backend);
    this.rows = new Rows(backend);
    this.looks = new Cell(looksOf(about, null));
    this.insides = this.#insides(about);
    this.generating = this.#generating(about);
    this.tours = new Tours(about, this.store, runs, notice);
  }

  start(): void {
    const { state } = this.store;
    this.decoding.follow(state);
    this.vicinity.follow(state);
    this.inspection.follow(state);
    this.morphing.follow(state);
    this.classes.follow(state);
    this.drawing.follow(state);
    this.directions.follow(state);
    this.readings.follow(this.evolution.model);
    this.laws.follow(state);
    this.insides.follow();
    state.subscribe(() => this.#findRow());
    this.cloud.codes.subscribe(() => this.#findRow());
    this.evolution.start();
    this.training.follow();
    this.described.subscribe((about) => this.store.describe(about));
    void this.cloud.load();
    if (this.about.kind !== "image" && !this.about.feature_mean && this.about.rows > 0) void this.#sample();
  }

  end(): void {
    this.training.end();
    this.evolution.end();
  }

  get about(): About {
    return this.described.value;
  }

  /** The state's context, as the backend takes it. */
  get context(): Context {
    const { y } = this.store.state.value;
    return y && stacked([y]);
  }

  /** A row's own class, where the model is conditioned on what the rows are labelled with; else the state's. */
  contextOfRow(row: number): readonly number[] | null {
    const { y } = this.store.state.value;
    const place = this.about.classes?.indexOf(this.cloud.label(row) ?? "") ?? -1;
    return y && place >= 0 ? y.map((_, i) => (i === place ? 1 : 0)) : y;
  }

  move(z: readonly number[], gesture: string | null = null): void {
    this.store.dispatch({ type: "moved", z: roundedCode(z.map(clipped), this.about) }, gesture);
  }

  /** To the code of a row of the data. */
  jump(row: number): void {
    const z = this.cloud.code(row);
    if (z) this.store.dispatch({ type: "jumped", z: roundedCode(z, this.about), row });
  }

  drawFromPrior(): void {
    const law = this.laws.law.value;
    if (law) this.move(drawn(law, Math.random));
  }

  /** The code of a picture in a file. */
  async encodeFile(file: Blob): Promise<number[]> {
    const { x } = await this.backend.upload(file);
    const batch = { data: x.data, shape: [1, ...this.about.event] };
    const { mean } = await this.backend.encode(batch, this.context);
    return roundedCode(Array.from(float32(rowOf(mean, 0))), this.about);
  }

  /** A row that is chosen is at its code: when that comes, when it moves, and when an undo brings the row back. */
  #findRow(): void {
    const { row } = this.store.state.value;
    const code = row === null ? null : this.cloud.code(row);
    if (!code) return;
    const before = this.store.state.value;
    this.store.dispatch({ type: "found", z: roundedCode(code, this.about) });
    if (this.store.state.value !== before) this.vicinity.restart();
  }

  #insides(about: About): Insides {
    const { backend, decoding, drawing, inspection, rows, store } = this;
    const contextOfRow = (row: number): readonly number[] | null => this.contextOfRow(row);
    const known = { about, backend, decoding, drawing, inspection, rows, contextOfRow };
    return new Insides({ ...known, state: store.state, tell: telling(this.notice) });
  }

  #generating(about: About): Generating {
    const { backend, cloud, laws, store } = this;
    const contextOfRow = (row: number): readonly number[] | null => this.contextOfRow(row);
    return new Generating({ about, backend, cloud, laws, contextOfRow, state: store.state, tell: telling(this.notice) });
  }

  #evolution(open: (id: string) => Backend): Evolution {
    const { store, cloud, described } = this;
    const clock = { still: calm, frame: requestFrame, cancel: cancelFrame };
    const forget = (): void => {
      this.inspection.forget();
      this.drawing.renew();
      this.insides.renew();
      this.generating.renew();
      cloud.rescore(store.state.value.colour === "score" || this.drawing.picture.value !== null);
    };
    return new Evolution({ store, cloud, described, forget }, open, clock);
  }

  async #sample(): Promise<void> {
    const count = Math.min(SAMPLE, this.about.rows);
    const step = this.about.rows / count;
    const indices = Array.from({ length: count }, (_, i) => Math.floor(i * step));
    const sample = await this.backend.rows(indices).catch(() => null);
    if (sample) this.looks.set(looksOf(this.about, sample));
  }
}

const requestFrame = (draw: (time: number) => void): number => requestAnimationFrame(draw);
const cancelFrame = (frame: number): void => globalThis.cancelAnimationFrame?.(frame);
