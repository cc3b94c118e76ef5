/**
 * Decoded pictures under the points: what the model makes of each place in sight. The lattice covers the view, not the
 * prior, so that zooming in shows more of it; between two decodings the last one is moved along.
 */
import { rowsOf, stacked, type Values } from "../backend/arrays";
import { decodedAtOnce, type About } from "../backend/backend";
import { latest } from "../backend/latest";
import { moved, type Plane } from "../maths/plane";
import { boundsOf, screenX, screenY, type Bounds, type Frame } from "../maths/view";
import { drawExample, exampleSize, type Painter } from "../parts/example";
import type { Looks } from "../session/looks";
import type { Session } from "../session/session";
import type { LatticeCode } from "../share/subject";

interface Tiles {
  readonly canvas: HTMLCanvasElement;
  readonly bounds: Bounds;
}

interface Question {
  readonly era: number;
  readonly frame: Frame;
  readonly plane: Plane;
}

const CELL = 46;
const MOST_CELLS = 500;
const REST = 140;
const GAP = 1;
const PALE = 0.5;

export class LatticeLayer {
  readonly #context: CanvasRenderingContext2D;
  readonly #session: Session;
  readonly #painter: () => Painter;
  readonly #ask: (question: Question) => void;
  #tiles: Tiles | null = null;
  #key = "";
  /** Grows when what was decoded is forgotten: answers to what was asked before come too late. */
  #era = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly canvas: HTMLCanvasElement,
    session: Session,
    painter: () => Painter,
    arrived: () => void,
  ) {
    this.#context = canvas.getContext("2d")!;
    this.#session = session;
    this.#painter = painter;
    this.#ask = latest(
      (question: Question) => this.#decode(question),
      (tiles, { era }) => {
        if (era !== this.#era) return;
        this.#tiles = tiles;
        arrived();
      },
      // The map is whole without it; why decoding fails is told where the probe is decoded.
      (_, { era }) => {
        if (era === this.#era) this.#tiles = null;
      },
    );
  }

  /** Paler under points, so that they can be told from it. */
  draw(frame: Frame, plane: Plane, shown: boolean, pale: boolean): void {
    const { canvas } = this;
    this.#context.clearRect(0, 0, canvas.width, canvas.height);
    if (!shown) return;
    this.#want(frame, plane);
    if (!this.#tiles) return;
    const ratio = canvas.width / frame.width;
    const { bounds } = this.#tiles;
    const [left, right] = [screenX(frame, bounds.left) * ratio, screenX(frame, bounds.right) * ratio];
    const [top, bottom] = [screenY(frame, bounds.top) * ratio, screenY(frame, bounds.bottom) * ratio];
    this.#context.globalAlpha = pale ? PALE : 1;
    this.#context.drawImage(this.#tiles.canvas, left, top, right - left, bottom - top);
  }

  /** Forgets what was decoded: it was of another plane or another theme. */
  clear(): void {
    this.#tiles = null;
    this.#key = "";
    this.#era++;
    clearTimeout(this.#timer);
  }

  #want(frame: Frame, plane: Plane): void {
    const { store, evolution } = this.#session;
    const { z, y } = store.state.value;
    const rest = moved(plane, this.#session.about, z, { u: 0, v: 0 }).map((value) => value.toPrecision(4));
    const key = [JSON.stringify(frame), JSON.stringify(plane), rest.join(), y?.join(), evolution.model.value].join(";");
    if (key === this.#key) return;
    this.#key = key;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask({ era: this.#era, frame, plane }), REST);
  }

  async #decode({ frame, plane }: Question): Promise<Tiles> {
    const { about, store, backend, context } = this.#session;
    const painter = this.#painter();
    const lattice = latticeOf(frame, painter.looks, about);
    const { columns, rows, bounds } = lattice;
    const x = await backend.decode(stacked(latticeCodes(lattice, plane, about, store.state.value.z)), context);
    return { canvas: this.#paint(rowsOf(x), columns, rows, painter), bounds };
  }

  /** All tiles at the map's own resolution, with a gap between them. */
  #paint(examples: readonly Values[], columns: number, rows: number, painter: Painter): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    const tile = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.canvas.width, this.canvas.height];
    Object.assign(tile, exampleSize(painter.looks));
    const [context, tileContext] = [canvas.getContext("2d")!, tile.getContext("2d")!];
    const [width, height] = [canvas.width / columns, canvas.height / rows];
    context.imageSmoothingQuality = "high";
    examples.forEach((example, i) => {
      drawExample(tileContext, example, painter);
      const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
      context.drawImage(tile, Math.round(x) + GAP, Math.round(y) + GAP, width - 2 * GAP, height - 2 * GAP);
    });
    return canvas;
  }
}

/** The lattice that a map of this frame shows. */
export function latticeOf(frame: Frame, looks: Looks, about: About): LatticeCode {
  return cover(frame, exampleSize(looks), decodedAtOnce(MOST_CELLS, about));
}

/** Its cells' codes, on the plane through z, line by line; copied code repeats this sum for sum. */
export function latticeCodes(
  { columns, rows, bounds }: LatticeCode,
  plane: Plane,
  about: About,
  z: readonly number[],
): number[][] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const u = bounds.left + ((0.5 + (i % columns)) * (bounds.right - bounds.left)) / columns;
    const v = bounds.top - ((0.5 + Math.floor(i / columns)) * (bounds.top - bounds.bottom)) / rows;
    return moved(plane, about, z, { u, v });
  });
}

/** Cells of the examples' shape, about as large as an icon or as large as it takes to be no more than these, that cover the view. */
export function cover(
  frame: Frame,
  size: { width: number; height: number },
  most: number,
): LatticeCode {
  const crowded = Math.sqrt((frame.width * frame.height) / (CELL * CELL) / most);
  const side = CELL * Math.max(1, crowded);
  const shape = Math.sqrt(size.width / size.height);
  const columns = clamped(frame.width / (side * shape), most);
  const rows = clamped((frame.height * shape) / side, Math.floor(most / columns));
  return { columns, rows, bounds: boundsOf(frame) };
}

function clamped(count: number, most: number): number {
  return Math.min(most, Math.max(1, Math.round(count)));
}
