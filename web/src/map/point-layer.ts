/** The canvas of the points: its buffer, and the choice of how large and how dense points are drawn. */
import { countWithin, type GridIndex } from "../maths/grid-index";
import { boundsOf, type Frame } from "../maths/view";
import { MARGIN, densitySteps, drawPoints, sizeFor, stampOf, type Stamp, type Surface } from "./points";

/** The points of a plane, ready to be drawn. */
export interface Points {
  readonly grid: GridIndex;
  /** What kind each point is, in the grid's order. */
  readonly kinds: Uint8Array;
  /** The colours of the kinds, layer over layer: the last is drawn on top. */
  readonly layers: readonly Int32Array[];
}

// More device pixels than two a CSS pixel are not seen in points, and each costs time.
const MOST_RATIO = 2;

export class PointLayer {
  readonly #context: CanvasRenderingContext2D;
  #surface: Surface | null = null;
  #image: ImageData | null = null;
  #ratio = 1;
  #stamps = new Map<number, Stamp>();

  constructor(readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext("2d")!;
  }

  resize(width: number, height: number, ratio: number): void {
    this.#ratio = Math.min(ratio, MOST_RATIO);
    this.canvas.width = Math.max(1, Math.round(width * this.#ratio));
    this.canvas.height = Math.max(1, Math.round(height * this.#ratio));
    const [w, h] = [this.canvas.width + 2 * MARGIN, this.canvas.height + 2 * MARGIN];
    this.#image = new ImageData(w, h);
    this.#surface = { pixels: new Uint32Array(this.#image.data.buffer), width: w, height: h };
    this.#stamps.clear();
  }

  draw(points: Points | null, frame: Frame): void {
    const [surface, image] = [this.#surface, this.#image];
    if (!surface || !image) return;
    surface.pixels.fill(0);
    if (points) {
      const { grid, kinds, layers } = points;
      const { size, share } = sizeFor(countWithin(grid, boundsOf(frame)), frame.width, frame.height);
      const style = { stamp: this.#stamp(size), next: densitySteps(share), ratio: this.#ratio };
      for (const colours of layers) drawPoints(surface, grid, frame, kinds, colours, style);
    }
    this.#context.putImageData(image, -MARGIN, -MARGIN);
  }

  #stamp(size: number): Stamp {
    const real = Math.max(1, Math.round(size * this.#ratio));
    let stamp = this.#stamps.get(real);
    if (!stamp) this.#stamps.set(real, (stamp = stampOf(real, this.#surface!.width)));
    return stamp;
  }
}
