/**
 * The state as the part of an address after #, and back: `v=1&run=demo&z=0.5,-1.2&panel=morph`. What is as usual is
 * left out; what can't be read is as usual.
 */
import { hasLabels, type About, type PathKind } from "../backend/backend";
import { FARTHEST_OFF, LARGEST, MOST, sensible } from "../maths/bounds";
import { aspect, covariance, defaultPlane, type Plane } from "../maths/plane";
import { eventSize } from "../maths/pixels";
import type { View } from "../maths/view";
import { attributesOf, attributesText, type PlaneTexts } from "./attributes";
import { colourable, wordsOfColour } from "./columns";
import { drawnLevels } from "./drawn";
import { panelFits, panelNow } from "./panels";
import {
  FRAMES,
  LAYERS,
  PATHS,
  STEPS,
  columnOf,
  initial,
  rounded,
  roundedNoise,
  type Box,
  type Colouring,
  type Column,
  type End,
  type Generate,
  type Inside,
  type Layer,
  type Morph,
  type State,
} from "./state";
import { teachingEntries, teachingOf } from "./teaching";

export const VERSION = "1";
/** Longer pictures are left out: not everything that addresses are sent through takes them. */
const MOST_DRAWN = 32_000;
/** More columns than these besides the first are narrow: readers add them if they want to. */
const MOST_BESIDE = 2;

type Entry = readonly [key: string, text: string];

/** `runs` are those that may stand beside this one. */
export function toHash(state: State, about: About, runs: readonly About[] = []): string {
  const usual = initial(about);
  const entries: (Entry | null)[] = [
    ["v", VERSION],
    ["run", encodeURIComponent(state.run)],
    changed("z", listText(state.z, usual.z), listText(usual.z, usual.z)),
    state.y && changed("y", contextText(state.y, about), contextText(usual.y ?? [], about)),
    state.row === null ? null : ["row", String(state.row)],
    changed("axes", planeText(state.plane), planeText(usual.plane)),
    state.view && ["view", viewText(state.view, aspect(state.plane, about))],
    changed("colour", encodeURIComponent(state.colour).replace("%3A", ":"), usual.colour),
    state.only.length ? ["only", state.only.join(",")] : null,
    changed("layers", layersText(state.layers), layersText(usual.layers)),
    changed("panel", encodeURIComponent(state.panel), usual.panel),
    state.morph.a && ["a", endText(state.morph.a)],
    state.morph.b && ["b", endText(state.morph.b)],
    changed("path", state.morph.path, usual.morph.path),
    changed("n", String(state.morph.n), String(usual.morph.n)),
    changed("inside", state.inside.of, usual.inside.of),
    state.inside.epsilon && ["noise", listText(state.inside.epsilon, state.inside.epsilon.map(() => 0))],
    state.generate.seed ? ["draws", String(state.generate.seed)] : null,
    state.generate.blend ? ["blend", String(state.generate.blend)] : null,
    state.generate.box && ["box", boxText(state.generate.box)],
    ...teachingEntries(state.teaching),
    state.attributes.list.length ? ["attributes", attributesText(state.attributes, PLANES)] : null,
    state.attributes.orthogonal ? ["orthogonal", "1"] : null,
    state.attributes.shown === null ? null : ["shown", String(state.attributes.shown)],
    drawnFits(state) ? ["drawn", state.drawn!] : null,
    state.epoch === null ? null : ["epoch", String(state.epoch)],
    state.beside.length ? ["beside", state.beside.map(({ run }) => encodeURIComponent(run)).join(",")] : null,
    changed("columns", columnsText(state.beside, runs), ""),
    changed("shared", state.shared, usual.shared),
    state.tour === null ? null : ["tour", String(state.tour)],
    state.presenting ? ["present", "1"] : null,
  ];
  const kept = entries.filter((entry): entry is Entry => entry !== null);
  return kept.map(([key, text]) => `${key}=${text}`).join("&");
}

