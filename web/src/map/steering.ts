/** What gestures and keys on the map do. */
import { moved, place, type Point } from "../maths/plane";
import { panned, pointAt, showing, zoomed } from "../maths/view";
import type { Session } from "../session/session";
import { Cell } from "../state/cell";
import { newGesture } from "../state/gesture";
import type { End } from "../state/state";
import type { Meanings, Place } from "./gestures";
import type { Scene } from "./scene";

export type Mode = "probe" | "pan";

const STEP = 0.01;
const LARGE_STEP = 0.05;
const PAN_STEP = 48;
const ZOOM_STEP = 1.4;
/** Key presses closer together than this are one step to undo. */
const ONE_GESTURE = 900;
const EDGE = 24;
/** CSS pixels of a box's side. */
const SMALLEST = 4;

export class Steering implements Meanings {
  readonly mode = new Cell<Mode>("probe");
  /** Where the card of the row that is pointed at belongs; null while nothing is pointed at. */
  readonly pointed = new Cell<(Place & { readonly touch: boolean }) | null>(null);
  #gesture = newGesture("drag");
  #lastKey = 0;
  #corner: Place = { x: 0, y: 0 };
  /** Where the pointer rests on the map; a finger does not rest. */
  #pointer: Place | null = null;
  readonly #session: Session;
  readonly #scene: Scene;

