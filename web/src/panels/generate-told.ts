/** What is said of decoded codes: classes that are met, and one sentence of what was measured. */
import { rowsOf } from "../backend/arrays";
import type { About, Codes } from "../backend/backend";
import { fixed, short } from "../maths/format";
import { median, type Judged, type Usual } from "../session/generating";
import { say, told as tell } from "../words/words";
import { WORDS } from "./generate-words";

/** 99 % of a standard normal number lie below it. */
const Z99 = 2.3263;

/** The share of codes in the ball around 0 that holds 99 % of N(0, I): its squared radius by Wilson and Hilferty. */
export function reached(codes: Codes): number {
  const [n = 0, width = 1] = codes.shape;
  const spread = 2 / (9 * width);
  const radius = width * (1 - spread + Z99 * Math.sqrt(spread)) ** 3;
  const inside = rowsOf(codes).filter((z) => z.reduce((sum, value) => sum + value * value, 0) <= radius);
  return inside.length / (n || 1);
}

/** Whether N(0, I) is the prior. */
export function isStandard({ law, prior }: About): boolean {
  const near = (values: readonly number[], value: number): boolean => values.every((each) => Math.abs(each - value) < 1e-6);
  return law.gaussian && !law.varies && near(prior.mean, 0) && near(prior.deviation, 1);
}

export interface Met {
  readonly name: string;
  /** Of the pictures, and of the data. */
  readonly drawn: number;
  readonly data: number;
}

/** Classes by the rows that are nearest; null where rows have none. */
export function countsOf(about: About, labels: Int32Array, { nearest }: Judged): Met[] | null {
  if (!about.labels || !nearest) return null;
  const names = about.unlabelled ? about.labels.slice(0, -1) : about.labels;
  const [drawn, data] = [new Array<number>(about.labels.length).fill(0), new Array<number>(about.labels.length).fill(0)];
  for (const { row } of nearest) drawn[labels[row]!]!++;
  for (const label of labels) data[label]!++;
  return names.map((name, i) => ({ name, drawn: drawn[i]! / nearest.length, data: data[i]! / labels.length }));
}

/** What is seen, as it was measured. */
export function sentence(about: About, { nearest, scores }: Judged, usual: Usual | null, classes: readonly Met[] | null): string {
  const { summary } = WORDS;
  const told: string[] = [];
  if (classes) told.push(summary.classes(classes.filter(({ drawn }) => drawn > 0).length, classes.length));
  if (nearest && usual?.distance) {
    told.push(summary.distance(fixed(median(nearest.map(({ distance }) => distance)) / usual.distance, 2)));
  }
  const finite = scores && Array.from(scores).filter(Number.isFinite);
  if (finite?.length && usual && usual.score !== null) {
    told.push(summary.score(tell(about.score.name), short(median(finite)), short(usual.score), tell(about.score.unit)));
  }
  return told.join(say("; "));
}
