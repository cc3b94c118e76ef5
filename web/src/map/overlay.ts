/** What is drawn over the points and stays while the probe moves: axes, the prior's rings, a posterior, a morph's way. */
import { ellipse, plainName, type Covariance, type Point } from "../maths/plane";
import type { Region } from "../maths/density";
import { decimals, ticks } from "../maths/ticks";
import { boundsOf, screenX, screenY, type Bounds, type Frame } from "../maths/view";
import { fixed } from "../maths/format";
import type { ArrowMark } from "./arrows";
import type { ClassName } from "./crowd";
import { drawDensity, drawNames, drawTraitArrows } from "./crowd-ink";

/** The space beside the plot for the axes' numbers and names. */
export interface Gutters {
  readonly left: number;
  readonly bottom: number;
}

export interface Ink {
  readonly text: string;
  readonly soft: string;
  readonly rule: string;
  readonly paper: string;
  readonly second: string;
  readonly alarm: string;
}

export interface Gaussian {
  readonly mean: Point;
  readonly covariance: Covariance;
}

export interface Marks {
  readonly names: readonly [string, string];
  /** Whether the vertical axis means something. */
  readonly vertical: boolean;
  readonly prior: Gaussian | readonly Region[] | null;
  readonly posterior: Gaussian | null;
  /** Draws of it. */
  readonly cloud: readonly Point[];
  /** Codes of a grid, and the box that they may be from. */
  readonly sown: readonly Point[];
  readonly box: Bounds | null;
  readonly walk: readonly Point[];
  readonly ends: readonly { readonly name: string; readonly at: Point }[];
  /** Where points are densest, what they are there, and the directions of traits. */
  readonly density?: readonly Region[] | null;
  readonly classNames?: readonly ClassName[];
  readonly arrows?: readonly ArrowMark[];
}

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
/** So far outside of the map a band ends that has no ends. */
const BEYOND = 8;
const LABEL_ROOM = 14;
const TICK_ROOM = { across: 64, up: 56 } as const;

export function drawOverlay(
  context: CanvasRenderingContext2D,
  frame: Frame,
  gutters: Gutters,
  marks: Marks,
  ink: Ink,
): void {
  context.clearRect(0, 0, frame.width + gutters.left, frame.height + gutters.bottom);
  drawAxes(context, frame, gutters, marks, ink);
  context.save();
  context.translate(gutters.left, 0);
  context.beginPath();
  context.rect(0, 0, frame.width, frame.height);
  context.clip();
  if (marks.prior && !("mean" in marks.prior)) drawRegions(context, frame, marks.prior, marks.vertical, ink);
  else if (marks.prior) drawPrior(context, frame, marks.prior, marks.vertical, ink);
  if (marks.density && marks.vertical) drawDensity(context, frame, marks.density, ink);
  if (marks.posterior) drawPosterior(context, frame, marks.posterior, marks.vertical, ink);
  drawCloud(context, frame, marks.cloud, marks.vertical, ink);
  if (marks.box) drawBox(context, frame, marks.box, marks.vertical, ink);
  drawSown(context, frame, marks.sown, marks.vertical, ink);
  drawLine(context, frame, marks.walk, ink);
  for (const { name, at } of marks.ends) drawEnd(context, frame, name, at, ink);
  drawNames(context, frame, marks.classNames ?? [], ink);
  drawTraitArrows(context, frame, marks.arrows ?? [], marks.vertical, ink);
  context.restore();
}

function drawAxes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { left, bottom }: Gutters,
  { names, vertical }: Marks,
  ink: Ink,
): void {
  const { width, height } = frame;
  const bounds = boundsOf(frame);
  context.strokeStyle = ink.rule;
  context.lineWidth = 1;
  context.fillStyle = ink.soft;
  context.font = `11px ${FONT}`;
  line(context, left - 0.5, 0, left - 0.5, height + 0.5);
  line(context, left - 0.5, height + 0.5, left + width, height + 0.5);
  const across = ticks(bounds.left, bounds.right, width / TICK_ROOM.across);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of across) {
    const x = Math.round(left + screenX(frame, value)) + 0.5;
    // A tick at the very edge has no room for its number.
    if (x < left + 12 || x > left + width - 12) continue;
    line(context, x, height, x, height + 5);
    context.fillText(fixed(value, decimals(across)), x, height + 7);
  }
  if (vertical) drawVerticalTicks(context, frame, left, ink);
  context.fillStyle = ink.text;
  context.font = `12px ${FONT}`;
  context.fillText(fitting(context, names[0], width), left + width / 2, height + bottom - 15);
  context.save();
  context.translate(3, height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(fitting(context, names[1], height), 0, 0);
  context.restore();
}

