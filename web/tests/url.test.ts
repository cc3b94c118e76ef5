import { describe, expect, it } from "vitest";
import { mockAbout } from "../src/backend/mock";
import { seeded } from "../src/maths/random";
import { initial, rounded } from "../src/state/state";
import { fromHash, runOf, toHash } from "../src/state/url";
import { randomAbout, randomState } from "./random-states";

describe("the state in the address", () => {
  it("comes back as it was, for any state", () => {
    const uniform = seeded(1);
    for (let i = 0; i < 500; i++) {
      const about = randomAbout(uniform);
      const state = randomState(uniform, about);
      const hash = toHash(state, about);
      const back = fromHash(`#${hash}`, about);
      expect(back).toEqual(state);
      expect(toHash(back, about)).toBe(hash);
      expect(new URL(`http://localhost/#${hash}`).hash).toBe(`#${hash}`);
    }
  });

  it("is short: what is as usual is left out", () => {
    const about = mockAbout({ latents: 40 });
    expect(toHash(initial(about), about)).toBe("v=1&run=mock");
    const z = initial(about).z.map((value, d) => (d === 2 ? 1.25 : value));
    expect(toHash({ ...initial(about), z }, about)).toBe("v=1&run=mock&z=,,1.25");
  });

  it("that makes no sense is as usual", () => {
    const about = mockAbout({ latents: 3, conditional: true });
    const uniform = seeded(2);
    const broken = [
      "", "#", "#v=2&z=1,1,1", "#v=1&z=1,2,3,4", "#v=1&z=NaN,1,x&y=9&axes=1,1&view=0,0,0", "#v=1&y=0:0.4&row=-1&n=1e9",
      "#v=1&axes=0,99&only=77&colour=blue&a=row9999&b=1,2&path=scenic&panel=%E0%A4%A", "#v=1&z=Infinity,0,0",
      "#v=1&z=1e30,1e30,1e30&view=0,0,1e-300", "#v=1&z=1e7&a=1e9,0,0&view=NaN,0,1", "#v=1&view=0,0,1e300",
      "#v=1&view=1e300,0,1", "#v=1&view=0,0,-1", "#v=1&view=,,&attributes=a/0/lasso:0,1:1e300,0,1,0,1,1/others",
      "#v=1&panel=nothing&drawn=AAAA&beside=a&columns=1e99/0,0,1e-300", "#v=1&panel=toString",
    ]; // prettier-ignore
    for (const hash of broken) expect(fromHash(hash, about)).toEqual(initial(about));
    for (let i = 0; i < 300; i++) {
      const noise = Array.from({ length: 30 }, () => "vzyrowaxes=&,:.-019%"[Math.floor(uniform() * 20)]).join("");
      expect(() => fromHash(`#v=1&${noise}`, about)).not.toThrow();
    }
  });

  it("has the view where it was, however far off zero that is", () => {
    const about = mockAbout();
    for (const view of [{ u: 100.12345, v: -250.6543, span: 0.01 }, { u: 1234567.89, v: 0.00001234, span: 20 }]) {
      const back = fromHash(toHash({ ...initial(about), view }, about), about).view!;
      expect(Math.abs(back.u - view.u) / view.span).toBeLessThan(1e-4);
      expect(Math.abs(back.v - view.v) / view.span).toBeLessThan(1e-4);
      expect(back.span).toBe(view.span);
    }
  });

  it("names its run", () => {
    expect(runOf("#v=1&run=runs%2Fa%20b")).toBe("runs/a b");
    expect(runOf("#v=1")).toBeNull();
  });
});

it("codes are rounded to a ten-thousandth of their deviation", () => {
  expect(rounded(0.123456, 1)).toBe(0.1235);
  expect(rounded(-0.00001, 1)).toBe(0);
  expect(rounded(123.456789, 100)).toBe(123.46);
  expect(rounded(0.000123456, 0.001)).toBe(0.0001235);
  expect(rounded(5, 0)).toBe(5);
});
