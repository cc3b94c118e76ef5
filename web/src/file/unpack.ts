/** Bytes that the file carries as text, packed by gzip: what `aevum.server.page_text` writes. Also the start's own. */

/** 13 bits in two of 91 letters: those that can be printed, without what a page reads as its own. */
const [BITS, LETTERS] = [13, 91];
const PAIRS = pairsOf("&<>");

export async function inflated(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([fromText(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The first letter says how many bytes at the end are none. */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  // As bytes: a string's letters take twice as long to read.
  const letters = new TextEncoder().encode(text);
  const ends = letters.length - ((letters.length - 1) & 1);
  const bytes = new Uint8Array(Math.floor((((ends - 1) >> 1) * BITS) / 8) - Number(text[0]));
  for (let at = 1, to = 0, held = 0, bits = 0; at < ends; at += 2) {
    held = (held << BITS) | PAIRS[(letters[at]! << 7) | letters[at + 1]!]!;
    for (bits += BITS; bits >= 8; ) bytes[to++] = held >> (bits -= 8);
  }
  return bytes;
}

/** What two letters stand for, at the first's code times 128 plus the second's. */
function pairsOf(left: string): Uint16Array {
  const found = new Uint16Array(128 * 128);
  const letters = Array.from({ length: 127 - 33 }, (_, i) => 33 + i).filter((code) => !left.includes(String.fromCharCode(code)));
  letters.forEach((first, high) => letters.forEach((second, low) => (found[(first << 7) | second] = high * LETTERS + low)));
  return found;
}
