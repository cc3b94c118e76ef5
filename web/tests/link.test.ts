import { afterEach, expect, it, vi } from "vitest";
import { followLink, takeToken } from "../src/app/link";
import { Store } from "../src/state/store";
import { initial } from "../src/state/state";
import { runWith } from "./runs-made";

afterEach(() => vi.unstubAllGlobals());

/** A page at this address, whose address may be replaced. */
function at(hash: string) {
  const location = { hash, pathname: "/", search: "" };
  const replaceState = vi.fn();
  vi.stubGlobal("location", location);
  vi.stubGlobal("history", { state: null, replaceState });
  return (): string | undefined => replaceState.mock.calls.at(-1)?.[2] as string | undefined;
}

it("a token is taken out of the address, and what else is there stays", () => {
  const address = at("#v=1&token=a%2Fb&run=demo");
  expect(takeToken()).toBe("a/b");
  expect(address()).toBe("#v=1&run=demo");
});

it("a token that can't be read is none, and leaves the address as well", () => {
  for (const hash of ["#token=%", "#token=%E0%A4%A", "#token="]) {
    const address = at(hash);
    expect(takeToken()).toBeNull();
    expect(address()).toBe(hash === "#token=" ? undefined : "/");
  }
  at("#v=1");
  expect(takeToken()).toBeNull();
});

it("a link that is followed is read as it was, even where the state was written over it before its turn came", () => {
  at("#v=1&run=own");
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const about = runWith("own");
  const store = new Store(about, initial(about));
  const told: string[] = [];
  const stop = followLink(store, () => false, (hash) => told.push(hash));
  const follow = (hash: string): void => {
    page.dispatchEvent(Object.assign(new Event("hashchange"), { newURL: `http://localhost/${hash}` }));
  };
  follow("#v=1&run=own&z=1,2");
  expect(store.state.value.z).toEqual([1, 2]);
  follow("#v=1&run=gone&z=3,4");
  expect(store.state.value.z).toEqual([1, 2]);
  expect(told).toEqual(["#v=1&run=own&z=1,2", "#v=1&run=gone&z=3,4"]);
  stop();
});
