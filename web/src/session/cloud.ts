/** The data's rows as the model encodes them: fetched in blocks, so that the first points show early. */
import { CODES_A_CALL, sentenceOf, type About, type Backend, type Codes } from "../backend/backend";
import { short } from "../maths/format";
import { ascending } from "../maths/percentile";
import { Cell } from "../state/cell";
import { say } from "../words/words";

export interface Scores {
  readonly values: Float32Array;
  /** The finite ones. */
  readonly sorted: Float32Array;
}

export class Cloud {
  /** Those that have come so far; null before the first. */
  readonly codes = new Cell<Codes | null>(null);
  readonly complete = new Cell(false);
  /** How many rows' codes have come: more often told than points are drawn anew. */
  readonly come = new Cell(0);
  readonly labels = new Cell<Int32Array | null>(null);
  /** Labels that are a quantity. */
  readonly values = new Cell<Scores | null>(null);
  readonly scores = new Cell<Scores | null>(null);
  readonly #about: About;
  readonly #backend: () => Backend;
  readonly #notice: (sentence: string) => void;
  #scored = false;
  #asked = 0;
  #loading: Promise<void> | null = null;

  /** `backend` gives the one of the epoch that is shown: codes of one load are asked of one, whatever is chosen meanwhile. */
  constructor(about: About, backend: () => Backend, notice: (sentence: string) => void) {
    this.#about = about;
    this.#backend = backend;
    this.#notice = notice;
  }

  /** Resolves when all codes have come, or it was told why they have not. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load());
  }

  async #load(): Promise<void> {
    if (this.#about.rows === 0) return;
    try {
      const backend = this.#backend();
      await Promise.all([this.#loadLabels(backend), this.#loadCodes(backend)]);
    } catch (error) {
      this.#notice(say("The rows could not be read: {why}", { why: sentenceOf(error) }));
    }
  }

  async #loadLabels(backend: Backend): Promise<void> {
    if (this.#about.labels) this.labels.set(await backend.labels());
    if (this.#about.label_scale) this.values.set(inOrder(await backend.labelValues()));
  }

  async #loadCodes(backend: Backend): Promise<void> {
    await allCodes(backend, this.#about, (codes) => this.codes.set(codes), (come) => this.come.set(come));
    this.complete.set(true);
  }

  /** Scores take the model seconds, so they are fetched when first wanted. */
  wantScores(): void {
    if (this.#scored || this.#about.rows === 0) return;
    this.#scored = true;
    const asked = ++this.#asked;
    this.#backend().scores().then(
      (values) => asked === this.#asked && this.scores.set(inOrder(values)),
      (error) => {
        if (asked !== this.#asked) return;
        this.#scored = false;
        this.#notice(say("The rows could not be scored: {why}", { why: sentenceOf(error) }));
      },
    );
  }

  /** The model is another one: its scores are fetched anew, and the old ones stay until they are there. */
  rescore(wanted: boolean): void {
    if (!this.#scored) return;
    this.#scored = false;
    this.#asked++;
    if (wanted) this.wantScores();
    else this.scores.set(null);
  }

  /** The code of a row, or null while it has not come. */
  code(row: number): number[] | null {
    const codes = this.codes.value;
    const width = this.#about.latent_dim;
    if (!codes || row < 0 || row >= codes.shape[0]!) return null;
    const found = Array.from(codes.data.subarray(row * width, (row + 1) * width));
    // Of some rows alone, while a copy of the model learns from them.
    return found.some(Number.isNaN) ? null : found;
  }

  /** A row's label as text: a class, or a number. */
  label(row: number): string | null {
    const value = this.values.value?.values[row] ?? Number.NaN;
    if (Number.isFinite(value)) return short(value);
    const label = this.labels.value?.[row] ?? -1;
    return this.#about.labels?.[label] ?? null;
  }

  /** The same, but nothing for rows that have no label. */
  knownLabel(row: number): string | null {
    const none = this.#about.unlabelled && this.labels.value?.[row] === this.#about.labels!.length - 1;
    return none ? null : this.label(row);
  }
}

/** Values with those of them that are numbers in their order, by which scales find their ends. */
function inOrder(values: Float32Array): Scores {
  return { values, sorted: ascending(values.filter(Number.isFinite)) };
}

/** Rows of a call: few enough that a long load shows how it goes on. */
const ROWS_A_CALL = Math.min(CODES_A_CALL, 16_384);

/**
 * The codes of all rows, fetched in blocks. `each` is called with those that have come so far whenever they are twice as
 * many as before, since all that is drawn of them is made anew; `told` after every block.
 */
export async function allCodes(
  backend: Pick<Backend, "codes">,
  { rows, latent_dim: width }: About,
  each: (codes: Codes) => void = () => undefined,
  told: (come: number) => void = () => undefined,
): Promise<Codes> {
  const data = new Float32Array(rows * width);
  for (let start = 0, next = 0; start < rows; start += ROWS_A_CALL) {
    const stop = Math.min(rows, start + ROWS_A_CALL);
    data.set((await backend.codes(start, stop)).data, start * width);
    told(stop);
    if (stop < next && stop < rows) continue;
    each({ data: data.subarray(0, stop * width), shape: [stop, width] });
    next = 2 * stop;
  }
  return { data, shape: [rows, width] };
}
