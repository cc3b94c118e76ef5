/** How arrows of traits, lines of density and names of classes are drawn over the points. */
import type { Region } from "../maths/density";
import { screenX, screenY, type Frame } from "../maths/view";
import type { ArrowMark } from "./arrows";
import type { ClassName } from "./crowd";
import { FONT, type Ink } from "./overlay";

const [HEAD, DOT, SHORTEST] = [9, 4, 10];
export const NAME_FONT = `600 12px ${FONT}`;

/** Lines around the densest parts, the innermost the strongest. */
export function drawDensity(context: CanvasRenderingContext2D, frame: Frame, regions: readonly Region[], ink: Ink): void {
  context.save();
  context.lineJoin = "round";
  regions.forEach(({ outlines }, i) => {
    context.beginPath();
    for (const outline of outlines) {
      outline.forEach(({ u, v }, k) => context[k ? "lineTo" : "moveTo"](screenX(frame, u), screenY(frame, v)));
      context.closePath();
    }
    context.globalAlpha = 0.55;
    context.strokeStyle = ink.paper;
    context.lineWidth = 2.5;
    context.stroke();
    context.globalAlpha = 0.9 - 0.1 * i;
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    context.stroke();
  });
  context.restore();
}

export function drawNames(context: CanvasRenderingContext2D, frame: Frame, names: readonly ClassName[], ink: Ink): void {
  context.save();
  context.font = NAME_FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { text, colour, at } of names) {
    const width = context.measureText(text).width + 2 * DOT + 4;
    const [x, y] = [Math.round(screenX(frame, at.u) - width / 2), Math.round(screenY(frame, at.v))];
    context.strokeStyle = ink.paper;
    context.lineWidth = 5;
    context.beginPath();
    context.arc(x + DOT, y, DOT, 0, 2 * Math.PI);
    context.stroke();
    context.strokeText(text, x + 2 * DOT + 4, y);
    context.fillStyle = colour;
    context.fill();
    context.fillStyle = ink.text;
    context.fillText(text, x + 2 * DOT + 4, y);
  }
  context.restore();
}

export function drawTraitArrows(context: CanvasRenderingContext2D, frame: Frame, arrows: readonly ArrowMark[], vertical: boolean, ink: Ink): void {
  const taken: { x: number; y: number; width: number }[] = [];
  arrows.forEach((arrow, i) => {
    // On a line heights mean nothing: arrows lie below one another.
    const y = (v: number): number => (vertical ? screenY(frame, v) : frame.height * 0.2 + 34 * i);
    const [x0, y0, x1, y1] = [screenX(frame, arrow.from.u), y(arrow.from.v), screenX(frame, arrow.to.u), y(arrow.to.v)];
    drawArrow(context, x0, y0, x1, y1, arrow.tint, ink);
    const width = Math.max(...[arrow.text, arrow.note].map((text) => measured(context, text)));
    // Beyond the head, so that the words leave the arrow free.
    const above = y1 <= y0;
    const place = placeFor(frame, x0, x1, above ? y1 - (arrow.note ? 30 : 15) : y1 + 17, width, taken);
    taken.push({ ...place, width });
    words(context, arrow, place.x, place.y, ink);
  });
}

function measured(context: CanvasRenderingContext2D, text: string): number {
  context.font = NAME_FONT;
  return context.measureText(text).width;
}

/** Beside the arrow's head, inside of the map, and clear of other arrows' words. */
function placeFor(frame: Frame, x0: number, x1: number, y: number, width: number, taken: readonly { x: number; y: number; width: number }[]) {
  const x = Math.min(Math.max(x1 >= x0 ? x1 - width / 3 : x1 - (2 * width) / 3, 8), Math.max(8, frame.width - width - 8));
  let at = Math.min(Math.max(y, 16), frame.height - 30);
  const meets = (): boolean => taken.some((other) => Math.abs(other.y - at) < 32 && x < other.x + other.width && other.x < x + width);
  for (let tries = 0; meets() && tries < 12; tries++) at = at + 34 < frame.height - 30 ? at + 34 : 16;
  return { x, y: at };
}

function words(context: CanvasRenderingContext2D, { text, note }: ArrowMark, x: number, y: number, ink: Ink): void {
  context.save();
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  [[text, NAME_FONT, 0], [note, `11px ${FONT}`, 15]].forEach(([line, font, down]) => {
    if (!line) return;
    context.font = String(font);
    context.strokeStyle = ink.paper;
    context.lineWidth = 5;
    context.strokeText(String(line), x, y + Number(down));
    context.fillStyle = down ? ink.soft : ink.text;
    context.fillText(String(line), x, y + Number(down));
  });
  context.restore();
}

function drawArrow(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number, tint: string, ink: Ink): void {
  const length = Math.hypot(x1 - x0, y1 - y0);
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  const trace = (): void => {
    context.beginPath();
    context.arc(x0, y0, 3, 0, 2 * Math.PI);
    if (length < SHORTEST) return;
    const [a, b] = [(x1 - x0) / length, (y1 - y0) / length];
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    for (const side of [-1, 1]) {
      context.moveTo(x1, y1);
      context.lineTo(x1 - HEAD * (a + side * 0.6 * b), y1 - HEAD * (b - side * 0.6 * a));
    }
  };
  for (const [colour, width] of [[ink.paper, 7], [tint, 3.5]] as const) {
    trace();
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.restore();
}
