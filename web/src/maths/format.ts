/** Numbers as people read them: a true minus sign, and no more digits than say something. */

const MINUS = "\u2212";

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

/** Whole numbers in groups of three. */
export function grouped(value: number): string {
  return value.toLocaleString("en").replace("-", MINUS);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${fixed(value, (value > 0 && value < 10) || (value > 99 && value < 100) ? 1 : 0)} %`;
}

/** A value and its error, with as many decimals as leave the error two digits. */
export function withError(value: number, error: number): [string, string] {
  if (!(error > 0) || error < 1e-6 || Math.abs(value) >= 1e6) return [short(value), short(error)];
  const digits = Math.max(0, 1 - Math.floor(Math.log10(error)));
  return [fixed(value, digits), fixed(error, digits)];
}

export function plural(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? "" : "s"}`;
}
