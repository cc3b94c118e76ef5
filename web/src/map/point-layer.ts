/** The canvas of the points: its buffer, and the choice of how large and how dense points are drawn. */
import { packed, type Rgb } from "../maths/colour";
import { countWithin, type GridIndex } from "../maths/grid-index";
import { boundsOf, type Frame } from "../maths/view";
import { HIDDEN, MARGIN, densitySteps, drawPoints, sizeFor, stampOf, type Stamp, type Surface } from "./points";

/** The points of a plane, ready to be drawn. */
export interface Points {
  readonly grid: GridIndex;
  /** What kind each point is, in the grid's order. */
  readonly kinds: Uint8Array;
  /** The colours of the kinds, layer over layer: the last is drawn on top. */
  readonly layers: readonly Int32Array[];
}

/** CSS pixels of a halo beyond its point. */
const RIM = 1.25;
const LARGEST_RIMMED = 4;
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

  /** With a halo, a rim of this colour, points are seen on any ground. */
  draw(points: Points | null, frame: Frame, halo: Rgb | null = null): void {
    const [surface, image] = [this.#surface, this.#image];
    if (!surface || !image) return;
    surface.pixels.fill(0);
    if (points) {
      const { grid, kinds, layers } = points;
      const fitting = sizeFor(countWithin(grid, boundsOf(frame)), frame.width, frame.height);
      const { share } = fitting;
      const size = halo ? Math.min(LARGEST_RIMMED, fitting.size) : fitting.size;
      const style = { stamp: this.#stamp(size), next: densitySteps(share), ratio: this.#ratio };
      const rim = halo && { stamp: this.#stamp(size + 2 * RIM), next: densitySteps(1), ratio: this.#ratio };
      for (const colours of layers) {
        if (rim) drawPoints(surface, grid, frame, kinds, allAs(halo, colours), rim);
        drawPoints(surface, grid, frame, kinds, colours, style);
      }
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

/** One colour for all kinds that are drawn. */
function allAs(colour: Rgb, colours: Int32Array): Int32Array {
  return colours.map((own) => (own === HIDDEN ? HIDDEN : packed(colour) & 0xffffff));
}