/** `runs` are those that may stand beside this one. */
export function fromHash(hash: string, about: About, runs: readonly About[] = []): State {
  const found = parts(hash);
  const usual = initial(about);
  if (found.get("v") !== VERSION) return usual;
  const text = (key: string): string => found.get(key) ?? "";
  const row = whole(text("row"), about.rows);
  const plane = planeOf(text("axes"), about) ?? usual.plane;
  return {
    run: about.id,
    z: numbers(text("z"), usual.z, MOST) ?? usual.z,
    y: usual.y && (contextOf(text("y"), usual.y, about) ?? usual.y),
    row,
    plane,
    view: viewOf(text("view"), plane, about),
    colour: colouringOf(text("colour"), about) ?? usual.colour,
    only: onlyOf(text("only"), about, colouringOf(text("colour"), about) ?? usual.colour),
    layers: found.has("layers") ? LAYERS.filter((layer) => text("layers").split(",").includes(layer)) : usual.layers,
    panel: panelFits(panelNow(decoded(text("panel"))), about) ? panelNow(decoded(text("panel"))) : usual.panel,
    morph: morphOf(text, usual.morph, about),
    inside: insideOf(text("inside"), text("noise"), about),
    generate: generateOf(text),
    teaching: teachingOf(text),
    attributes: attributesOf(text, about, PLANES),
    drawn: drawnOf(text("drawn"), about),
    epoch: epochOf(text("epoch"), about),
    beside: besideOf(text("beside"), text("columns"), about, runs),
    shared: text("shared") === "row" ? "row" : usual.shared,
    tour: whole(text("tour"), STEPS + 1) || null,
    presenting: text("present") === "1",
  };
}

/** Whether there is a picture that an address can hold. */
export function drawnFits({ drawn }: State): boolean {
  return drawn !== null && drawn.length <= MOST_DRAWN;
}

/** The run that an address names. */
export function runOf(hash: string): string | null {
  return decoded(parts(hash).get("run") ?? "") || null;
}

/** An address; where it says nothing of a state, runs that were opened together are seen together. */
export function firstLink(hash: string, about: About, runs: readonly About[]): string {
  if (parts(hash).has("v")) return hash;
  const others = runs.filter(({ id }) => id !== about.id).slice(0, MOST_BESIDE);
  return toHash({ ...initial(about), beside: others.map(({ id }) => columnOf(id)) }, about);
}

