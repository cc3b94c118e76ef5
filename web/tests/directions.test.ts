import { describe, expect, it } from "vitest";
import { stacked } from "../src/backend/arrays";
import {
  BINS,
  WITH,
  WITHOUT,
  amountOf,
  amountsOf,
  directionOf,
  histogramOf,
  meanCode,
  shifted,
} from "../src/maths/directions";
import { dot, lengthOf, orthogonalised } from "../src/maths/orthogonal";
import { normal, seeded } from "../src/maths/random";

const vectors = (rows: readonly (readonly number[])[]): Float64Array[] => rows.map((row) => Float64Array.from(row));

function close(found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12): void {
  expect(found.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));
}

// The expected numbers of these two are what numpy gives in double precision.
const CODES = stacked([
  [0.5, -1.25, 2.0],
  [1.5, 0.75, -0.5],
  [-0.25, 0.5, 1.0],
  [2.0, 1.0, 0.125],
  [-1.0, -0.5, 0.25],
]);
const MEMBERS = Uint8Array.from([WITH, WITH, WITHOUT, WITH, WITHOUT]);

function found() {
  return directionOf(meanCode(CODES, MEMBERS, WITH)!, meanCode(CODES, MEMBERS, WITHOUT)!);
}

describe("a direction", () => {
  it("leads from the mean of the rows without to that of the rows with", () => {
    close(found().vector, [1.9583333333333333, 0.16666666666666666, -0.08333333333333337], 15);
    close(found().origin, [-0.625, 0, 0.625], 15);
  });

  it("tells how far along it each row lies", () => {
    const expected = [
      0.48586810228802146, 1.1318977119784657, 0.2032301480484522, 1.3822341857335128, -0.2032301480484522,
    ]; // prettier-ignore
    close(amountsOf(found(), CODES), expected);
    close(expected.map((_, row) => amountOf(found(), CODES.data.subarray(3 * row, 3 * row + 3))), expected);
  });

  it("is 0 at the mean without and 1 at the mean with, and a shift adds to it", () => {
    const direction = found();
    expect(amountOf(direction, meanCode(CODES, MEMBERS, WITHOUT)!)).toBeCloseTo(0, 14);
    expect(amountOf(direction, meanCode(CODES, MEMBERS, WITH)!)).toBeCloseTo(1, 14);
    const z = [0.3, -2, 7];
    expect(amountOf(direction, shifted(direction, z, -1.7)) - amountOf(direction, z)).toBeCloseTo(-1.7, 12);
  });

  it("has no mean without rows", () => {
    expect(meanCode(CODES, new Uint8Array(5), WITH)).toBeNull();
  });

  it("counts rows of both groups in both", () => {
    const members = Uint8Array.from([WITH | WITHOUT, 0, WITHOUT, 0, 0]);
    close(meanCode(CODES, members, WITH)!, [0.5, -1.25, 2]);
    close(meanCode(CODES, members, WITHOUT)!, [0.125, -0.375, 1.5]);
  });
});

describe("the histogram along it", () => {
  it("has the groups' means and deviations", () => {
    const histogram = histogramOf(amountsOf(found(), CODES), MEMBERS);
    const { with: has, without, neither } = histogram;
    close([has.count, has.mean, has.deviation], [3, 1, 0.3776380928055485]);
    close([without.count, without.mean, without.deviation], [2, 0, 0.2032301480484522]);
    expect(neither.count).toBe(0);
  });

  it("has room around both means, and shares that sum to one", () => {
    const uniform = seeded(4);
    const amounts = Float64Array.from({ length: 5000 }, (_, i) => 0.4 * normal(uniform) + (i % 2));
    const members = Uint8Array.from(amounts, (_, i) => (i % 10 === 9 ? 0 : i % 2 ? WITH : WITHOUT));
    const { low, high, ...groups } = histogramOf(amounts, members);
    expect(low).toBeLessThan(-0.5);
    expect(high).toBeGreaterThan(1.5);
    for (const { shares, count } of Object.values(groups)) {
      expect(shares.length).toBe(BINS);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(1 - 0.01);
      expect(count).toBeGreaterThan(0);
    }
    const bin = Math.floor(((1 - low) / (high - low)) * BINS);
    expect(Math.max(...groups.with.shares)).toBeCloseTo(groups.with.shares[bin]!, 1);
  });
});

describe("orthogonalised directions", () => {
  it("are those of numpy", () => {
    const given = [
      [2, 0.5, -1, 0.25],
      [1.5, 1, -0.5, 0],
      [0, 0.75, 0.5, -3],
    ];
    const turned = orthogonalised(vectors(given))!;
    const expected = [
      [1.7329418917423123, -0.7739907754878437, -1.2939776949124178, -0.18966392480767125],
      [0.8441130852003309, 1.6424737430202236, 0.10700849582764983, 0.2798254539948451],
      [0.10802876096119582, 0.44799083767136333, 0.3283015718374008, -3.080966094279],
    ];
    turned.forEach((row, k) => close(row, expected[k]!, 13));
  });

  it("of two are turned by the same angle to either side", () => {
    const [a, b] = orthogonalised(vectors([[3, 0], [Math.cos(1), Math.sin(1)]]))! as [Float64Array, Float64Array];
    const turn = (Math.PI / 2 - 1) / 2;
    close(a, [3 * Math.cos(-turn), 3 * Math.sin(-turn)]);
    close(b, [Math.cos(1 + turn), Math.sin(1 + turn)]);
  });

  it("keep their digits where they are nearly parallel", () => {
    const turned = orthogonalised(vectors([[1, 0, 0], [1, 1e-4, 0], [0, 0, 2]]))!;
    const expected = [
      [0.7071421356415912, -0.7070714249637376, 0],
      [0.7070714284990947, 0.7071421391773016, 0],
      [0, 0, 2],
    ];
    turned.forEach((row, k) => close(row, expected[k]!, 11));
  });

  it("stand at right angles, are as long as before, and do not depend on the order", () => {
    const uniform = seeded(9);
    for (let round = 0; round < 40; round++) {
      const [count, width] = [1 + Math.floor(uniform() * 6), 6 + Math.floor(uniform() * 200)];
      const one = (): Float64Array => Float64Array.from({ length: width }, () => normal(uniform) + 0.5);
      const given = Array.from({ length: count }, one);
      const turned = orthogonalised(given)!;
      turned.forEach((a, k) => {
        expect(lengthOf(a)).toBeCloseTo(lengthOf(given[k]!), 10);
        for (const b of turned.slice(k + 1)) expect(Math.abs(dot(a, b))).toBeLessThan(1e-10 * lengthOf(a) * lengthOf(b));
      });
      const back = orthogonalised([...given].reverse())!.reverse();
      back.forEach((row, k) => close(row, turned[k]!, 10));
      orthogonalised(turned)!.forEach((row, k) => close(row, turned[k]!, 10));
    }
  });

  it("do not exist where one is zero, a combination of the others, or there are too many", () => {
    expect(orthogonalised(vectors([[1, 2], [0, 0]]))).toBeNull();
    expect(orthogonalised(vectors([[1, 2, 3], [0, 1, 1], [1, 1, 2]]))).toBeNull();
    expect(orthogonalised(vectors([[1, 0], [1, 1e-7]]))).toBeNull();
    expect(orthogonalised(vectors([[1, 0], [1, 1e-5]]))).not.toBeNull();
    expect(orthogonalised(vectors([[1, 0], [0, 1], [1, 1]]))).toBeNull();
    expect(orthogonalised([])).toEqual([]);
  });
});
