/** Which colour each row has on the map, and the legend that explains it. */
import type { About } from "../backend/backend";
import { packed, toHex, type Rgb } from "../maths/colour";
import { labelColours, otherColour, sequential, type Theme } from "../maths/palette";
import { quantile } from "../maths/percentile";
import type { Scores } from "../session/cloud";
import type { Colouring } from "../state/state";
import { HIDDEN } from "./points";

export type Legend =
  | { readonly kind: "labels"; readonly entries: readonly LegendEntry[] }
  | { readonly kind: "scores"; readonly low: number; readonly high: number; readonly colours: readonly string[] }
  | { readonly kind: "none" };

export interface LegendEntry {
  readonly label: number;
  readonly text: string;
  readonly colour: string;
  readonly count: number;
}

export interface Colours {
  /** The kind of each row. */
  readonly kinds: Uint8Array;
  readonly layers: readonly Int32Array[];
  readonly legend: Legend;
}

const KINDS = 256;
// Few rows have scores far from all others; the scale is for the rest.
const [LOWEST, HIGHEST] = [0.01, 0.99];
const PLAIN: Readonly<Record<Theme, Rgb>> = { light: [63, 144, 218], dark: [108, 182, 255] };

const kindOf = (label: number): number => 1 + (label % (KINDS - 1));
const colourOf = (rgb: Rgb): number => packed(rgb) & 0xffffff;

function byNothing(count: number, theme: Theme): Colours {
  const table = new Int32Array(KINDS).fill(colourOf(PLAIN[theme]));
  return { kinds: new Uint8Array(count), layers: [table], legend: { kind: "none" } };
}

/**
 * Kind 0 has no label, or one that is not singled out: it lies in grey below the others. Kind i + 1 has label i; beyond
 * 255 labels, kinds and their colours are used again.
 */
export function byLabel(labels: Int32Array, names: readonly string[], only: readonly number[], theme: Theme): Colours {
  const counts = new Array<number>(names.length).fill(0);
  const kinds = new Uint8Array(labels.length);
  const kindsOf = names.map((_, label) => (only.length === 0 || only.includes(label) ? kindOf(label) : 0));
  labels.forEach((label, row) => {
    if (label < 0) return;
    counts[label]!++;
    kinds[row] = kindsOf[label]!;
  });
  const palette = labelColours(Math.min(names.length, KINDS - 1), theme);
  const grey = colourOf(otherColour(theme));
  const table = new Int32Array(KINDS).fill(grey);
  palette.forEach((rgb, i) => (table[i + 1] = colourOf(rgb)));
  const entries = names.map((text, label) => ({ label, text, colour: toHex(palette[kindOf(label) - 1]!), count: counts[label]! }));
  return { kinds, layers: only.length ? singledOut(table) : [table], legend: { kind: "labels", entries } };
}

function singledOut(table: Int32Array): Int32Array[] {
  const layer = (shown: (kind: number) => boolean): Int32Array =>
    table.map((colour, kind) => (shown(kind) ? colour : HIDDEN));
  return [layer((kind) => kind === 0), layer((kind) => kind > 0)];
}

export function byScore({ values, sorted }: Scores, theme: Theme): Colours {
  const [low, high] = [quantile(sorted, LOWEST), quantile(sorted, HIGHEST)];
  const scale = sequential(theme);
  const kinds = new Uint8Array(values.length);
  const steps = (KINDS - 1) / (high - low || 1);
  values.forEach((value, row) => (kinds[row] = Math.min(KINDS - 1, Math.max(0, (value - low) * steps))));
  const table = Int32Array.from(scale, colourOf);
  const colours = Array.from({ length: 9 }, (_, i) => toHex(scale[Math.round((i * (KINDS - 1)) / 8)]!));
  return { kinds, layers: [table], legend: { kind: "scores", low, high, colours } };
}

export interface Known {
  readonly labels: Int32Array | null;
  readonly scores: Scores | null;
}

/** The colours that are asked for, or plain ones while what they need has not come. */
export function coloursOf(
  about: About,
  { labels, scores }: Known,
  { colour, only }: { colour: Colouring; only: readonly number[] },
  theme: Theme,
): Colours {
  if (colour === "label" && labels && about.labels) return byLabel(labels, about.labels, only, theme);
  if (colour === "score" && scores) return byScore(scores, theme);
  return byNothing(about.rows, theme);
}
