/** Which colour each row has on the map, and the legend that explains it. */
import type { About, ColumnAbout, ColumnValues } from "../backend/backend";
import { packed, toHex, type Rgb } from "../maths/colour";
import { labelColours, otherColour, sequential, type Theme } from "../maths/palette";
import { grouped } from "../maths/format";
import { ascending, quantile } from "../maths/percentile";
import { ticks } from "../maths/ticks";
import type { Scores } from "../session/cloud";
import { columnOfColour, ownName, titleOf } from "../state/columns";
import type { Colouring } from "../state/state";
import { HIDDEN } from "./points";
import { told, say } from "../words/words";

export type Legend =
  | {
      readonly kind: "labels";
      readonly entries: readonly LegendEntry[];
      /** What they are of, and how many rows have none, where these are told. */
      readonly name?: string;
      readonly missing?: number;
    }
  | Scale
  | { readonly kind: "none" };

export interface Scale {
  readonly kind: "scale";
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly colours: readonly string[];
  /** What else there is to say: a unit, or how many rows are grey. */
  readonly words: string;
  /** Round values on the way, where they are told. */
  readonly ticks?: readonly number[];
}

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

/** Colours along a scale from one value to another: kind 0 has no value, and beyond the ends all are as at them. */
export function onScale(values: Float32Array, [low, high]: readonly [number, number], theme: Theme, told: Told): Colours {
  const scale = sequential(theme);
  const kinds = new Uint8Array(values.length);
  const steps = (KINDS - 2) / (high - low || 1);
  values.forEach((value, row) => {
    if (!Number.isNaN(value)) kinds[row] = 1 + Math.min(KINDS - 2, Math.max(0, (value - low) * steps));
  });
  const table = Int32Array.from({ length: KINDS }, (_, kind) => colourOf(kind ? scale[kind]! : otherColour(theme)));
  const colours = Array.from({ length: 9 }, (_, i) => toHex(scale[1 + Math.round((i * (KINDS - 2)) / 8)]!));
  return { kinds, layers: [table], legend: { kind: "scale", low, high, colours, ...told } };
}

interface Told {
  readonly name: string;
  readonly words: string;
  readonly ticks?: readonly number[];
}

export function byScore({ values, sorted }: Scores, { name, unit, higher }: About["score"], theme: Theme): Colours {
  const ends = [quantile(sorted, LOWEST), quantile(sorted, HIGHEST)] as const;
  return onScale(values, ends, theme, {
    name: told(name),
    words: say("{unit}; higher is {higher}", { unit: told(unit), higher: told(higher) }),
    ticks: ticks(...ends, TICKS),
  });
}

function byValue({ values }: Scores, about: About, theme: Theme): Colours {
  const { label_scale, label_note } = about;
  const { low, high, missing, unit = null } = label_scale!;
  const words = [label_note && told(label_note), missing > 0 && say("{rows} without one: grey", { rows: countOf(missing) })];
  return onScale(values, [low, high], theme, {
    name: titleOf({ name: ownName(about, say("Label")), unit }),
    words: words.filter(Boolean).join(say("; ")),
    ticks: ticks(low, high, TICKS),
  });
}

/** By a column of labels beside y. Few numbers may lie far from all others: the scale is for the rest then. */
function byColumn(column: ColumnAbout, found: ColumnValues, only: readonly number[], theme: Theme): Colours {
  const { missing, name } = column;
  const grey = missing > 0 ? say("{rows} without one: grey", { rows: countOf(missing) }) : "";
  if (found.index && column.words) {
    const colours = byLabel(found.index, column.words, only, theme);
    return { ...colours, legend: { ...colours.legend, name, missing } as Legend };
  }
  const [low, high, cut] = endsOf(column, found.values!);
  const words = [cut ? say("ends at the lowest and highest hundredth") : "", grey].filter(Boolean).join("; ");
  return onScale(found.values!, [low, high], theme, { name: titleOf(column), words, ticks: ticks(low, high, TICKS) });
}

const TICKS = 5;
const STRETCHED = 0.5;
const ends = new WeakMap<Float32Array, readonly [number, number, boolean]>();

function endsOf({ low, high }: ColumnAbout, values: Float32Array): readonly [number, number, boolean] {
  const known = ends.get(values);
  if (known) return known;
  const sorted = ascending(values.filter(Number.isFinite));
  const [first, last] = [quantile(sorted, LOWEST), quantile(sorted, HIGHEST)];
  const stretched = last > first && last - first < STRETCHED * (high - low);
  const found = stretched ? ([first, last, true] as const) : ([low, high, false] as const);
  ends.set(values, found);
  return found;
}

const countOf = (rows: number): string => say(rows === 1 ? "{count} row" : "{count} rows", { count: grouped(rows) });

export interface Known {
  readonly column?: ColumnValues | null;
  readonly labels: Int32Array | null;
  readonly values: Scores | null;
  readonly scores: Scores | null;
}

/** The colours that are asked for, or plain ones while what they need has not come. */
export function coloursOf(
  about: About,
  { labels, values, scores, column }: Known,
  { colour, only }: { colour: Colouring; only: readonly number[] },
  theme: Theme,
): Colours {
  if (colour === "label" && labels && about.labels) {
    const colours = byLabel(labels, about.labels, only, theme);
    const name = about.label_name;
    return name ? { ...colours, legend: { ...colours.legend, name } as Legend } : colours;
  }
  if (colour === "label" && values && about.label_scale) return byValue(values, about, theme);
  const beside = colour.startsWith("column:") ? columnOfColour(about, colour) : null;
  if (beside && column) return byColumn(beside, column, only, theme);
  if (colour === "score" && scores) return byScore(scores, about.score, theme);
  return byNothing(about.rows, theme);
}
