/**
 * Codes that no row has, decoded: draws of N(0, I), on their way to the law of the model's own codes, or from a box on the
 * map; with the rows that are nearest to what they decode to, and how the model scores it.
 */
import { float32, rowsOf, stacked, type Tensor, type Values } from "../backend/arrays";
import { decodedAtOnce, sentenceOf, type About, type Backend, type Codes, type Context, type Law } from "../backend/backend";
import { latest } from "../backend/latest";
import { assignment } from "../maths/assignment";
import { moved } from "../maths/plane";
import { normal, seeded } from "../maths/random";
import { Cell } from "../state/cell";
import type { Box, Generate, State } from "../state/state";
import type { Cloud } from "./cloud";
import type { LawWatch } from "./law";
import type { Tell } from "./telling";
import { say } from "../words/words";

/** So many codes; of so many rows with near codes the one is looked for that is nearest in the data. */
const [COUNT, NEAR] = [24, 8];
/** As many as a run tells of. */
const MOST_NEAR = 64;
const MOST_ROWS = 256;
const REST = 120;

export interface Nearest {
  readonly row: number;
  readonly x: Values;
  /** Root mean square over the values, on the scale of the data. */
  readonly distance: number;
}

export interface Generated {
  readonly codes: Codes;
  readonly pictures: readonly Values[];
}

/** What is found out once the pictures rest. */
export interface Judged {
  readonly of: Generated;
  /** Null without rows. */
  readonly nearest: readonly Nearest[] | null;
  /** Null where the model can't score what it decodes. */
  readonly scores: Float32Array | null;
}

/** The same of rows of the data: what the numbers of pictures stand beside. */
export interface Usual {
  readonly distance: number;
  readonly score: number | null;
}

interface Parts {
  readonly about: About;
  readonly backend: Backend;
  readonly state: Cell<State>;
  readonly cloud: Cloud;
  readonly laws: LawWatch;
  readonly contextOfRow: (row: number) => readonly number[] | null;
  readonly tell: Tell;
}

export class Generating {
  readonly found = new Cell<Generated | null>(null);
  readonly judged = new Cell<Judged | null>(null);
  readonly usual = new Cell<Usual | null>(null);
  readonly #parts: Parts;
  readonly #decode: (codes: Codes) => void;
  readonly #judge: (generated: Generated) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settings: Generate | null = null;
  #paired: { readonly seed: number; readonly law: Law; readonly to: Codes } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { tell, backend } = parts;
    this.#decode = latest(
      async (codes: Codes) => ({ codes, pictures: rowsOf(await backend.decode(codes, this.#context)) }),
      (generated) => {
        tell(null);
        this.found.set(generated);
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#judge(generated), REST);
      },
      (error) => tell(say("The codes could not be decoded: {why}", { why: sentenceOf(error) })),
    );
    this.#judge = latest(
      (generated: Generated) => this.#judged(generated),
      (judged) => judged.of === this.found.value && this.judged.set(judged),
      (error) => tell(say("The nearest rows could not be found: {why}", { why: sentenceOf(error) })),
    );
  }

  /** How many codes are drawn. */
  get count(): number {
    return decodedAtOnce(COUNT, this.#parts.about);
  }

  /** By the settings of this state, which may be another run's, until the function that is returned is called. */
  follow(lead: Cell<State>): () => void {
    const { state, laws } = this.#parts;
    let last: unknown[] = [];
    const look = (): void => {
      this.#settings = lead.value.generate;
      const { y, plane, z } = state.value;
      const settings = this.#settings;
      const now = [settings, y, laws.law.value, settings.box && plane, settings.box && z];
      if (now.every((value, i) => value === last[i]) && last.length) return;
      last = now;
      const codes = this.#codes(settings);
      if (codes) this.#decode(codes);
      else this.#clear();
    };
    look();
    const stops = [lead.subscribe(look), state.subscribe(look), laws.law.subscribe(look)];
    void this.#findUsual();
    return () => {
      for (const stop of stops) stop();
      this.#clear();
    };
  }

  /** The model is another one. */
  renew(): void {
    const codes = this.#settings && this.found.value && this.#codes(this.#settings);
    this.usual.set(null);
    if (!codes) return;
    this.#decode(codes);
    void this.#findUsual();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.found.set(null);
    this.judged.set(null);
  }

  get #context(): Context {
    const { y } = this.#parts.state.value;
    return y && stacked([y]);
  }

  #codes({ seed, blend, box }: Generate): Codes | null {
    if (box) return this.#inBox(box, seed);
    if (!seed) return null;
    const from = noise(seed, this.count, this.#parts.about.latent_dim);
    const to = blend > 0 ? this.#lawCodes(seed, from) : null;
    if (!to) return from;
    return { data: from.data.map((value, i) => value + blend * (to.data[i]! - value)), shape: from.shape };
  }

  /** As many codes of the model's own law, each the one that a draw of N(0, I) goes to. */
  #lawCodes(seed: number, from: Codes): Codes | null {
    const law = this.#parts.laws.law.value;
    if (!law) return null;
    if (this.#paired?.seed !== seed || this.#paired.law !== law) this.#paired = { seed, law, to: goals(law, from, seed) };
    return this.#paired.to;
  }

  #inBox({ left, right, bottom, top }: Box, seed: number): Codes {
    const { about, state } = this.#parts;
    const { plane, z } = state.value;
    const uniform = seeded(seed);
    const between = (low: number, high: number): number => low + uniform() * (high - low);
    return stacked(
      Array.from({ length: this.count }, () => moved(plane, about, z, { u: between(left, right), v: between(bottom, top) })),
    );
  }

