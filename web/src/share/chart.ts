/** Decoded values as a chart with their names, for a picture of its own. */
import type { Values } from "../backend/arrays";
import { short } from "../maths/format";
import { FONT } from "../map/overlay";
import { drawExample, exampleSize, type Painter } from "../parts/example";
import { MOST_LISTED, type ValuesLooks } from "../session/looks";

const ROW = 24;
const EDGE = 16;
const [NAMES, BARS, NUMBERS] = [170, 300, 90];
const MOST_DEVIATIONS = 3;
const CURVE_SCALE = 6;

export interface Colours {
  readonly paper: string;
  readonly ink: string;
}

export function chartSize({ names }: ValuesLooks, painter: Painter): { width: number; height: number } {
  if (names.length <= MOST_LISTED) return { width: NAMES + BARS + NUMBERS + 2 * EDGE, height: names.length * ROW + 2 * EDGE };
  const { width, height } = exampleSize(painter.looks);
  return { width: CURVE_SCALE * width, height: CURVE_SCALE * height };
}

/** Too many values to be named are drawn as a curve. */
export function drawChart(
  context: CanvasRenderingContext2D,
  values: Values,
  looks: ValuesLooks,
  painter: Painter,
  { paper, ink }: Colours,
): void {
  const { width, height } = chartSize(looks, painter);
  context.fillStyle = paper;
  context.fillRect(0, 0, width, height);
  if (looks.names.length > MOST_LISTED) {
    context.save();
    context.scale(CURVE_SCALE, CURVE_SCALE);
    drawExample(context, values, painter);
    context.restore();
    return;
  }
  context.font = `13px ${FONT}`;
  context.textBaseline = "middle";
  const middle = EDGE + NAMES + BARS / 2;
  context.fillStyle = painter.colours.rule;
  context.fillRect(middle, EDGE, 1, looks.names.length * ROW);
  looks.names.forEach((name, i) => {
    const y = EDGE + (i + 0.5) * ROW;
    const standard = (values[i]! - looks.mean[i]!) / (looks.deviation[i]! || 1);
    const length = (Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, standard)) / MOST_DEVIATIONS) * (BARS / 2);
    context.fillStyle = standard >= 0 ? painter.colours.above : painter.colours.below;
    context.fillRect(Math.min(middle, middle + length), y - 6, Math.max(1, Math.abs(length)), 12);
    context.fillStyle = ink;
    context.textAlign = "left";
    context.fillText(name, EDGE, y, NAMES - 8);
    context.textAlign = "right";
    context.fillText(short(values[i]!), width - EDGE, y, NUMBERS - 8);
  });
}
