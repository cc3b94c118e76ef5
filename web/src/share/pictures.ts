/** What is on the page as pictures of their own: pixels stay squares, whatever their size. */
import type { Values } from "../backend/arrays";
import { drawExample, exampleSize, type Painter } from "../parts/example";
import { chartSize, drawChart, type Colours } from "./chart";

/** A picture's longer side in pixels at least. */
const LEAST = 512;
/** The same of a frame of a strip, and of a film. */
const LEAST_IN_STRIP = 112;
const LEAST_IN_FILM = 256;
const GAP = 4;
const MOST_IN_ROW = 12;

export interface Dress {
  readonly painter: Painter;
  readonly colours: Colours;
}

/** An example in its own pixels: those of the picture, or of a chart of its values. */
function exampleCanvas(values: Values, { painter, colours }: Dress): HTMLCanvasElement {
  const { looks } = painter;
  const canvas = canvasOf(looks.kind === "image" ? exampleSize(looks) : chartSize(looks, painter));
  const context = canvas.getContext("2d")!;
  if (looks.kind === "image") drawExample(context, values, painter);
  else drawChart(context, values, looks, painter, colours);
  return canvas;
}

export function pictureCanvas(values: Values, dress: Dress): HTMLCanvasElement {
  return enlarged(exampleCanvas(values, dress), LEAST);
}

/** Frames side by side, in rows where there are many. */
export function stripCanvas(examples: readonly Values[], dress: Dress): HTMLCanvasElement {
  const frames = examples.map((values) => enlarged(exampleCanvas(values, dress), LEAST_IN_STRIP));
  const { width, height } = frames[0]!;
  const columns = Math.ceil(frames.length / Math.ceil(frames.length / MOST_IN_ROW));
  const rows = Math.ceil(frames.length / columns);
  const whole = canvasOf({ width: columns * (width + GAP) + GAP, height: rows * (height + GAP) + GAP });
  const context = whole.getContext("2d")!;
  context.fillStyle = dress.colours.paper;
  context.fillRect(0, 0, whole.width, whole.height);
  frames.forEach((frame, i) => {
    context.drawImage(frame, GAP + (i % columns) * (width + GAP), GAP + Math.floor(i / columns) * (height + GAP));
  });
  return whole;
}

export interface Frames {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly frames: readonly Uint8ClampedArray[];
}

/** Examples as the frames of a film. What shows through is the page's ground. */
export function exampleFrames(examples: readonly Values[], dress: Dress): Frames {
  const frames = framesOf(examples.map((values) => grounded(exampleCanvas(values, dress), dress.colours.paper)));
  return { ...frames, scale: scaleFor(frames, LEAST_IN_FILM) };
}

export function framesOf(canvases: readonly HTMLCanvasElement[]): Frames {
  const { width, height } = canvases[0]!;
  const frames = canvases.map((canvas) => canvas.getContext("2d")!.getImageData(0, 0, width, height).data);
  return { width, height, scale: 1, frames };
}

function canvasOf({ width, height }: { width: number; height: number }): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  return canvas;
}

const scaleFor = ({ width, height }: { width: number; height: number }, least: number): number =>
  Math.max(1, Math.ceil(least / Math.max(width, height)));

function enlarged(canvas: HTMLCanvasElement, least: number): HTMLCanvasElement {
  const scale = scaleFor(canvas, least);
  const large = canvasOf({ width: scale * canvas.width, height: scale * canvas.height });
  const context = large.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  return large;
}

function grounded(canvas: HTMLCanvasElement, ground: string): HTMLCanvasElement {
  const context = canvas.getContext("2d")!;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
