/** Mouse, touch and wheel on the map as what they mean: probe, pan, zoom, point at, open. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Meanings {
  /** Whether a plain drag moves the map rather than the probe. */
  readonly panning: () => boolean;
  readonly probe: (at: Place, begins: boolean) => void;
  /** The drag has ended; not as it should where the browser took it away, or a second finger came. */
  readonly lifted?: (well: boolean) => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (at: Place, factor: number) => void;
  readonly point: (at: Place | null) => void;
  readonly open: (at: Place) => void;
  /** A finger has tapped: there is no pointing without touching. */
  readonly tap: (at: Place) => void;
}

type Doing = "probe" | "pan" | "pinch" | null;

const WHEEL = 0.0016;
const PINCH_ON_TRACKPAD = 0.012;
const LINE = 16;
/** Milliseconds between early moves: some mice tell a thousand times a second. */
const EARLIEST = 7;
const TAP = { moved: 8, pause: 320 } as const;

/** Listens until the function that is returned is called. */
export function listen(element: HTMLElement, place: (event: MouseEvent) => Place, meanings: Meanings): () => void {
  const gestures = new Gestures(element, place, meanings);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  element.addEventListener("pointerdown", (event) => gestures.down(event), options);
  element.addEventListener("pointermove", (event) => gestures.move(event), options);
  // Moves come once a frame; where the browser tells of them sooner, the answer to a drag can be there a frame earlier.
  element.addEventListener("pointerrawupdate", (event) => gestures.early(event as PointerEvent), options);
  element.addEventListener("pointerup", (event) => gestures.up(event), options);
  element.addEventListener("pointercancel", (event) => gestures.up(event), options);
  // A finger that is lifted leaves, too: what it tapped stays.
  const left = (event: PointerEvent): void => void (event.pointerType === "touch" || meanings.point(null));
  element.addEventListener("pointerleave", left, options);
  element.addEventListener("dblclick", (event) => meanings.open(place(event)), options);
  element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  element.addEventListener("wheel", (event) => gestures.wheel(event), { ...options, passive: false });
  return () => stop.abort();
}

class Gestures {
  #pointers = new Map<number, Place>();
  #doing: Doing = null;
  #began: Place = { x: 0, y: 0 };
  #lastTap = 0;
  #lastEarly = 0;

  constructor(
    readonly element: HTMLElement,
    readonly place: (event: MouseEvent) => Place,
    readonly meanings: Meanings,
  ) {}

  down(event: PointerEvent): void {
    // Controls and cards that lie on the map keep their clicks.
    if ((event.target as HTMLElement).closest("button, a, input, select, [data-card]")) return;
    const at = this.place(event);
    this.element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, at);
    this.meanings.point(null);
    if (this.#pointers.size >= 2) {
      if (this.#doing === "probe") this.meanings.lifted?.(false);
      this.#doing = "pinch";
      return;
    }
    const other = event.button !== 0 || event.shiftKey || this.meanings.panning();
    this.#doing = other ? "pan" : "probe";
    this.#began = at;
    if (this.#doing === "probe") this.meanings.probe(at, true);
  }

  move(event: PointerEvent): void {
    const at = this.place(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse" || event.pointerType === "pen") this.meanings.point(at);
      return;
    }
    if (this.#doing === "pinch") this.#pinch(event.pointerId, at);
    this.#pointers.set(event.pointerId, at);
    if (this.#doing === "probe") this.meanings.probe(at, false);
    if (this.#doing === "pan") this.meanings.pan(at.x - before.x, at.y - before.y);
  }

  early(event: PointerEvent): void {
    if (this.#doing !== "probe" || event.timeStamp - this.#lastEarly < EARLIEST) return;
    this.#lastEarly = event.timeStamp;
    this.move(event);
  }

  up(event: PointerEvent): void {
    const at = this.place(event);
    const known = this.#pointers.delete(event.pointerId);
    const tapped = known && event.type === "pointerup" && event.pointerType === "touch" && this.#doing === "probe";
    if (tapped && Math.hypot(at.x - this.#began.x, at.y - this.#began.y) < TAP.moved) this.#tap(at, event.timeStamp);
    if (known && this.#doing === "probe") this.meanings.lifted?.(event.type === "pointerup");
    // After a pinch the finger that stays does nothing: it would make the probe jump.
    if (this.#pointers.size < 2) this.#doing = null;
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? this.element.clientHeight : 1;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH_ON_TRACKPAD : WHEEL));
    this.meanings.zoom(this.place(event), factor);
  }

  #tap(at: Place, time: number): void {
    if (time - this.#lastTap < TAP.pause) this.meanings.open(at);
    else this.meanings.tap(at);
    this.#lastTap = time;
  }

  /** Two fingers move the map by their middle and zoom it by their distance. */
  #pinch(moving: number, to: Place): void {
    // More fingers than two are there by mistake.
    const pair = new Map([...this.#pointers].slice(0, 2));
    const still = [...pair].find(([id]) => id !== moving)?.[1];
    const from = pair.get(moving);
    if (!still || !from) return;
    const distance = (a: Place): number => Math.max(8, Math.hypot(a.x - still.x, a.y - still.y));
    const middle = { x: (still.x + to.x) / 2, y: (still.y + to.y) / 2 };
    this.meanings.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
    this.meanings.zoom(middle, distance(to) / distance(from));
  }
}