/** The longest form of an axis's name for which there is room. */
function fitting(context: CanvasRenderingContext2D, name: string, room: number): string {
  return [name, plainName(name)].find((text) => context.measureText(text).width <= room) ?? "";
}

function drawVerticalTicks(context: CanvasRenderingContext2D, frame: Frame, left: number, ink: Ink): void {
  const bounds = boundsOf(frame);
  const up = ticks(bounds.bottom, bounds.top, frame.height / TICK_ROOM.up);
  context.save();
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = ink.soft;
  for (const value of up) {
    const y = Math.round(screenY(frame, value)) + 0.5;
    if (y < 8 || y > frame.height - 6) continue;
    line(context, left - 5, y, left, y);
    context.fillText(fixed(value, decimals(up)), left - 8, y);
  }
  context.restore();
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** An ellipse at so many deviations, as a path; where only the horizontal axis means something, a band. */
function trace(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { mean, covariance }: Gaussian,
  deviations: number,
  vertical: boolean,
): void {
  const { uu, uv, vv } = covariance;
  const [a, b] = [frame.pixelsU, -frame.pixelsV];
  const { major, minor, angle } = ellipse({ uu: uu * a * a, uv: uv * a * b, vv: vv * b * b });
  context.beginPath();
  const [x, y] = [screenX(frame, mean.u), screenY(frame, mean.v)];
  if (!vertical) {
    const half = deviations * Math.sqrt(uu) * a;
    context.rect(x - half, -BEYOND, 2 * half, frame.height + 2 * BEYOND);
    return;
  }
  context.ellipse(x, y, major * deviations, minor * deviations, angle, 0, 2 * Math.PI);
}

/** Regions of highest density, each with the share of codes that it holds. */
function drawRegions(
  context: CanvasRenderingContext2D,
  frame: Frame,
  regions: readonly Region[],
  vertical: boolean,
  ink: Ink,
): void {
  context.font = `11px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  for (const { outlines } of regions) {
    context.beginPath();
    for (const outline of outlines) traceOutline(context, frame, outline, vertical);
    context.fillStyle = ink.soft;
    context.globalAlpha = 0.05;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.setLineDash([4, 4]);
    haloed(context, ink.paper, ink.soft, 1);
  }
  context.setLineDash([]);
  context.fillStyle = ink.soft;
  let last = -Infinity;
  [...regions].reverse().forEach(({ share, outlines }, i) => {
    // Of what is in sight: a region may reach beyond it.
    const points = outlines.flat().filter(({ u, v }) => {
      const [x, y] = [screenX(frame, u), screenY(frame, v)];
      return !vertical || (x >= 0 && x <= frame.width && y >= LABEL_ROOM + 2 && y <= frame.height);
    });
    if (!points.length) return;
    const end = points.reduce((a, b) => ((vertical ? b.v > a.v : b.u > a.u) ? b : a), points[0]!);
    const [x, y] = [screenX(frame, end.u) + 4, vertical ? screenY(frame, end.v) - 2 : 18 + LABEL_ROOM * i];
    // An inner region's has no room where the regions lie close.
    if (y - last < LABEL_ROOM) return;
    last = y;
    label(context, `${(100 * share).toFixed(share > 0.99 ? 1 : 0)} %`, x, y, ink);
  });
}

/** A closed line; where only the horizontal axis means something, a band between two ends. */
function traceOutline(
  context: CanvasRenderingContext2D,
  frame: Frame,
  outline: readonly Point[],
  vertical: boolean,
): void {
  if (vertical) {
    outline.forEach(({ u, v }, i) => context[i ? "lineTo" : "moveTo"](screenX(frame, u), screenY(frame, v)));
    context.closePath();
    return;
  }
  const [left, right] = [screenX(frame, outline[0]!.u), screenX(frame, outline[1]!.u)];
  context.rect(left, -BEYOND, right - left, frame.height + 2 * BEYOND);
}

function drawPrior(
  context: CanvasRenderingContext2D,
  frame: Frame,
  prior: Gaussian,
  vertical: boolean,
  ink: Ink,
): void {
  context.fillStyle = ink.soft;
  context.font = `11px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  for (const deviations of [1, 2, 3]) {
    trace(context, frame, prior, deviations, vertical);
    context.globalAlpha = 0.05;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([4, 4]);
    haloed(context, ink.paper, ink.soft, 1);
    const { mean, covariance } = prior;
    const [right, up] = [Math.sqrt(covariance.uu) * frame.pixelsU, Math.sqrt(covariance.vv) * frame.pixelsV];
    const [x, y] = [screenX(frame, mean.u), screenY(frame, mean.v)];
    if (vertical) label(context, `${deviations}σ`, x + 4, y - deviations * up - 2, ink);
    else for (const side of [-1, 1]) label(context, `${deviations}σ`, x + side * deviations * right + 4, 18, ink);
  }
  context.setLineDash([]);
}

/** Words that can be read on any ground. */
function label(context: CanvasRenderingContext2D, text: string, x: number, y: number, ink: Ink): void {
  context.setLineDash([]);
  context.lineJoin = "round";
  context.strokeStyle = ink.paper;
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function drawPosterior(
  context: CanvasRenderingContext2D,
  frame: Frame,
  posterior: Gaussian,
  vertical: boolean,
  ink: Ink,
): void {
  for (const deviations of [2, 1]) {
    trace(context, frame, posterior, deviations, vertical);
    context.fillStyle = ink.second;
    context.globalAlpha = 0.18;
    context.fill();
    context.globalAlpha = 1;
    haloed(context, ink.paper, ink.second, 1.5);
  }
  const [x, y] = [screenX(frame, posterior.mean.u), screenY(frame, posterior.mean.v)];
  context.beginPath();
  context.moveTo(x - 5, y);
  context.lineTo(x + 5, y);
  context.moveTo(x, y - 5);
  context.lineTo(x, y + 5);
  haloed(context, ink.paper, ink.second, 1.5);
}

function drawBox(context: CanvasRenderingContext2D, frame: Frame, box: Bounds, vertical: boolean, ink: Ink): void {
  const [x, width] = [screenX(frame, box.left), (box.right - box.left) * frame.pixelsU];
  context.beginPath();
  if (vertical) context.rect(x, screenY(frame, box.top), width, (box.top - box.bottom) * frame.pixelsV);
  else context.rect(x, -BEYOND, width, frame.height + 2 * BEYOND);
  haloed(context, ink.paper, ink.alarm, 2);
}

/** As crosses, which rows are not. */
function drawSown(context: CanvasRenderingContext2D, frame: Frame, sown: readonly Point[], vertical: boolean, ink: Ink): void {
  const size = 4;
  sown.forEach(({ u, v }, i) => {
    const [x, y] = [screenX(frame, u), vertical ? screenY(frame, v) : spread(i) * frame.height];
    context.beginPath();
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x - size, y + size);
    context.lineTo(x + size, y - size);
    haloed(context, ink.paper, ink.text, 2);
  });
}

/** Over the height, where it means nothing. */
const spread = (i: number): number => (i * 0.618034) % 1;

function drawCloud(context: CanvasRenderingContext2D, frame: Frame, cloud: readonly Point[], vertical: boolean, ink: Ink): void {
  context.fillStyle = ink.second;
  context.strokeStyle = ink.paper;
  context.lineWidth = 1;
  cloud.forEach(({ u, v }, i) => {
    const y = vertical ? screenY(frame, v) : spread(i) * frame.height;
    context.beginPath();
    context.arc(screenX(frame, u), y, 2.5, 0, 2 * Math.PI);
    context.stroke();
    context.fill();
  });
}

/** A line that shows on any ground: its colour, on a wider line of the page's colour. */
function haloed(context: CanvasRenderingContext2D, halo: string, colour: string, width: number): void {
  context.strokeStyle = halo;
  context.lineWidth = width + 3;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function drawLine(context: CanvasRenderingContext2D, frame: Frame, points: readonly Point[], ink: Ink): void {
  if (points.length < 2) return;
  context.lineJoin = "round";
  context.beginPath();
  for (const { u, v } of points) context.lineTo(screenX(frame, u), screenY(frame, v));
  haloed(context, ink.paper, ink.text, 2);
  context.fillStyle = ink.text;
  for (const { u, v } of points) dot(context, screenX(frame, u), screenY(frame, v), 2.5);
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawEnd(context: CanvasRenderingContext2D, frame: Frame, name: string, at: Point, ink: Ink): void {
  const [x, y] = [screenX(frame, at.u), screenY(frame, at.v)];
  context.fillStyle = ink.paper;
  dot(context, x, y, 11);
  context.fillStyle = ink.text;
  dot(context, x, y, 9.5);
  context.fillStyle = ink.paper;
  context.font = `600 12px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(name, x, y + 0.5);
}
