/** Einstein's sums: "ij,kj->ik", with `…` for axes that are broadcast. */
import { product } from "../../backend/arrays";
import { eachRow, stridesOf, type Pool, type Value } from "./values";

/** An axis a letter; those of `...` are numbered from the last on, so that they are aligned at the end. */
function axesOf(term: string, rank: number): string[] {
  const [before = "", behind] = term.replaceAll(" ", "").split("...");
  if (behind === undefined) return [...before];
  const count = rank - before.length - behind.length;
  return [...before, ...Array.from({ length: count }, (_, i) => String(count - 1 - i)), ...behind];
}

/** Without `->` what is made has the letters that stand once, in the order of the alphabet. */
function madeOf(terms: readonly string[][]): string[] {
  const all = terms.flat();
  const numbered = [...new Set(all.filter((axis) => /\d/.test(axis)))].sort((a, b) => Number(b) - Number(a));
  return [...numbered, ...[...new Set(all)].filter((axis) => !/\d/.test(axis) && all.indexOf(axis) === all.lastIndexOf(axis)).sort()];
}

export function einsum(pool: Pool, equation: string, values: readonly Value[]): Value {
  const [given = "", made] = equation.split("->");
  const terms = given.split(",").map((term, i) => axesOf(term, values[i]!.shape.length));
  const sizes = new Map<string, number>();
  terms.forEach((axes, i) => {
    if (axes.length !== values[i]!.shape.length) throw new Error(`(${values[i]!.shape}) doesn't fit ${equation}`);
    axes.forEach((axis, d) => {
      const [known, size] = [sizes.get(axis) ?? 1, values[i]!.shape[d]!];
      if (known !== size && known !== 1 && size !== 1) throw new Error(`(${values[i]!.shape}) doesn't fit ${equation}`);
      sizes.set(axis, known === 1 ? size : known);
    });
  });
  const numbered = [...sizes.keys()].filter((axis) => /\d/.test(axis)).length;
  const out = made === undefined ? madeOf(terms) : axesOf(made, made.replaceAll(/[ .]/g, "").length + numbered);
  const summed = [...sizes.keys()].filter((axis) => !out.includes(axis));
  const shape = out.map((axis) => sizes.get(axis)!);
  const inner = summed.map((axis) => sizes.get(axis)!);
  const steps = terms.map((axes, i) => {
    const strides = stridesOf(values[i]!.shape);
    // Of an axis that stands twice, the diagonal is meant.
    return (axis: string): number => axes.reduce((sum, name, d) => sum + (name === axis && values[i]!.shape[d] !== 1 ? strides[d]! : 0), 0);
  });
  const found = pool.take(values[0]!.kind, shape);
  const [outside, within] = [steps.map((step) => [...out.map(step), 0]), steps.map((step) => [...summed.map(step), 0])];
  eachRow([...shape, 1], outside, (at, start) => {
    let total = 0;
    eachRow([...inner, 1], within, (_, from) => {
      let term = 1;
      for (let i = 0; i < values.length; i++) term *= values[i]!.data[start[i]! + from[i]!]!;
      total += term;
    });
    found.data[at] = total;
  });
  if (!product(inner)) found.data.fill(0);
  return found;
}
