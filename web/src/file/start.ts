/**
 * What an exported file begins with, while the rest of it is still being read: the page's scripts are packed in it, and
 * are put into the page as they were before. The file's policy knows their hashes.
 */
import { inflated } from "./unpack";

async function start(): Promise<void> {
  // All are unpacked at once, and run in their order.
  const packed = [...document.querySelectorAll("script[data-packed]")];
  const texts = packed.map(async (element) => new TextDecoder().decode(await inflated(element.textContent)));
  for (const text of await Promise.all(texts)) {
    const script = document.createElement("script");
    script.type = "module";
    script.async = false;
    script.textContent = text;
    document.head.append(script);
  }
}

// Of the page's own words none is there yet.
start().catch(() => document.getElementById("unread")?.removeAttribute("hidden"));
