/** The colours of attributes: those of labels that stand out from the page's ground, in an order of their own. */
import { fromLch, toHex, toLch } from "./colour";
import { labelColours, type Theme } from "./palette";

const ORDER = [4, 6, 0, 2, 5, 9, 1, 8, 7, 3];
/** What a fill or a line needs to be seen on white, and on nearly black. */
const LIGHTEST = 0.6;
const DARKEST = 0.68;

export function tintOf(slot: number, theme: Theme): string {
  const [lightness, chroma, hue] = toLch(labelColours(ORDER.length, "light")[ORDER[slot % ORDER.length]!]!);
  const seen = theme === "light" ? Math.min(LIGHTEST, lightness) : Math.max(DARKEST, lightness);
  return toHex(fromLch([seen, chroma, hue]));
}