  constructor(session: Session, scene: Scene) {
    this.#session = session;
    this.#scene = scene;
    // Whatever has moved the map or its points, others may lie under a pointer that rests.
    scene.framed.subscribe(() => this.#pointAgain());
  }

  readonly panning = (): boolean => this.mode.value === "pan";

  readonly probe = (at: Place, begins: boolean): void => {
    if (begins) this.#gesture = newGesture("drag");
    const { boxing } = this.#session;
    if (boxing.value) {
      this.#box(at, begins, boxing.value);
      return;
    }
    this.#moveTo(pointAt(this.#scene.frame, at.x, at.y), this.#gesture, begins);
  };

  /** From where the drag began to where it is; a press alone makes none. */
  #box(at: Place, begins: boolean, take: NonNullable<Session["boxing"]["value"]>): void {
    if (begins) this.#corner = at;
    const { frame } = this.#scene;
    const [a, b] = [pointAt(frame, this.#corner.x, this.#corner.y), pointAt(frame, at.x, at.y)];
    if (Math.abs(at.x - this.#corner.x) < SMALLEST || Math.abs(at.y - this.#corner.y) < SMALLEST) return;
    const [left, right] = [Math.min(a.u, b.u), Math.max(a.u, b.u)];
    const [bottom, top] = [Math.min(a.v, b.v), Math.max(a.v, b.v)];
    take({ left, right, bottom, top }, this.#gesture);
  }

  readonly pan = (dx: number, dy: number): void => {
    this.#look(panned(this.#scene.view, this.#scene.frame, dx, dy));
  };

  readonly zoom = (at: Place, factor: number): void => {
    const { view, frame, fit } = this.#scene;
    this.#look(zoomed(view, frame, at.x, at.y, factor, fit));
  };

  readonly point = (at: Place | null): void => {
    this.#pointer = at;
    this.#inspect(at, at ? this.#scene.rowAt(at.x, at.y) : -1, false);
  };

  readonly tap = (at: Place): void => {
    this.#pointer = null;
    this.#inspect(at, this.#scene.rowAt(at.x, at.y, 22), true);
  };

  readonly open = (at: Place): void => {
    const row = this.#scene.rowAt(at.x, at.y, 22);
    if (row >= 0) this.goTo(row);
  };

  #pointAgain(): void {
    const at = this.#pointer;
    const row = at ? this.#scene.rowAt(at.x, at.y) : -1;
    if (at && row !== this.#session.inspection.row.value) this.#inspect(at, row, false);
  }

  zoomBy(factor: number): void {
    const { width, height } = this.#scene.frame;
    this.zoom({ x: width / 2, y: height / 2 }, factor);
  }

  showAll(): void {
    this.#scene.refit();
    this.#look(null);
  }

  goTo(row: number): void {
    this.#session.jump(row);
    this.#reveal();
  }

  /** The hovered row, or without one the row nearest to the probe: the one that was told, as soon as it is known. */
  rowMeant(): number {
    const { inspection, vicinity, store } = this.#session;
    if (inspection.row.value >= 0) return inspection.row.value;
    const { z } = store.state.value;
    const near = vicinity.found.value;
    return near?.z.every((value, d) => value === z[d]) ? near.row : this.#scene.rowAtProbe();
  }

  setEnd(end: "a" | "b"): void {
    const hovered = this.#session.inspection.row.value;
    const { row, z } = this.#session.store.state.value;
    const value: End = hovered >= 0 ? { row: hovered } : row !== null ? { row } : { z };
    this.#session.store.dispatch({ type: "morphed", morph: { [end]: value } });
    this.#session.store.dispatch({ type: "opened", panel: "morph" });
  }

  /** Whether the key meant something here. */
  key(event: KeyboardEvent): boolean {
    if (event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow) {
      this.#arrow(arrow, event);
      return true;
    }
    if (event.ctrlKey) return false;
    const act = this.#keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    act?.();
    return act !== undefined;
  }

  readonly #keys: Readonly<Record<string, () => void>> = {
    "+": () => this.zoomBy(ZOOM_STEP),
    "=": () => this.zoomBy(ZOOM_STEP),
    "-": () => this.zoomBy(1 / ZOOM_STEP),
    "0": () => this.showAll(),
    Enter: () => this.rowMeant() >= 0 && this.goTo(this.rowMeant()),
    Escape: () => {
      this.#scene.clearTrail();
      this.point(null);
    },
    a: () => this.setEnd("a"),
    b: () => this.setEnd("b"),
    h: () => this.mode.set(this.mode.value === "pan" ? "probe" : "pan"),
    l: () => this.#toggleLattice(),
    r: () => this.randomDraw(),
  };

  randomDraw(): void {
    this.#session.drawFromPrior();
    this.#reveal();
  }

  #toggleLattice(): void {
    const { store } = this.#session;
    store.dispatch({ type: "layered", layer: "lattice", shown: !store.state.value.layers.includes("lattice") });
  }

  #arrow([dx, dy]: readonly [number, number], event: KeyboardEvent): void {
    if (event.ctrlKey) {
      this.pan(-dx * PAN_STEP, dy * PAN_STEP);
      return;
    }
    const goesOn = event.timeStamp - this.#lastKey < ONE_GESTURE;
    this.#lastKey = event.timeStamp;
    if (!goesOn) this.#gesture = newGesture("keys");
    const { about, store } = this.#session;
    const { plane, z } = store.state.value;
    const at = place(plane, about, z);
    const step = this.#scene.view.span * (event.shiftKey ? LARGE_STEP : STEP);
    const to = { u: at.u + dx * step, v: at.v + dy * step * this.#scene.aspect };
    this.#moveTo(to, this.#gesture, !goesOn);
    this.#reveal();
  }

  #moveTo(to: Point, gesture: string, begins: boolean): void {
    const { about, store } = this.#session;
    const { plane, z } = store.state.value;
    this.#session.move(moved(plane, about, z, to), gesture);
    this.#scene.leaveTrail(place(plane, about, store.state.value.z), begins);
  }

  /** Moves the map where the probe has left it. */
  #reveal(): void {
    const { about, store } = this.#session;
    const { plane, z } = store.state.value;
    const { view, frame } = this.#scene;
    const next = showing(view, frame, place(plane, about, z), EDGE);
    if (next !== view) this.#look(next);
  }

  #look(view: Scene["view"] | null): void {
    this.#session.store.dispatch({ type: "looked", view });
  }

  #inspect(at: Place | null, row: number, touch: boolean): void {
    this.#session.inspection.row.set(row);
    this.pointed.set(row >= 0 && at ? { ...at, touch } : null);
  }
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
