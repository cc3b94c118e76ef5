/** What numbers may be: those far beyond are slips of a hand, or of an address. */

/** The largest value of a code, of a corner on the map, or of an amount of an attribute. */
export const MOST = 1e6;
/** How far off zero a view may be. */
export const FARTHEST_OFF = 1e9;
/** The largest float32: what a model can be conditioned on. */
export const LARGEST = 3.4e38;

export function sensible(value: number, most = MOST): boolean {
  return Math.abs(value) <= most;
}

export function clipped(value: number): number {
  return Math.min(MOST, Math.max(-MOST, value));
}
