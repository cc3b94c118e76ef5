/** How an example of this model is shown: as a picture, or as its values against what is usual for them. */
import { float32, rowsOf, type Tensor } from "../backend/arrays";
import type { About } from "../backend/backend";
import { deviationsOf, eventSize, layoutOf, type Layout } from "../maths/pixels";

export interface ValuesLooks {
  readonly kind: "values";
  readonly names: readonly string[];
  /** Of classes, the words that 0, 1, … stand for. */
  readonly words?: readonly (readonly string[] | null)[] | null;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export type Looks = { readonly kind: "image"; readonly layout: Layout } | ValuesLooks;

/** With more values than this a list of them can't be read, and a curve is drawn. */
export const MOST_LISTED = 60;

export function looksOf(about: About, sample: Tensor | null): Looks {
  if (about.kind === "image") return { kind: "image", layout: layoutOf(about) };
  const size = eventSize(about);
  const all = Array.from({ length: size }, (_, i) => i);
  const names = about.features ?? all.map((i) => `x[${placeIn(about.event, i).join(", ")}]`);
  if (about.feature_mean && about.feature_deviation) {
    const { feature_words: words, feature_mean: mean, feature_deviation: deviation } = about;
    return { kind: "values", names, words: words ?? null, mean, deviation };
  }
  if (!sample || !sample.shape[0]) return { kind: "values", names, mean: all.map(() => 0), deviation: all.map(() => 1) };
  const rows = rowsOf(sample).map(float32);
  const mean = all.map((i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  return { kind: "values", names, mean, deviation: Array.from(deviationsOf(rows, size), (value) => value || 1) };
}

/** The indices of the i-th value of an array of this shape. */
function placeIn(shape: readonly number[], i: number): number[] {
  return shape.reduceRight<{ rest: number; place: number[] }>(
    ({ rest, place }, length) => ({ rest: Math.floor(rest / length), place: [rest % length, ...place] }),
    { rest: i, place: [] },
  ).place;
}
