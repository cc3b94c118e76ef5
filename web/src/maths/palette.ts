/** The colours of data: labels, and scales for scores and for deviations. */
import { fromHex, fromLch, ramp, toLch, type Lch, type Rgb } from "./colour";

export type Theme = "light" | "dark";

// Ten colours that stay apart for the colour-blind: "Accessible color sequences for data visualization",
// M. A. Petroff, 2021, arXiv:2107.02270.
const PALETTE = [
  "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
].map(fromHex); // prettier-ignore

const OTHER: Readonly<Record<Theme, Rgb>> = { light: fromHex("#c9ced4"), dark: fromHex("#3a424d") };
const DARKEST_ON_DARK = 0.56;
const STEPS = 256;
/** Neighbouring labels get hues far from each other. */
const GOLDEN_ANGLE = 137.508;

/** One colour a label. Beyond ten no set stays apart: hues around the circle, and the legend singles labels out. */
export function labelColours(count: number, theme: Theme): Rgb[] {
  if (count <= PALETTE.length) return PALETTE.slice(0, count).map((colour) => readable(colour, theme));
  const lightness = theme === "light" ? [0.56, 0.68, 0.46] : [0.7, 0.82, 0.6];
  return Array.from({ length: count }, (_, i) => fromLch([lightness[i % 3]!, 0.14, (GOLDEN_ANGLE * i) % 360]));
}

/** The colour of what has no label, or is not singled out. */
export function otherColour(theme: Theme): Rgb {
  return OTHER[theme];
}

function readable(colour: Rgb, theme: Theme): Rgb {
  const [lightness, chroma, hue] = toLch(colour);
  return theme === "dark" && lightness < DARKEST_ON_DARK ? fromLch([DARKEST_ON_DARK, chroma, hue]) : colour;
}

// Lightness alone orders both scales, so they read in grey and for the colour-blind; the far end stands out from the
// page's background.
const SEQUENTIAL: Readonly<Record<Theme, readonly Lch[]>> = {
  light: [[0.85, 0.09, 195], [0.66, 0.12, 235], [0.47, 0.16, 275], [0.28, 0.13, 315]],
  dark: [[0.4, 0.13, 300], [0.57, 0.15, 350], [0.74, 0.14, 45], [0.93, 0.12, 100]],
}; // prettier-ignore

export function sequential(theme: Theme): Rgb[] {
  return ramp(SEQUENTIAL[theme], STEPS);
}
