/** A lasso on its way: freehand with pointer or finger, or as a rectangle with keys. */
import { Enclosure, insideOf, simplified } from "../maths/outline";
import type { Plane, Point } from "../maths/plane";
import { pointAt, screenX, screenY, type Frame } from "../maths/view";
import type { Session } from "../session/session";
import type { Meanings, Place } from "./gestures";
import type { Scene } from "./scene";
import type { Steering } from "./steering";

/** CSS pixels between corners, and how far the kept outline may be from the drawn one. */
const [APART, TOLERANCE] = [3, 1.2];
const MOST_CORNERS = 60;
/** Of the map's shorter side, as half of the rectangle's. */
const FIRST_SIZE = 0.2;
const STEP = 12;
const SMALLEST = 4;

interface Rectangle {
  readonly middle: Point;
  readonly halfU: number;
  readonly halfV: number;
}

export class LassoDrawing implements Meanings {
  readonly #session: Session;
  readonly #scene: Scene;
  readonly #steering: Steering;
  #enclosure: Enclosure | null = null;
  #last: Place = { x: 0, y: 0 };
  #rectangle: Rectangle | null = null;

  constructor(session: Session, scene: Scene, steering: Steering) {
    this.#session = session;
    this.#scene = scene;
    this.#steering = steering;
  }

  readonly panning = (): boolean => false;
  readonly pan: Meanings["pan"] = (dx, dy) => this.#steering.pan(dx, dy);
  readonly zoom: Meanings["zoom"] = (at, factor) => this.#steering.zoom(at, factor);
  readonly point = (): void => undefined;
  readonly open = (): void => undefined;
  readonly tap = (): void => undefined;

  readonly probe: Meanings["probe"] = (at, begins) => {
    if (begins) this.#begin();
    if (!this.#enclosure || (!begins && Math.hypot(at.x - this.#last.x, at.y - this.#last.y) < APART)) return;
    this.#last = at;
    this.#enclosure.add(pointAt(this.#scene.frame, at.x, at.y));
    this.#show();
  };

  readonly lifted = (well: boolean): void => {
    if (well) this.take();
    else this.clear();
  };

  /** Whether the key meant something here. */
  key(event: KeyboardEvent): boolean {
    if (event.metaKey || event.altKey || event.ctrlKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow) this.#adjust(arrow, event.shiftKey);
    else if (event.key === "Escape") this.#session.lassoing.leave();
    else if (event.key === "Enter") this.take();
    else if (ZOOMS.includes(event.key)) return this.#steering.key(event);
    else return false;
    return true;
  }

  /** What is inside becomes a group, if anything is. */
  take(): void {
    const { lassoing, store } = this.#session;
    const [drawn, grid] = [lassoing.drawn.value, this.#enclosure?.grid];
    if (!drawn || !grid) return;
    // A rectangle's corners are round already: as many points are taken as were told.
    const outline = drawn.waits ? drawn.outline : compact(drawn.outline, this.#scene.frame);
    if (insideOf(outline, grid.xs, grid.ys).includes(1)) return lassoing.take(store.state.value.plane, outline);
    if (drawn.waits) return;
    this.clear();
    lassoing.missed.set(true);
  }

  clear(): void {
    this.#enclosure = null;
    this.#rectangle = null;
    this.#session.lassoing.drawn.set(null);
  }

  #begin(): void {
    const grid = this.#scene.framed.value?.grid;
    this.#rectangle = null;
    this.#session.lassoing.missed.set(false);
    this.#enclosure = grid ? new Enclosure(grid) : null;
  }

  #show(): void {
    const { outline, inside, count } = this.#enclosure!;
    this.#session.lassoing.drawn.set({ outline: [...outline], inside, count, waits: this.#rectangle !== null });
  }

  /** The first arrow brings a rectangle; the next ones move it, with Shift its upper right corner. */
  #adjust([dx, dy]: readonly [number, number], resizes: boolean): void {
    const { frame } = this.#scene;
    const before = this.#rectangle;
    const next = before ? adjusted(before, frame, dx, dy, resizes) : firstRectangle(frame);
    this.#begin();
    this.#rectangle = next;
    const { middle, halfU, halfV } = next;
    for (const [su, sv] of CORNERS) {
      this.#enclosure?.add(roundedTo({ u: middle.u + su * halfU, v: middle.v + sv * halfV }, frame));
    }
    if (this.#enclosure) this.#show();
  }
}

const ZOOMS = ["+", "=", "-", "0"];
const CORNERS = [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const; // prettier-ignore
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function firstRectangle(frame: Frame): Rectangle {
  const half = FIRST_SIZE * Math.min(frame.width, frame.height);
  return {
    middle: pointAt(frame, frame.width / 2, frame.height / 2),
    halfU: half / frame.pixelsU,
    halfV: half / frame.pixelsV,
  };
}

function adjusted(from: Rectangle, frame: Frame, dx: number, dy: number, resizes: boolean): Rectangle {
  const [du, dv] = [(dx * STEP) / frame.pixelsU, (dy * STEP) / frame.pixelsV];
  if (!resizes) return { ...from, middle: { u: from.middle.u + du, v: from.middle.v + dv } };
  // The lower left corner stays.
  const halfU = Math.max(SMALLEST / frame.pixelsU, from.halfU + du / 2);
  const halfV = Math.max(SMALLEST / frame.pixelsV, from.halfV + dv / 2);
  return {
    middle: { u: from.middle.u + halfU - from.halfU, v: from.middle.v + halfV - from.halfV },
    halfU,
    halfV,
  };
}

/** Few corners of few digits, so that a link can hold them: what is left out is not seen on the map. */
function compact(outline: readonly Point[], frame: Frame): Point[] {
  const line = outline.map(({ u, v }) => ({ u: screenX(frame, u), v: screenY(frame, v) }));
  let [kept, tolerance] = [line, TOLERANCE];
  do {
    kept = simplified(line, tolerance);
    tolerance *= 1.5;
  } while (kept.length > MOST_CORNERS);
  return kept.map(({ u, v }) => roundedTo(pointAt(frame, u, v), frame));
}

function roundedTo({ u, v }: Point, frame: Frame): Point {
  return { u: toPixel(u, frame.pixelsU), v: toPixel(v, frame.pixelsV) };
}

/** As many decimals as tell a tenth of a pixel. */
function toPixel(value: number, pixels: number): number {
  const decimals = Math.min(12, Math.max(0, Math.ceil(Math.log10(pixels)) + 1));
  return Number(value.toFixed(decimals)) || 0;
}

export function samePlane(a: Plane, b: Plane): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
