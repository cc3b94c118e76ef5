/** Python that repeats what is on the page, to the last bit: all numbers are those that the model was asked with. */
import { float32 } from "../backend/arrays";
import { base64Of } from "../maths/base64";
import { place, type Plane } from "../maths/plane";
import { float32Text, vectorText } from "./numbers";
import type { Subject, What } from "./subject";

export function pythonOf(subject: Subject, what: What): string {
  const body = { picture, morph, lattice, attribute, classes, drawing }[what](subject);
  const imports = [...(what === "drawing" ? ["import base64", ""] : []), "from aevum import load", "import numpy as np"];
  return [...imports, "", ...opened(subject), ...body, ""].join("\n");
}

/** Whether the code names the folder of the model; where it does not, the reader has to. */
export function knowsFolder({ about }: Subject): boolean {
  return subjectName(about) !== null;
}

function picture({ about, z, y }: Subject): string[] {
  const name = variable(about.model);
  return [...contextOf(name, about, y), `z = ${array([z])}`, `x = ${name}.inverse_transform(z${given(y, "")})`];
}

function morph({ about, morph: way, y }: Subject): string[] {
  const name = variable(about.model);
  const { a, b, n, path } = way!;
  return [
    ...contextOf(name, about, y),
    `a = ${array(a)}`,
    `b = ${array(b)}`,
    `x = ${name}.interpolate(a, b, ${n}, path="${path}"${given(y)}).x`,
  ];
}

function lattice({ about, plane, z, y, lattice: cells }: Subject): string[] {
  const name = variable(about.model);
  const { columns, rows, bounds } = cells!;
  return [
    ...contextOf(name, about, y),
    `left, right, bottom, top = ${[bounds.left, bounds.right, bounds.bottom, bounds.top].join(", ")}`,
    `u = left + (0.5 + np.arange(${columns})) * (right - left) / ${columns}`,
    `v = top - (0.5 + np.arange(${rows})) * (top - bottom) / ${rows}`,
    `u, v = np.tile(u, ${rows}), np.repeat(v, ${columns})`,
    ...onPlane(plane, about, z),
    `x = ${name}.inverse_transform(z.astype(np.float32)${given(y, "")})  # ${rows} lines of ${columns}`,
  ];
}

/** Rows of z at u and v, with the sums of {@link moved} in its order: floating point is not associative. */
function onPlane(plane: Plane, about: Subject["about"], z: readonly number[]): string[] {
  const at = `z = np.tile(${doubles(z)}, (len(u), 1))`;
  if (plane.kind === "line") return [at, `z[:, ${plane.x}] = u`];
  if (plane.kind === "dims") return [at, `z[:, ${plane.x}], z[:, ${plane.y}] = u, v`];
  const { u, v } = place(plane, about, z);
  const [first, second] = about.pca!.axes;
  return [
    at,
    `first, second = ${doubles(first!)}, ${doubles(second!)}  # principal axes`,
    `z = z + (u - ${u})[:, None] * first + (v - ${v})[:, None] * second`,
  ];
}

function attribute({ about, attribute: direction, z, y }: Subject): string[] {
  const name = variable(about.model);
  const { vector, name: title } = direction!;
  return [
    ...contextOf(name, about, y),
    `z = ${array([z])}`,
    `v = np.array(${vectorText(vector, String)})  # ${oneLine(title)}`,
    `x = ${name}.add_attribute(z, v, 1.0${given(y)})  # all of it; 0.5 is half of it, and -1.0 takes it off`,
  ];
}

function classes({ about, z }: Subject): string[] {
  const name = variable(about.model);
  return [
    `y = ${name}.classes_`,
    `z = np.repeat(${array([z])}, len(y), axis=0)`,
    `x = ${name}.inverse_transform(z, y)  # one picture a class`,
  ];
}

function drawing({ about, drawing: values, y }: Subject): string[] {
  const name = variable(about.model);
  const { buffer, byteOffset, byteLength } = float32(values!);
  const bytes = base64Of(new Uint8Array(buffer, byteOffset, byteLength));
  const shape = [1, ...about.event].join(", ");
  return [
    ...contextOf(name, about, y),
    `x = np.frombuffer(base64.b64decode("${bytes}"), np.float32).reshape(${shape})`,
    `mean, deviation = ${name}.encode(x${given(y)})`,
    `reconstruction = ${name}.inverse_transform(mean${given(y, "")})`,
    `distortion, rate = ${name}.distortion_and_rate(x${given(y)})`,
    `score = distortion + rate  # ${oneLine(`${about.score.name} in ${about.score.unit}`)}`,
  ];
}

function opened({ about, stop }: Subject): string[] {
  const name = variable(about.model);
  const folder = folderOf(subjectName(about), stop.id === about.id ? null : stop.epoch);
  return [`${name} = load(${quoted(folder.path)})${folder.known ? "" : "  # the folder that the model was saved in"}`];
}

/** A model that Python shows has no folder that the page could know; one that was just trained is known by its data. */
function subjectName({ id, name, model, data }: Subject["about"]): string | null {
  return name === model || (id === "live" && name === data) ? null : name;
}

function folderOf(name: string | null, epoch: number | null): { path: string; known: boolean } {
  const run = name ?? "runs/…";
  if (epoch === null) return { path: run, known: name !== null };
  const root = run.replace(/\/+$/, "").replace(/\/model$/, "");
  return { path: `${root}/checkpoints/epoch-${String(epoch).padStart(5, "0")}`, known: name !== null };
}

/** A class as the model knows it, or a row of weights or of real values. */
function contextOf(name: string, { classes }: Subject["about"], y: Subject["y"]): string[] {
  if (!y) return [];
  const place = y.indexOf(1);
  if (classes && (place >= 0 || classes.length === 1)) {
    return [`y = ${name}.classes_[${Math.max(place, 0)}]  # ${oneLine(classes[Math.max(place, 0)]!)}`];
  }
  return [`y = ${array([y])}`];
}

const given = (y: Subject["y"], name = "y="): string => (y ? `, ${name}y` : "");
const variable = (model: string): string => (/^[A-Za-z_]\w*$/.test(model) ? model.toLowerCase() : "model");
const oneLine = (text: string): string => text.replace(/\s+/g, " ");
const quoted = (text: string): string => JSON.stringify(text);

const doubles = (values: readonly number[]): string => `np.array(${vectorText(values, String)}, dtype=np.float64)`;

/** One code, or rows of them. */
function array(values: readonly number[] | readonly (readonly number[])[]): string {
  const text = values.map((value) => (typeof value === "number" ? float32Text(value) : vectorText(value))).join(", ");
  return `np.array([${text}], dtype=np.float32)`;
}
