/** Numbers as text that brings the same float32 back, and is no longer than it must be. */

export function float32Text(value: number): string {
  const wanted = Math.fround(value);
  // JavaScript writes −0 as 0, which is another float.
  if (Object.is(wanted, -0)) return "-0.0";
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === wanted) return String(short);
  }
  return String(Number(wanted.toPrecision(9)));
}

/** `[0.41, -1.2]` */
export function vectorText(values: ArrayLike<number>, text: (value: number) => string = float32Text): string {
  return `[${Array.from(values, text).join(", ")}]`;
}
