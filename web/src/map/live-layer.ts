/**
 * What moves with the pointer: the probe, its trail and the ring around the row that is pointed at. They are vectors
 * over the canvases, so that a step of a drag repaints the few pixels that they cover, and not the map.
 */
import type { Point } from "../maths/plane";
import { exitTo, screenX, screenY, type Exit, type Frame } from "../maths/view";

export interface Live {
  readonly probe: Point;
  readonly hovered: Point | null;
  /** The code that was drawn from a posterior. */
  readonly drawn: Point | null;
}

const NAMESPACE = "http://www.w3.org/2000/svg";
/** The trail is drawn in pieces, of which only the last one changes from step to step. */
const PIECE = 24;
const MOST_PIECES = 10;
const LINE = 3;
/** How much broader its halo is. */
export const HALO = 3;
/** Points to a probe that is off the map: a head of an arrow that looks to the right, and its middle's way from the edge. */
export const ARROW = { path: "M-7 -9 L9 0 L-7 9 L-3 0 Z", inset: 16 } as const;

/** CSS pixels of the corner where the buttons that zoom are, in a row or in a column, and what both leave free. */
const CORNER = { width: 170, height: 130, inset: 68 } as const;

/** A stretch of the trail, and how broad it is drawn. */
export interface Stretch {
  readonly points: readonly Point[];
  readonly width: number;
}

interface Piece {
  readonly points: Point[];
  readonly halo: SVGPolylineElement;
  readonly line: SVGPolylineElement;
}

export class LiveLayer {
  readonly #halos: SVGGElement;
  readonly #lines: SVGGElement;
  readonly #probe: SVGGElement;
  readonly #hovered: SVGGElement;
  readonly #drawn: SVGGElement;
  readonly #arrow: SVGGElement;
  #pieces: Piece[] = [];

  constructor(svg: SVGSVGElement) {
    [this.#halos, this.#lines] = [child(svg, "g", "halo"), child(svg, "g", "trail")];
    this.#hovered = rings(svg, "hovered", [7, 7]);
    this.#drawn = rings(svg, "drawn-code", [6]);
    this.#probe = rings(svg, "probe", [11, 11, 4, 2.5]);
    this.#arrow = child(svg, "g", "arrow");
    child(this.#arrow, "path").setAttribute("d", ARROW.path);
  }

  draw(frame: Frame, { probe, hovered, drawn }: Live): void {
    put(this.#probe, frame, probe);
    const exit = besideCorner(frame, probe);
    if (exit) this.#arrow.setAttribute("transform", turned(exit));
    this.#arrow.style.display = exit ? "" : "none";
    if (hovered) put(this.#hovered, frame, hovered);
    this.#hovered.style.display = hovered ? "" : "none";
    if (drawn) put(this.#drawn, frame, drawn);
    this.#drawn.style.display = drawn ? "" : "none";
    // Its rings would cover most of a posterior.
    this.#probe.classList.toggle("quiet", drawn !== null);
  }

  /** Places the whole trail anew: the map has moved under it. */
  place(frame: Frame): void {
    for (const piece of this.#pieces) trace(piece, frame);
  }

  extend(frame: Frame, point: Point): void {
    let last = this.#pieces.at(-1);
    if (!last || last.points.length >= PIECE) {
      const joint = last?.points.at(-1);
      last = { points: joint ? [joint] : [], halo: child(this.#halos, "polyline"), line: child(this.#lines, "polyline") };
      this.#pieces.push(last);
      if (this.#pieces.length > MOST_PIECES) remove(this.#pieces.shift()!);
      this.#thin();
    }
    last.points.push(point);
    trace(last, frame);
  }

  get trail(): readonly Stretch[] {
    return this.#pieces.map(({ points }, i) => ({ points, width: this.#width(i) }));
  }

  clear(): void {
    this.#pieces.forEach(remove);
    this.#pieces = [];
  }

  /** Older pieces are thinner. */
  #thin(): void {
    this.#pieces.forEach(({ halo, line }, i) => {
      const width = this.#width(i);
      line.setAttribute("stroke-width", width.toFixed(1));
      halo.setAttribute("stroke-width", (width + HALO).toFixed(1));
    });
  }

  #width(piece: number): number {
    return LINE * (1 - (this.#pieces.length - 1 - piece) / MOST_PIECES);
  }
}

/** The buttons would cover the arrow. */
function besideCorner(frame: Frame, probe: Point): Exit | null {
  const exit = exitTo(frame, probe, ARROW.inset);
  const covered = exit && exit.x > frame.width - CORNER.width && exit.y > frame.height - CORNER.height;
  return covered ? exitTo(frame, probe, ARROW.inset, CORNER.inset) : exit;
}

function turned({ x, y, angle }: Exit): string {
  return `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${((angle * 180) / Math.PI).toFixed(1)})`;
}

function child<K extends "g" | "polyline" | "circle" | "path">(parent: Element, name: K, kind?: string): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NAMESPACE, name);
  if (kind) element.setAttribute("class", kind);
  parent.append(element);
  return element;
}

function rings(svg: SVGSVGElement, kind: string, radii: readonly number[]): SVGGElement {
  const group = child(svg, "g", kind);
  for (const radius of radii) child(group, "circle").setAttribute("r", String(radius));
  return group;
}

function put(element: SVGGElement, frame: Frame, { u, v }: Point): void {
  const [x, y] = [screenX(frame, u), screenY(frame, v)];
  // Far outside nothing is seen, and large numbers would cost time.
  const near = Math.abs(x) < 1e5 && Math.abs(y) < 1e5;
  element.setAttribute("transform", near ? `translate(${x.toFixed(1)} ${y.toFixed(1)})` : "translate(-999 -999)");
}

function trace({ points, halo, line }: Piece, frame: Frame): void {
  const places = points.map(({ u, v }) => `${screenX(frame, u).toFixed(1)},${screenY(frame, v).toFixed(1)}`).join(" ");
  halo.setAttribute("points", places);
  line.setAttribute("points", places);
}

function remove({ halo, line }: Piece): void {
  halo.remove();
  line.remove();
}
