/** Draws an example small: a picture as it is, other data as bars against what is usual, or as a curve if there are many. */
import type { Values } from "../backend/arrays";
import { writePixels } from "../maths/pixels";
import { MOST_LISTED, type Looks, type ValuesLooks } from "../session/looks";

/** How examples look, and in which colours. */
export interface Painter {
  readonly looks: Looks;
  readonly colours: { readonly above: string; readonly below: string; readonly ground: string; readonly rule: string };
}

const BAR = 4;
const GLYPH_HEIGHT = 44;
const MOST_DEVIATIONS = 3;

/** The size in pixels at which an example is drawn; shown larger, its pixels are. */
export function exampleSize(looks: Looks): { width: number; height: number } {
  if (looks.kind === "image") return { width: looks.layout.width, height: looks.layout.height };
  const count = looks.names.length;
  return { width: count > MOST_LISTED ? 2 * GLYPH_HEIGHT : Math.max(GLYPH_HEIGHT, count * BAR), height: GLYPH_HEIGHT };
}

export function drawExample(context: CanvasRenderingContext2D, values: Values, painter: Painter, x = 0, y = 0): void {
  const { looks } = painter;
  const { width, height } = exampleSize(looks);
  if (looks.kind === "image") {
    const image = new ImageData(width, height);
    writePixels(values, looks.layout, image.data);
    context.putImageData(image, x, y);
    return;
  }
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  context.fillStyle = painter.colours.ground;
  context.fillRect(0, 0, width, height);
  if (looks.names.length > MOST_LISTED) drawCurve(context, values, looks, painter, width, height);
  else drawBars(context, values, looks, painter, width, height);
  context.restore();
}

const standard = (values: Values, { mean, deviation }: ValuesLooks, i: number): number =>
  (values[i]! - mean[i]!) / (deviation[i]! || 1);

function drawBars(
  context: CanvasRenderingContext2D,
  values: Values,
  looks: ValuesLooks,
  { colours }: Painter,
  width: number,
  height: number,
): void {
  const step = width / looks.names.length;
  const middle = height / 2;
  context.fillStyle = colours.rule;
  context.fillRect(0, Math.floor(middle), width, 1);
  looks.names.forEach((_, i) => {
    const value = Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, standard(values, looks, i)));
    const length = Math.max(1, (Math.abs(value) / MOST_DEVIATIONS) * (middle - 2));
    context.fillStyle = value >= 0 ? colours.above : colours.below;
    context.fillRect(i * step + 0.5, value >= 0 ? middle - length : middle, Math.max(1, step - 1), length);
  });
}

function drawCurve(
  context: CanvasRenderingContext2D,
  values: Values,
  looks: ValuesLooks,
  { colours }: Painter,
  width: number,
  height: number,
): void {
  const count = looks.names.length;
  const [low, high] = rangeOf(looks);
  context.strokeStyle = colours.above;
  context.lineWidth = 1.2;
  context.beginPath();
  for (let i = 0; i < count; i++) {
    const place = height - 3 - ((values[i]! - low) / (high - low || 1)) * (height - 6);
    context.lineTo((i / (count - 1)) * width, place);
  }
  context.stroke();
}

/** The range in which nearly all values lie. */
export function rangeOf({ mean, deviation }: ValuesLooks): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  mean.forEach((middle, i) => {
    low = Math.min(low, middle - MOST_DEVIATIONS * deviation[i]!);
    high = Math.max(high, middle + MOST_DEVIATIONS * deviation[i]!);
  });
  return [low, high];
}
