import { describe, expect, it } from "vitest";
import { hashOf, unmet } from "../src/state/unmet";
import { runWith } from "./runs-made";

const own = runWith("own", { epoch: 9, checkpoints: [{ id: "own@4", epoch: 4 }] });
const runs = [own, runWith("other")];
const told = (hash: string): string | null => unmet(hash, own, runs);

describe("a link", () => {
  it("that is met is not spoken of", () => {
    for (const hash of ["", "#", "#token=abc", "#v=1", "#v=1&run=own", "#v=1&run=own&z=1,2&row=59&epoch=4&beside=other"]) {
      expect(told(hash)).toBeNull();
    }
    expect(told("v=1&run=own&epoch=9")).toBeNull();
  });

  it("of a run that is not here says so, and what is shown instead", () => {
    const sentence = "This link shows the run a run, which is not open here. What is shown is runs/own, as it starts.";
    expect(told("#v=1&run=a%20run&z=1,2")).toBe(sentence);
    expect(told("#v=2&run=own")).toContain("another version");
  });

  it("says which of its parts are not here", () => {
    const hash = "#v=1&run=own&row=6000&epoch=5&z=1,2,3&beside=other,gone";
    expect(told(hash)).toBe(
      "Not all that this link shows is here: the run gone beside it, epoch 5, which was not kept, row 6,000 of 60, " +
        "a code of 3 latents.",
    );
  });
});

it("a link is taken from any text that has one, without the token of its day", () => {
  const hash = "v=1&run=own&z=1,2";
  for (const text of [`http://127.0.0.1:4242/#${hash}`, `#${hash}`, hash, ` https://x.y/?a=b#${hash}\n`, `#token=abc&${hash}`]) {
    expect(hashOf(text)).toBe(hash);
  }
  for (const text of ["", "own", "http://127.0.0.1:4242/", "http://127.0.0.1:4242/?token=abc", "#v=1", "#run=own"]) {
    expect(hashOf(text)).toBeNull();
  }
});
