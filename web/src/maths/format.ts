/** Numbers as people read them: a true minus sign, and no more digits than say something. */
import { spoken } from "../words/words";

export const MINUS = "\u2212";

export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", MINUS);
}

/** About three significant digits, whatever the size. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(1).replaceAll("-", MINUS);
  if (size >= 100) return grouped(Math.round(value));
  return fixed(value, size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** Whole numbers in groups of three, as English and Chinese have them: the browser's own function takes 30 ms to load. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",").replace("-", MINUS);
}

/** A text of at most so many characters. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function percent(share: number): string {
  const value = share * 100;
  return `${fixed(value, (value > 0 && value < 10) || (value > 99 && value < 100) ? 1 : 0)} %`;
}

/** Names with their shares; a name may be a number too. */
export function mixture(names: readonly string[], shares: readonly number[]): string {
  return names.map((name, i) => spoken("{name}: {value}").replace("{name}", () => name).replace("{value}", percent(shares[i]!))).join(spoken(", "));
}

/** A class by its name, a mix by its classes' shares. */
export function given(names: readonly string[], y: readonly number[]): string {
  const held = names.flatMap((_, i) => (y[i]! > 0 ? [i] : []));
  if (held.length === 1) return names[held[0]!]!;
  return mixture(held.map((i) => names[i]!), held.map((i) => y[i]!));
}

const [LARGE, SMALL] = [1e5, 1e-2];
const MOST_DIGITS = 4;

/** A value and its error, with as many digits as leave the error two, but no more than four. */
export function withError(value: number, error: number): [string, string] {
  if (!(error > 0) || !Number.isFinite(value + error)) return [short(value), short(error)];
  const [size, order] = [Math.max(Math.abs(value), error), Math.floor(Math.log10(error))];
  const largest = Math.floor(Math.log10(size));
  if (size >= LARGE || size < SMALL) {
    const known = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))) - order;
    return [exponential(value, Math.min(Math.max(known, 0), MOST_DIGITS - 1)), exponential(error, 0)];
  }
  const digits = Math.max(0, Math.min(1 - order, MOST_DIGITS - 1 - largest));
  const told = fixed(error, digits);
  return [fixed(value, digits), Number(told) > 0 ? told : short(error)];
}

const exponential = (value: number, digits: number): string =>
  value === 0 ? "0" : value.toExponential(digits).replaceAll("-", MINUS);

/** A count with its noun, `{count} row` in the tables of other languages, which have no plural of their own. */
export function plural(count: number, one: string): string {
  const other = spoken(`{count} ${one}`);
  if (other !== `{count} ${one}`) return other.replace("{count}", grouped(count));
  return `${grouped(count)} ${one}${count === 1 ? "" : "s"}`;
}
