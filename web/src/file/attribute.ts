/** The direction from the rows without an attribute to those with it: the difference of their mean codes. */
import { rowOf } from "../backend/arrays";
import { BackendError, type AttributeAnswer, type AttributeQuestion, type Codes } from "../backend/backend";

export function directionOf(
  codes: Codes,
  labels: Int32Array,
  known: readonly string[] | null,
  question: AttributeQuestion,
): AttributeAnswer {
  const chosen = groupOf(labels, known, question);
  const inside = new Set(chosen);
  const others = question.without ?? [...labels.keys()].filter((row) => !inside.has(row));
  if (!chosen.length || !others.length) {
    const which = chosen.length ? "without" : "with";
    throw new BackendError(`no example is ${which} the attribute: a direction needs both groups`);
  }
  const [with_, without] = [meanCode(codes, chosen), meanCode(codes, others)];
  return { vector: Float32Array.from(with_, (value, d) => value - without[d]!), n_with: chosen.length, n_without: others.length };
}

function groupOf(labels: Int32Array, known: readonly string[] | null, question: AttributeQuestion): readonly number[] {
  if (question.with) return question.with;
  const place = known?.indexOf(question.label ?? "") ?? -1;
  if (place < 0) throw new BackendError(`no row is labelled ${question.label}`);
  return [...labels.keys()].filter((row) => labels[row] === place);
}

function meanCode(codes: Codes, rows: readonly number[]): Float64Array {
  const mean = new Float64Array(codes.shape[1]!);
  for (const row of rows) rowOf(codes, row).forEach((value, d) => (mean[d]! += value / rows.length));
  return mean;
}
