/** The state in the page's address: written when the reader rests, read when the address changes. */
import type { Store } from "../state/store";
import { decoded, parts, runOf } from "../state/url";

const REST = 300;

export function readLink(): string {
  return location.hash;
}

/**
 * Keeps store and address the same until the function that is returned is called. `otherRun` is told the run of an
 * address that names another one, and whether there is such a run is its answer; `tell` gets each address that is not
 * left to it.
 */
export function followLink(store: Store, otherRun: (run: string) => boolean, tell: (hash: string) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(timer);
    // In place, so that a drag does not fill the browser's history; the page has its own undo.
    timer = setTimeout(() => history.replaceState(history.state, "", `#${store.hash}`), REST);
  };
  const read = (): void => {
    clearTimeout(timer);
    const { hash } = location;
    const run = runOf(hash);
    if (run && run !== store.state.value.run && otherRun(run)) return;
    tell(hash);
    if (!run || run === store.state.value.run) store.restore(hash.slice(1));
    // A run that is not there leaves all as it is, and the address says so again.
    else write();
  };
  const stop = store.state.subscribe(write);
  addEventListener("hashchange", read);
  write();
  return () => {
    clearTimeout(timer);
    stop();
    removeEventListener("hashchange", read);
  };
}

/** A token that came in the address, taken out of it: what stays there may be copied and shared. */
export function takeToken(): string | null {
  const found = parts(location.hash);
  const token = found.get("token");
  if (!token) return null;
  found.delete("token");
  const rest = [...found].map(([key, text]) => `${key}=${text}`).join("&");
  history.replaceState(history.state, "", rest ? `#${rest}` : location.pathname + location.search);
  return decoded(token) || null;
}