  async #judged(of: Generated): Promise<Judged> {
    const { backend, about } = this.#parts;
    const x: Tensor = batch(of.pictures, about);
    const found = await backend.score(x, this.#context).catch(() => null);
    // Means of columns that can't lie between their values have none.
    const scores = found?.some(Number.isFinite) ? found : null;
    if (!about.rows) return { of, nearest: null, scores };
    const { mean } = await backend.encode(x, this.#context);
    return { of, nearest: await this.#nearest(mean, of.pictures, null), scores };
  }

  /** Of rows at random: how far the nearest other row is, and the median of their scores. */
  async #findUsual(): Promise<void> {
    const { about, backend, cloud, contextOfRow } = this.#parts;
    if (about.rows < 2 || this.usual.value) return;
    await cloud.load();
    const uniform = seeded(about.rows);
    const rows = Array.from({ length: Math.min(this.count, about.rows) }, () => Math.floor(uniform() * about.rows));
    try {
      const x = await backend.rows(rows);
      const codes = stacked(rows.map((row) => cloud.code(row) ?? []));
      const contexts = rows.map(contextOfRow).filter((y) => y !== null);
      const scores = await backend.score(x, contexts.length ? stacked(contexts) : null).catch(() => null);
      const near = await this.#nearest(codes, rowsOf(x), rows);
      const score = scores && median(Array.from(scores).filter(Number.isFinite));
      this.usual.set({ distance: median(near.map(({ distance }) => distance)), score });
    } catch {
      // Without it the pictures are shown as they are.
    }
  }

  /** Of the rows whose codes are nearest to each code, the one that is nearest in the data; never the row itself. */
  async #nearest(codes: Codes, pictures: readonly Values[], selves: readonly number[] | null): Promise<Nearest[]> {
    const { backend, about } = this.#parts;
    // Where codes say nothing of the class, about as many of each.
    const k = Math.min(NEAR * (about.classes?.length ?? 1) + 1, MOST_NEAR, about.rows);
    const { indices } = await backend.neighbours(codes, k);
    const known = await this.#rows([...new Set(indices.data)]);
    return pictures.map((picture, i) => {
      const rows = [...indices.data.subarray(i * k, (i + 1) * k)].filter((row) => row !== selves?.[i]);
      const each = rows.map((row) => ({ row, x: known.get(row)!, distance: apart(picture, known.get(row)!) }));
      return each.reduce((a, b) => (b.distance < a.distance ? b : a));
    });
  }

  async #rows(rows: readonly number[]): Promise<Map<number, Values>> {
    const { backend, about } = this.#parts;
    const step = decodedAtOnce(MOST_ROWS, about);
    const found = new Map<number, Values>();
    for (let start = 0; start < rows.length; start += step) {
      const part = rows.slice(start, start + step);
      rowsOf(await backend.rows(part)).forEach((x, i) => found.set(part[i]!, x));
    }
    return found;
  }
}

/** n draws of N(0, I); models of fewer latents have the first of the same numbers. */
export function noise(seed: number, n: number, width: number): Codes {
  return stacked(
    Array.from({ length: n }, (_, i) => {
      const uniform = seeded(seed * 7919 + i);
      return Array.from({ length: width }, () => normal(uniform));
    }),
  );
}

/** Of a Gaussian the same number of deviations from its mean; of another law some of its draws, paired so that none goes far. */
export function goals({ moments, draws }: Law, from: Codes, seed: number): Codes {
  const [n = 0, width = 1] = from.shape;
  if (!draws) {
    const { mean, deviation } = moments;
    return { data: from.data.map((value, i) => mean[i % width]! + deviation[i % width]! * value), shape: from.shape };
  }
  const uniform = seeded(seed);
  const all = rowsOf(draws);
  const chosen = stacked(Array.from({ length: n }, () => Array.from(all[Math.floor(uniform() * all.length)]!)));
  const order = assignment(from, chosen);
  const codes = rowsOf(chosen);
  return stacked(order.map((j) => Array.from(codes[j]!)));
}

function batch(pictures: readonly Values[], { event }: About): Tensor {
  const size = pictures[0]?.length ?? 0;
  const data = new Float32Array(size * pictures.length);
  pictures.forEach((values, i) => data.set(float32(values), i * size));
  return { data, shape: [pictures.length, ...event] };
}

/** NaN in a row, where it has no value, counts for nothing. */
export function apart(a: Values, b: Values): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (Number.isNaN(difference)) continue;
    sum += difference * difference;
    count++;
  }
  return Math.sqrt(sum / (count || 1));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
