/** How evenly a sequence of examples changes. */
import type { Values } from "../backend/arrays";

export function distance(a: Values, b: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

/** The largest change from one example to the next over the mean one; null where nothing changes. */
export function unevenness(examples: readonly Values[]): number | null {
  const steps = examples.slice(1).map((values, i) => distance(examples[i]!, values));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return mean > 0 ? Math.max(...steps) / mean : null;
}
