import { afterEach, expect, it, vi } from "vitest";
import { takeToken } from "../src/app/link";

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
