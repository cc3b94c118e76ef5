/** What the file carries: blocks of text in the page, gzip and base64 over what they hold. */
import { BackendError, type Catalogue } from "../backend/backend";
import { say } from "../words/words";

const incomplete = (): string => say("This file is incomplete: export it again.");

export function catalogueOf(page: Document): Catalogue {
  return JSON.parse(textOf(page, "catalogue")) as Catalogue;
}

/** The bytes of a block. Its text is dropped from the page, so that they are kept once. */
export async function bytesOf(page: Document, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = fromBase64(textOf(page, name));
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

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  // Newer browsers do it themselves, several times as fast.
  const { fromBase64: native } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function textOf(page: Document, name: string): string {
  const text = page.getElementById(name)?.textContent;
  if (!text) throw new BackendError(incomplete());
  return text;
}
