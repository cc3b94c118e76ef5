/** The map with its legend as one picture, drawn anew at the resolution that is asked for. */
import type { Rgb } from "../maths/colour";
import type { Point } from "../maths/plane";
import { endText } from "../maths/ticks";
import { exitTo, screenX, screenY, type Frame } from "../maths/view";
import type { Legend, LegendEntry } from "./colouring";
import { ARROW, HALO, type Stretch } from "./live-layer";
import { FONT, drawOverlay, type Gutters, type Ink, type Marks } from "./overlay";
import { PointLayer, type Points } from "./point-layer";

export interface Parts {
  readonly frame: Frame;
  readonly gutters: Gutters;
  /** Of the map without its gutters, in CSS pixels, and the device pixels of one. */
  readonly size: { readonly width: number; readonly height: number; readonly ratio: number };
  readonly points: Points | null;
  /** Of the points' rims. */
  readonly halo: Rgb | null;
  readonly lattice: HTMLCanvasElement | null;
  readonly marks: Marks;
  readonly ink: Ink;
  readonly probe: Point | null;
  readonly trail: readonly Stretch[];
  readonly accent: string;
  readonly legend: Legend;
  readonly only: readonly number[];
  readonly caption: string | null;
}

const EDGE = 12;
const LINE = 22;

export function pictureOf(parts: Parts): HTMLCanvasElement {
  const { frame, gutters, size, ink, marks } = parts;
  const [width, height] = [size.width + gutters.left, size.height + gutters.bottom];
  const lines = parts.points ? linesOf(parts.legend, parts.only, width - 2 * EDGE) : [];
  const canvas = document.createElement("canvas");
  const whole = { width: width + EDGE, height: height + EDGE + lines.length * LINE + (lines.length ? EDGE / 2 : 0) };
  canvas.width = Math.round(whole.width * size.ratio);
  canvas.height = Math.round(whole.height * size.ratio);
  const context = canvas.getContext("2d")!;
  context.scale(size.ratio, size.ratio);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, whole.width, whole.height);
  context.translate(0, EDGE);
  if (parts.lattice) context.drawImage(parts.lattice, gutters.left, 0, size.width, size.height);
  if (parts.points) drawPoints(context, parts.points, parts);
  context.drawImage(overlayOf(frame, gutters, marks, ink, size.ratio), 0, 0, width, height);
  drawTrail(context, parts);
  if (parts.probe) drawProbe(context, frame, gutters, parts.probe, ink, parts.accent);
  if (parts.caption) drawCaption(context, parts.caption, width, ink);
  lines.forEach((line, i) => drawLine(context, line, height + i * LINE + LINE / 2, parts));
  return canvas;
}

function drawPoints(context: CanvasRenderingContext2D, points: Points, { frame, gutters, size, halo }: Parts): void {
  const layer = new PointLayer(document.createElement("canvas"));
  layer.resize(size.width, size.height, size.ratio);
  layer.draw(points, frame, halo);
  context.drawImage(layer.canvas, gutters.left, 0, size.width, size.height);
}

/** On a canvas of its own, since the overlay clears what it is drawn on. */
function overlayOf(frame: Frame, gutters: Gutters, marks: Marks, ink: Ink, ratio: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((frame.width + gutters.left) * ratio);
  canvas.height = Math.round((frame.height + gutters.bottom) * ratio);
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  drawOverlay(context, frame, gutters, marks, ink);
  return canvas;
}

function drawTrail(context: CanvasRenderingContext2D, { trail, frame, gutters, ink, accent }: Parts): void {
  context.save();
  context.beginPath();
  context.rect(gutters.left, 0, frame.width, frame.height);
  context.clip();
  [context.lineCap, context.lineJoin] = ["round", "round"];
  for (const [more, colour] of [[HALO, ink.paper], [0, accent]] as const) {
    context.strokeStyle = colour;
    for (const { points, width } of trail) {
      context.lineWidth = width + more;
      context.beginPath();
      for (const { u, v } of points) context.lineTo(gutters.left + screenX(frame, u), screenY(frame, v));
      context.stroke();
    }
  }
  context.restore();
}

function drawProbe(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { left }: Gutters,
  point: Point,
  ink: Ink,
  accent: string,
): void {
  const exit = exitTo(frame, point, ARROW.inset);
  if (exit) return drawArrow(context, left + exit.x, exit.y, exit.angle, ink, accent);
  const [x, y] = [left + screenX(frame, point.u), screenY(frame, point.v)];
  for (const [width, colour] of [[7, ink.paper], [3, accent]] as const) {
    context.beginPath();
    context.arc(x, y, 11, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
  for (const [radius, colour] of [[4, ink.paper], [2.5, accent]] as const) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
  }
}

function drawArrow(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  angle: number,
  ink: Ink,
  accent: string,
): void {
  const arrow = new Path2D(ARROW.path);
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  [context.lineJoin, context.lineWidth, context.strokeStyle] = ["round", 5, ink.paper];
  context.stroke(arrow);
  context.fillStyle = accent;
  context.fill(arrow);
  context.restore();
}

function drawCaption(context: CanvasRenderingContext2D, caption: string, width: number, ink: Ink): void {
  context.font = `600 14px ${FONT}`;
  context.textAlign = "right";
  context.textBaseline = "top";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = ink.paper;
  context.strokeText(caption, width - EDGE, 4);
  context.fillStyle = ink.text;
  context.fillText(caption, width - EDGE, 4);
}

type Line = readonly LegendEntry[] | "scale";

const GAP = 18;
const DOT = 5;

/** Labels in lines that are no wider than this; those that are not singled out are left out. */
function linesOf(legend: Legend, only: readonly number[], width: number): readonly Line[] {
  if (legend.kind === "scale") return ["scale"];
  if (legend.kind === "none") return [];
  const lines: LegendEntry[][] = [];
  let room = 0;
  for (const entry of legend.entries) {
    if (only.length && !only.includes(entry.label)) continue;
    const size = widthOf(entry.text);
    if (size > room) {
      lines.push([]);
      room = width;
    }
    lines.at(-1)!.push(entry);
    room -= size;
  }
  return lines;
}

const measuring = { context: null as CanvasRenderingContext2D | null };

function widthOf(text: string): number {
  measuring.context ??= document.createElement("canvas").getContext("2d")!;
  measuring.context.font = `12px ${FONT}`;
  return 2 * DOT + 5 + measuring.context.measureText(text).width + GAP;
}

function drawLine(context: CanvasRenderingContext2D, line: Line, y: number, parts: Parts): void {
  context.font = `12px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  if (line === "scale") return drawScale(context, y, parts);
  let x = EDGE;
  for (const { text, colour } of line) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x + DOT, y, DOT, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = parts.ink.text;
    context.fillText(text, x + 2 * DOT + 5, y);
    x += widthOf(text);
  }
}

function drawScale(context: CanvasRenderingContext2D, y: number, { legend, ink }: Parts): void {
  if (legend.kind !== "scale") return;
  const start = `${legend.name}  ${endText(legend.low, legend.low, legend.high)}`;
  const [left, width] = [EDGE + context.measureText(start).width + 8, 180];
  context.fillStyle = ink.text;
  context.fillText(start, EDGE, y);
  const gradient = context.createLinearGradient(left, 0, left + width, 0);
  legend.colours.forEach((colour, i) => gradient.addColorStop(i / (legend.colours.length - 1), colour));
  context.fillStyle = gradient;
  context.fillRect(left, y - 5, width, 10);
  context.fillStyle = ink.text;
  context.fillText(endText(legend.high, legend.low, legend.high), left + width + 8, y);
}
