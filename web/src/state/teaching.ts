/** How a copy of the model learns on, as the state and a link hold it. */

export interface Teaching {
  /** Weight of the rate; null for the run's own. */
  readonly beta: number | null;
  /** Whether the posterior has its noise. */
  readonly noise: boolean;
}

export const AS_FITTED: Teaching = { beta: null, noise: true };
/** As large as a weight of the rate may be. */
export const MOST_BETA = 1000;
/** Of the slider: the least above 0, and the most. */
const [LEAST, MOST] = [1e-3, 100];
const DIGITS = 2;

type Entry = readonly [key: string, text: string];

export function teachingEntries({ beta, noise }: Teaching): readonly (Entry | null)[] {
  return [beta === null ? null : ["beta", String(beta)], noise ? null : ["sigma", "off"]];
}

export function teachingOf(text: (key: string) => string): Teaching {
  const [beta, weight] = [text("beta"), Number(text("beta"))];
  return { beta: beta && weight >= 0 && weight <= MOST_BETA ? weight : null, noise: text("sigma") !== "off" };
}

/** The weight at a place of the slider from 0 to 1: none at its left end, and then equal factors for equal ways. */
export function betaAt(place: number): number {
  if (place <= 0) return 0;
  return Number((LEAST * (MOST / LEAST) ** Math.min(1, place)).toPrecision(DIGITS));
}

export function placeOf(beta: number): number {
  if (beta <= 0) return 0;
  return Math.min(1, Math.max(0.001, Math.log(beta / LEAST) / Math.log(MOST / LEAST)));
}
