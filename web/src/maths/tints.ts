/** The colours of attributes: those of labels, in an order of their own. */
import { toHex } from "./colour";
import { labelColours, type Theme } from "./palette";

const ORDER = [6, 1, 9, 5, 2, 8, 4, 3, 0, 7];

export function tintOf(slot: number, theme: Theme): string {
  return toHex(labelColours(ORDER.length, theme)[ORDER[slot % ORDER.length]!]!);
}
