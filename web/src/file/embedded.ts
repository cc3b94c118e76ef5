/** What the file carries: blocks of text in the page, over what they hold packed by gzip. */
import { BackendError, type Catalogue } from "../backend/backend";
import { say } from "../words/words";
import { inflated } from "./unpack";

const incomplete = (): string => say("This file is incomplete: export it again.");

export function catalogueOf(page: Document): Catalogue {
  return JSON.parse(textOf(page, "catalogue")) as Catalogue;
}

/** The bytes of a block. Its text is dropped from the page, so that they are kept once. */
export async function bytesOf(page: Document, name: string): Promise<Uint8Array<ArrayBuffer>> {
  await read(page, name);
  const packed = textOf(page, name);
  page.getElementById(name)?.remove();
  return inflated(packed);
}

/** The page starts before the browser has read the whole file: what another node follows was read to its end. */
function read(page: Document, name: string): Promise<void> {
  const whole = (): boolean => page.readyState !== "loading" || Boolean(page.getElementById(name)?.nextSibling);
  if (whole()) return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      if (!whole()) return;
      observer.disconnect();
      page.removeEventListener("readystatechange", look);
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(page.body, { childList: true });
    page.addEventListener("readystatechange", look);
  });
}

function textOf(page: Document, name: string): string {
  const text = page.getElementById(name)?.textContent;
  if (!text) throw new BackendError(incomplete());
  return text;
}
