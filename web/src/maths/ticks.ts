/** Round values for axes and scales, and how they are written. */
import { fixed, short } from "./format";

/** Round values for an axis: steps of 1, 2 or 5 times a power of ten. (D3’s may be 7 where 4 have room.) */
export function ticks(low: number, high: number, about: number): number[] {
  if (!(high > low) || about < 1) return [];
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiples of the step rather than sums of it: no error adds up, and zero is zero.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step || 0);
}

/** How many decimals tell neighbouring ticks apart. */
export function decimals(values: readonly number[]): number {
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : 1;
  return Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** Very large and very small numbers as powers of ten; years without a comma in their thousands. */
export function tickText(value: number, all: readonly number[]): string {
  const most = Math.max(...all.map(Math.abs));
  return most >= 1e6 || most < 1e-3 ? short(value) : fixed(value, decimals(all));
}
