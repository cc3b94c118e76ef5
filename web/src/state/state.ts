/** All that a link to the page holds, as one value that is never changed in place. */
import { colourable } from "./columns";
import { hasLabels, momentsOf, type About, type PathKind } from "../backend/backend";
import { defaultPlane, type Plane } from "../maths/plane";
import type { View } from "../maths/view";
import { NO_ATTRIBUTES, type Attributes } from "./attributes";
import { AS_FITTED, type Teaching } from "./teaching";

/** By y, by a column of labels beside it, by scores, or all alike. */
export type Colouring = "label" | "score" | "none" | `column:${string}`;
export type Layer = "points" | "lattice" | "density" | "names" | "prior";
export const LAYERS: readonly Layer[] = ["points", "lattice", "density", "names", "prior"];
/** So many points hide each other: the map shows where they are densest, and what they are. */
const CROWD = 20_000;
export const PATHS: readonly PathKind[] = ["linear", "spherical", "geodesic"];
/** A tour has no more steps. */
export const STEPS = 60;
export const FRAMES = { fewest: 3, most: 60, usual: 12 } as const;

/** What runs side by side share while one's probe moves: its code, or the row that is nearest to it. */
export type Shared = "code" | "row";

/** An end of a morph: a row of the data by its number, or a code. */
export type End = { readonly row: number } | { readonly z: readonly number[] };

export interface Morph {
  readonly a: End | null;
  readonly b: End | null;
  readonly path: PathKind;
  readonly n: number;
}

/** What is seen inside of the model: the probe or the row where it is, or the picture that was drawn; by which noise. */
export interface Inside {
  readonly of: "probe" | "drawing";
  /** ε; null for none. */
  readonly epsilon: readonly number[] | null;
}

/** A part of the map from which codes are drawn evenly. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Which codes that no row has are decoded. */
export interface Generate {
  /** Of the draws; 0 before the first. */
  readonly seed: number;
  /** From N(0, I) at 0 to the law of the model's own codes at 1. */
  readonly blend: number;
  readonly box: Box | null;
}

/** A run beside this one, and what its map shows. */
export interface Column {
  readonly run: string;
  readonly epoch: number | null;
  /** Null: as usual for that run. */
  readonly plane: Plane | null;
  readonly view: View | null;
}

export interface State {
  readonly run: string;
  /** The code that is decoded. */
  readonly z: readonly number[];
  /** What a conditional model is conditioned on: the classes' weights, or real values. */
  readonly y: readonly number[] | null;
  /** The row of the data whose code z is. */
  readonly row: number | null;
  readonly plane: Plane;
  /** Null: all of the data. */
  readonly view: View | null;
  readonly colour: Colouring;
  /** The labels that are singled out; none means all. */
  readonly only: readonly number[];
  readonly layers: readonly Layer[];
  readonly panel: string;
  readonly morph: Morph;
  readonly inside: Inside;
  readonly generate: Generate;
  readonly teaching: Teaching;
  readonly attributes: Attributes;
  /** The picture that was drawn or brought, as {@link drawnText} writes it; null while there is none. */
  readonly drawn: string | null;
  /** The epoch whose model is shown; null for the run as it is. */
  readonly epoch: number | null;
  /** The runs that are shown beside this one. */
  readonly beside: readonly Column[];
  readonly shared: Shared;
  /** The step of the tour, from 1; null while there is none. */
  readonly tour: number | null;
  /** Large, and with little around it: for a room. */
  readonly presenting: boolean;
}

/** Whether the way from A to B is looked at: in its panel, or in the columns of runs side by side. */
export function showsWay({ panel, beside }: State): boolean {
  return panel === "morph" || beside.length > 0;
}

export function initial(about: About): State {
  return {
    run: about.id,
    z: roundedCode(about.prior.mean, about),
    y: defaultContext(about),
    row: null,
    plane: defaultPlane(about),
    view: null,
    colour: usualColour(about),
    only: [],
    layers: usualLayers(about),
    panel: "sliders",
    morph: { a: null, b: null, path: "linear", n: FRAMES.usual },
    inside: { of: "probe", epsilon: null },
    generate: { seed: 0, blend: 0, box: null },
    teaching: AS_FITTED,
    attributes: NO_ATTRIBUTES,
    drawn: null,
    epoch: null,
    beside: [],
    shared: "code",
    tour: null,
    presenting: false,
  };
}

function usualColour(about: About): Colouring {
  const first = colourable(about)[0];
  return hasLabels(about) ? "label" : first ? `column:${first.name}` : "none";
}

function usualLayers(about: About): readonly Layer[] {
  if (about.rows === 0) return ["prior"];
  return about.rows < CROWD || about.latent_dim < 2 ? ["points"] : ["points", "density", "names"];
}

/** A column as it is opened. */
export function columnOf(run: string): Column {
  return { run, epoch: null, plane: null, view: null };
}

/** The middle of where codes lie. */
export function originOf(about: About): readonly number[] {
  return roundedCode(momentsOf(about).mean, about);
}

function defaultContext(about: About): readonly number[] | null {
  if (!about.conditional) return null;
  if (about.classes) return about.classes.map((_, i) => (i === 0 ? 1 : 0));
  return about.context_mean ?? Array.from({ length: about.context }, () => 0);
}

/** Noise as a link says it: no noise at all is null. */
export function roundedNoise(epsilon: readonly number[]): readonly number[] | null {
  const found = epsilon.map((value) => rounded(value, 1));
  return found.some((value) => value !== 0) ? found : null;
}

/**
 * A value of z to a ten-thousandth of its dimension's deviation. What is decoded is what a link and copied code say, to
 * the last digit, and they stay short.
 */
export function rounded(value: number, deviation: number): number {
  const scale = Number.isFinite(deviation) && deviation > 0 ? deviation : 1;
  const places = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(scale))));
  return Number(value.toFixed(places)) || 0;
}

export function roundedCode(z: readonly number[], about: About): number[] {
  return z.map((value, d) => rounded(value, about.prior.deviation[d] ?? 1));
}
