/** What the file carries: blocks of text in the page, over what they hold packed by gzip. */
import { BackendError, type Catalogue } from "../backend/backend";
import { say } from "../words/words";

const incomplete = (): string => say("This file is incomplete: export it again.");
/** 13 bits in two of 91 letters: those that can be printed, without what a page reads as its own. */
const [BITS, LETTERS] = [13, 91];
const VALUES = valuesOf("&<>");

export function catalogueOf(page: Document): Catalogue {
  return JSON.parse(textOf(page, "catalogue")) as Catalogue;
}

/** The bytes of a block. Its text is dropped from the page, so that they are kept once. */
export async function bytesOf(page: Document, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = fromText(textOf(page, name));
  page.getElementById(name)?.remove();
  return inflated(packed);
}

async function inflated(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream === "undefined") {
    throw new BackendError(say("This browser is too old to read the file: it can't unpack gzip."));
  }
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What `aevum.server.page_text` wrote: the first letter says how many bytes at the end are none. */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const pairs = (text.length - 1) >> 1;
  const bytes = new Uint8Array(Math.floor((pairs * BITS) / 8) - Number(text[0]));
  let [held, bits, to] = [0, 0, 0];
  for (let at = 1; at < 2 * pairs; at += 2) {
    held = ((held << BITS) | (VALUES[text.charCodeAt(at)]! * LETTERS + VALUES[text.charCodeAt(at + 1)]!)) & 0xfffff;
    for (bits += BITS; bits >= 8; ) bytes[to++] = held >> (bits -= 8);
  }
  return bytes;
}

function valuesOf(left: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let code = 33, value = 0; code < 127; code++) if (!left.includes(String.fromCharCode(code))) values[code] = value++;
  return values;
}

function textOf(page: Document, name: string): string {
  const text = page.getElementById(name)?.textContent;
  if (!text) throw new BackendError(incomplete());
  return text;
}