export function parts(hash: string): Map<string, string> {
  const pairs = hash.replace(/^#/, "").split("&").filter(Boolean);
  return new Map(pairs.map((pair) => [pair.split("=", 1)[0]!, pair.slice(pair.indexOf("=") + 1)]));
}

function changed(key: string, text: string, usual: string): Entry | null {
  return text === usual ? null : [key, text];
}

/** Nothing where an escape is broken. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Five digits place a view well enough. */
const compact = (value: number): string => String(Number(value.toPrecision(5)));

/** Numbers with commas; those that are as usual are empty, at the end left out. */
function listText(values: readonly number[], usual: readonly number[]): string {
  return values.map((value, i) => (value === usual[i] ? "" : String(value))).join(",").replace(/,+$/, "");
}

function numbers(text: string, usual: readonly number[], most: number): readonly number[] | null {
  const found = text.split(",");
  if (found.length > usual.length) return null;
  const values = usual.map((value, i) => (found[i] ? Number(found[i]) : value));
  return values.every((value) => sensible(value, most)) ? values : null;
}

function whole(text: string, below: number): number | null {
  return /^\d+$/.test(text) && Number(text) < below ? Number(text) : null;
}

/** Of classes only those with a weight: `3` or `3:0.4,5:0.6`. */
function contextText(y: readonly number[], about: About): string {
  if (!about.classes) return y.join(",");
  const weights = y.flatMap((weight, i) => (weight > 0 ? [[i, weight] as const] : []));
  return weights.map(([i, weight]) => (weight === 1 ? String(i) : `${i}:${weight}`)).join(",");
}

function contextOf(text: string, usual: readonly number[], about: About): readonly number[] | null {
  if (!text) return null;
  if (!about.classes) return numbers(text, usual, LARGEST);
  const y = usual.map(() => 0);
  for (const part of text.split(",")) {
    const [place = "", weight = "1"] = part.split(":");
    const i = whole(place, y.length);
    if (i === null || !(Number(weight) > 0)) return null;
    y[i] = Number(weight);
  }
  const sum = y.reduce((total, weight) => total + weight, 0);
  return Math.abs(sum - 1) < 1e-6 ? y : null;
}

function planeText(plane: Plane): string {
  if (plane.kind === "pca") return "pca";
  return plane.kind === "line" ? String(plane.x) : `${plane.x},${plane.y}`;
}

function planeOf(text: string, about: About): Plane | null {
  if (text === "pca") return about.pca ? { kind: "pca" } : null;
  const [x = null, y = null, ...more] = text.split(",").map((part) => whole(part, about.latent_dim));
  return x !== null && y !== null && x !== y && more.length === 0 ? { kind: "dims", x, y } : null;
}

const PLANES: PlaneTexts = { text: planeText, plane: planeOf };

/** The middle as precisely as the span asks for, however far off zero it is. */
function viewText({ u, v, span }: View, tall: number): string {
  return [rounded(u, span / 10), rounded(v, (tall * span) / 10), compact(span)].join(",");
}

/** One that shows something: what is a little too close or too far is mended by the map, which knows where points are. */
function viewOf(text: string, plane: Plane, about: About): View | null {
  const [u = Number.NaN, v = Number.NaN, span = Number.NaN] = text ? text.split(",").map(Number) : [];
  const share = span / (Math.sqrt(covariance(plane, about, about.prior.deviation).uu) || 1);
  return sensible(u, FARTHEST_OFF) && sensible(v, FARTHEST_OFF) && share > 1 / MOST && share < MOST ? { u, v, span } : null;
}

function colouringOf(escaped: string, about: About): Colouring | null {
  const text = decoded(escaped);
  const column = colourable(about).find(({ name }) => text === `column:${name}`);
  if (column) return `column:${column.name}`;
  if (text === "label") return hasLabels(about) ? text : null;
  return text === "score" || text === "none" ? text : null;
}

function drawnOf(text: string, about: About): string | null {
  return text && about.kind === "image" && drawnLevels(text, eventSize(about)) ? text : null;
}

/** One that is kept; the last is the run as it is. */
function epochOf(text: string, about: About): number | null {
  return about.checkpoints?.find(({ epoch }) => String(epoch) === text && epoch !== about.epoch)?.epoch ?? null;
}

/** Epoch, view and axes of each column: `3/0,0.5,2/pca;;/1,1,4`; nothing where all are as usual. */
function columnsText(beside: readonly Column[], runs: readonly About[]): string {
  const texts = beside.map(({ run, epoch, view, plane }) => {
    const other = runs.find(({ id }) => id === run);
    const tall = other ? aspect(plane ?? defaultPlane(other), other) : 1;
    return [epoch ?? "", view ? viewText(view, tall) : "", plane ? planeText(plane) : ""].join("/").replace(/\/+$/, "");
  });
  return texts.join(";").replace(/;+$/, "");
}

function besideOf(names: string, columns: string, about: About, runs: readonly About[]): readonly Column[] {
  const shown = columns.split(";");
  const found = names.split(",").flatMap((name, i): Column[] => {
    const other = runs.find(({ id }) => id === decoded(name));
    if (!other || other.id === about.id) return [];
    const [epoch = "", view = "", axes = ""] = (shown[i] ?? "").split("/");
    const plane = planeOf(axes, other);
    const seen = viewOf(view, plane ?? defaultPlane(other), other);
    return [{ run: other.id, epoch: epochOf(epoch, other), plane, view: seen }];
  });
  return found.filter(({ run }, i) => found.findIndex((other) => other.run === run) === i);
}

function onlyOf(text: string, about: About, colour: Colouring): readonly number[] {
  const words = wordsOfColour(about, colour);
  const found = text.split(",").map((part) => whole(part, words.length));
  return [...new Set(found)].filter((label) => label !== null);
}

function boxText({ left, right, bottom, top }: Box): string {
  return [left, right, bottom, top].join(",");
}

function generateOf(text: (key: string) => string): Generate {
  const [left = 0, right = 0, bottom = 0, top = 0, ...more] = text("box").split(",").map(Number);
  const makesSense = [left, right, bottom, top].every((value) => sensible(value)) && left < right && bottom < top && !more.length;
  const blend = Number(text("blend"));
  return {
    seed: whole(text("draws"), 1e6) ?? 0,
    blend: blend >= 0 && blend <= 1 ? blend : 0,
    box: makesSense ? { left, right, bottom, top } : null,
  };
}

function insideOf(of: string, noise: string, { posterior }: About): Inside {
  const zeros = Array.from({ length: posterior?.noise ?? 0 }, () => 0);
  const epsilon = noise ? numbers(noise, zeros, MOST) : null;
  return { of: of === "drawing" ? of : "probe", epsilon: epsilon && roundedNoise(epsilon) };
}

function layersText(layers: readonly Layer[]): string {
  return LAYERS.filter((layer) => layers.includes(layer)).join(",");
}

function endText(end: End): string {
  return "row" in end ? `row${end.row}` : end.z.join(",");
}

function endOf(text: string, about: About): End | null {
  if (text.startsWith("row")) {
    const row = whole(text.slice(3), about.rows);
    return row === null ? null : { row };
  }
  const z = text.split(",").map(Number);
  return text && z.length === about.latent_dim && z.every((value) => sensible(value)) ? { z } : null;
}

function morphOf(text: (key: string) => string, usual: Morph, about: About): Morph {
  const n = whole(text("n"), FRAMES.most + 1);
  return {
    a: endOf(text("a"), about),
    b: endOf(text("b"), about),
    path: PATHS.find((path: PathKind) => path === text("path")) ?? usual.path,
    n: n !== null && n >= FRAMES.fewest ? n : usual.n,
  };
}
