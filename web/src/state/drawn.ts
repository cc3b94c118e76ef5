/**
 * A picture that was drawn as text that an address can hold: its levels, one byte a value, with runs of equal ones
 * written once, in the base64 of addresses. A first byte up to 127 says that one more than so many levels follow as they
 * are; a larger one, that the next level comes 126 less than so many times.
 */
import { base64Of, fromBase64 } from "../maths/base64";

const [MOST_PLAIN, LEAST_RUN, MOST_RUN] = [128, 3, 129];
const RUN = 126;

export function drawnText(levels: Uint8Array): string {
  const bytes: number[] = [];
  let plain = 0;
  const writePlain = (stop: number): void => {
    for (; plain < stop; plain = Math.min(stop, plain + MOST_PLAIN)) {
      const part = levels.subarray(plain, Math.min(stop, plain + MOST_PLAIN));
      bytes.push(part.length - 1, ...part);
    }
  };
  for (let at = 0; at < levels.length; ) {
    const length = runAt(levels, at);
    if (length >= LEAST_RUN) {
      writePlain(at);
      bytes.push(RUN + length, levels[at]!);
      plain = at + length;
    }
    at += length;
  }
  writePlain(levels.length);
  return base64Of(Uint8Array.from(bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** So many levels; null where the text holds others. */
export function drawnLevels(text: string, size: number): Uint8Array | null {
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (!bytes) return null;
  const levels = new Uint8Array(size);
  let to = 0;
  for (let at = 0; at < bytes.length; ) {
    const count = bytes[at]!;
    const [length, given] = count < MOST_PLAIN ? [count + 1, count + 1] : [count - RUN, 1];
    if (to + length > size || at + 1 + given > bytes.length) return null;
    if (given === length) levels.set(bytes.subarray(at + 1, at + 1 + given), to);
    else levels.fill(bytes[at + 1]!, to, to + length);
    to += length;
    at += 1 + given;
  }
  return to === size ? levels : null;
}

function runAt(levels: Uint8Array, start: number): number {
  let stop = start + 1;
  while (stop < levels.length && stop - start < MOST_RUN && levels[stop] === levels[start]) stop++;
  return stop - start;
}
