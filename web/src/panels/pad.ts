/** A picture that is drawn by hand, at the model's own resolution: the canvas's pixels are the model's. */
import type { Rgb } from "../maths/colour";

export interface Brush {
  /** Diameter in the picture's pixels. */
  readonly size: number;
  readonly colour: Rgb;
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

export class Pad {
  readonly #context: CanvasRenderingContext2D;
  #last: Spot | null = null;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly ground: Rgb,
  ) {
    this.#context = canvas.getContext("2d", { willReadFrequently: true })!;
  }

  clear(): void {
    this.#context.fillStyle = css(this.ground);
    this.#context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.#last = null;
  }

  /** Puts the brush down, or draws on from where it was. */
  stroke(to: Spot, brush: Brush): void {
    const from = this.#last ?? { x: to.x - 0.01, y: to.y };
    const context = this.#context;
    context.strokeStyle = css(brush.colour);
    context.lineWidth = brush.size;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    this.#last = to;
  }

  /** Whether the brush is down. */
  get down(): boolean {
    return this.#last !== null;
  }

  lift(): void {
    this.#last = null;
  }

  show(rgba: Uint8ClampedArray<ArrayBuffer>): void {
    this.#context.putImageData(new ImageData(rgba, this.canvas.width, this.canvas.height), 0, 0);
    this.#last = null;
  }

  get rgba(): Uint8ClampedArray {
    return this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height).data;
  }
}

/** What most of a picture's rim is made of: the ground on which one would draw. */
export function groundOf(rgba: Uint8ClampedArray, width: number, height: number): Rgb {
  const rim: number[] = [];
  for (let x = 0; x < width; x++) rim.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) rim.push(y * width, y * width + width - 1);
  const middle = (channel: number): number => {
    const values = rim.map((i) => rgba[4 * i + channel]!).sort((a, b) => a - b);
    return values[values.length >> 1] ?? 0;
  };
  const ground: Rgb = [middle(0), middle(1), middle(2)];
  // A ground that is nearly black or white is black or white.
  return ground.every((part) => part < 40) ? [0, 0, 0] : ground.every((part) => part > 215) ? [255, 255, 255] : ground;
}
