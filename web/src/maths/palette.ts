/** The colours of data: labels, and scales for scores and for deviations. */
import { fromHex, fromLch, ramp, type Lch, type Rgb } from "./colour";

export type Theme = "light" | "dark";

// Ten colours that stand out from the page's ground by 3 : 1 and more and stay apart, also for the colour-blind. Begun
// with Tableau's ten and annealed for the largest least CIEDE2000 between two of them, as most people see them (24) and
// under each kind of colour blindness (9; Machado et al. 2009); a class has nearly one hue on both grounds.
const PALETTE: Readonly<Record<Theme, readonly Rgb[]>> = {
  light: [
    "#23367a", "#b83601", "#598353", "#d3768e", "#868cd8", "#71112b", "#ac25c6", "#665d58", "#ae8d00", "#006f7a",
  ].map(fromHex),
  dark: [
    "#7d97f4", "#f4a072", "#5a7c18", "#935a75", "#7d39ec", "#fb2942", "#fbb2eb", "#ebeae9", "#fef056", "#0897a0",
  ].map(fromHex),
}; // prettier-ignore

const OTHER: Readonly<Record<Theme, Rgb>> = { light: fromHex("#c9ced4"), dark: fromHex("#3a424d") };
const STEPS = 256;
/** Neighbouring labels get hues far from each other. */
const GOLDEN_ANGLE = 137.508;

/** One colour a label. Beyond ten no set stays apart: hues around the circle, and the legend singles labels out. */
export function labelColours(count: number, theme: Theme): Rgb[] {
  if (count <= PALETTE[theme].length) return PALETTE[theme].slice(0, count);
  const lightness = theme === "light" ? [0.52, 0.6, 0.4] : [0.7, 0.82, 0.6];
  return Array.from({ length: count }, (_, i) => fromLch([lightness[i % 3]!, 0.14, (GOLDEN_ANGLE * i) % 360]));
}

/** The colour of what has no label, or is not singled out. */
export function otherColour(theme: Theme): Rgb {
  return OTHER[theme];
}

// Lightness alone orders both scales, so they read in grey and for the colour-blind; the far end stands out from the
// page's background.
const SEQUENTIAL: Readonly<Record<Theme, readonly Lch[]>> = {
  light: [[0.79, 0.11, 195], [0.66, 0.12, 235], [0.47, 0.16, 275], [0.28, 0.13, 315]],
  dark: [[0.4, 0.13, 300], [0.57, 0.15, 350], [0.74, 0.14, 45], [0.93, 0.12, 100]],
}; // prettier-ignore

export function sequential(theme: Theme): Rgb[] {
  return ramp(SEQUENTIAL[theme], STEPS);
}
