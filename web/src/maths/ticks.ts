/** Round values for axes and scales, and how they are written. */
import { MINUS, fixed, grouped, short } from "./format";

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

/** Digits behind a power of ten's first: with more, numbers below 10¹⁵ are written in full. */
const MOST_DIGITS = 3;

/** Text that tells neighbours apart: of very large and small numbers as powers of ten. Years have no comma. */
export function tickText(value: number, all: readonly number[]): string {
  const most = Math.max(...all.map(Math.abs));
  if (most < 1e6 && most >= 1e-3) return fixed(value, decimals(all));
  if (value === 0) return "0";
  const step = all.length > 1 ? Math.abs(all[1]! - all[0]!) || most : most;
  const digits = Math.floor(Math.log10(most)) - Math.floor(Math.log10(step));
  if (digits > MOST_DIGITS && most >= 1e6 && most < 1e15) return fixed(value, decimals(all));
  return digits > 1 ? value.toExponential(Math.min(digits, 15)).replaceAll("-", MINUS) : short(value);
}

/** An end of a range by about three digits, or as many as tell parts of the range apart; whole numbers stay whole. Years have no comma. */
export function endText(value: number, low: number, high: number): string {
  if (Number.isInteger(low) && Number.isInteger(high) && Math.abs(value) < 1e15) return Math.abs(value) < 1e4 ? fixed(value, 0) : grouped(value);
  const size = Math.abs(value);
  if (size >= 100 && size < 1e4) return fixed(value, decimals([0, (high - low) / 5 || 1]));
  return size < 1e6 ? short(value) : tickText(value, [low, low + (high - low || Math.abs(high)) / 20, high]);
}
