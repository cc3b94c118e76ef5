/** How codes are distributed under the epoch and y that are shown: asked for where the run's own moments don't say it. */
import { stacked } from "../backend/arrays";
import { momentsOf, type About, type Backend, type Context, type Law } from "../backend/backend";
import { latest } from "../backend/latest";
import { ascending, quantile } from "../maths/percentile";
import { draw, type Uniform } from "../maths/random";
import { Cell } from "../state/cell";
import type { State } from "../state/state";

/** What lies within three deviations of a Gaussian lies between these shares. */
const BEYOND_THREE = 0.00135;
const REACH = 3;

export async function lawOf(backend: Backend, about: About, y: Context): Promise<Law> {
  return said(about) ?? backend.law(y);
}

/** Where the description says it all. */
function said(about: About): Law | null {
  const { gaussian, varies } = about.law;
  return gaussian && !varies ? { moments: momentsOf(about), draws: null } : null;
}

export class LawWatch {
  /** Null while it is not known yet. */
  readonly law: Cell<Law | null>;
  readonly #described: Cell<About>;
  readonly #ask: (y: readonly number[] | null) => void;

  constructor(described: Cell<About>, backend: Backend) {
    this.#described = described;
    this.law = new Cell(said(described.value));
    this.#ask = latest(
      (y: readonly number[] | null) => lawOf(backend, described.value, y && stacked([y])),
      (law) => this.law.set(law),
      // Why the model does not answer is told where the probe is decoded.
      () => this.law.set(null),
    );
  }

  follow(state: Cell<State>): void {
    let last = state.value.y;
    const look = (): void => {
      const known = said(this.#described.value);
      if (known) this.law.set(known);
      else this.#ask(state.value.y);
    };
    look();
    this.#described.subscribe(look);
    state.subscribe(({ y }) => {
      if (y === last) return;
      last = y;
      if (this.#described.value.law.varies) look();
    });
  }
}

/** A code of the law. */
export function drawn({ moments, draws }: Law, uniform: Uniform): number[] {
  if (!draws) return draw(uniform, moments.mean, moments.deviation);
  const [n = 0, width = 0] = draws.shape;
  const row = Math.floor(uniform() * n);
  return Array.from(draws.data.subarray(row * width, (row + 1) * width));
}

const found = new WeakMap<Law, Map<number, readonly [number, number]>>();

/** Between which values nearly all codes have this latent: three deviations around a Gaussian's mean. */
export function rangeOf(law: Law, d: number): readonly [number, number] {
  const [mean, deviation] = [law.moments.mean[d]!, law.moments.deviation[d]! || 1];
  if (!law.draws) return [mean - REACH * deviation, mean + REACH * deviation];
  const known = found.get(law) ?? new Map<number, readonly [number, number]>();
  found.set(law, known);
  if (!known.has(d)) known.set(d, spreadOf(law.draws, d, mean));
  return known.get(d)!;
}

function spreadOf({ data, shape }: NonNullable<Law["draws"]>, d: number, mean: number): readonly [number, number] {
  const [n = 0, width = 1] = shape;
  const sorted = ascending(Float32Array.from({ length: n }, (_, i) => data[i * width + d]!));
  const [low, high] = [quantile(sorted, BEYOND_THREE), quantile(sorted, 1 - BEYOND_THREE)];
  return low < high ? [low, high] : [mean - REACH, mean + REACH];
}
