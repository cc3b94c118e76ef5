/** Animated GIFs (GIF89a) that go on for ever, their pixels enlarged as squares. */
import { GIFEncoder } from "gifenc";
import { indexed } from "./palette";

export interface Film {
  readonly width: number;
  readonly height: number;
  /** Each of a frame's pixels becomes a square of so many. */
  readonly scale: number;
  /** RGBA, each frame once. */
  readonly frames: readonly Uint8ClampedArray[];
  /** Which frame is shown when, and for how many hundredths of a second. */
  readonly order: readonly { readonly frame: number; readonly hundredths: number }[];
}

/** `told` is called with the share that is done; the page shows what else happens meanwhile. */
export async function gifOf({ width, height, scale, ...film }: Film, told: (share: number) => void = () => undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { palette, frames } = indexed(film.frames);
  const encoder = GIFEncoder();
  for (const [i, { frame, hundredths }] of film.order.entries()) {
    told(i / film.order.length);
    await new Promise((resume) => setTimeout(resume));
    const pixels = enlarged(frames[frame]!, width, height, scale);
    encoder.writeFrame(pixels, width * scale, height * scale, { delay: 10 * hundredths, ...(i ? {} : { palette }) });
  }
  encoder.finish();
  return encoder.bytes();
}

/** All frames from the first to the last and back, with a rest at both ends. */
export function thereAndBack(count: number, hundredths: number, rest: number): Film["order"] {
  const there = Array.from({ length: count }, (_, frame) => frame);
  const back = there.slice(1, -1).reverse();
  const end = (frame: number): boolean => frame === 0 || frame === count - 1;
  return [...there, ...back].map((frame) => ({ frame, hundredths: end(frame) ? rest : hundredths }));
}

function enlarged(indices: Uint8Array, width: number, height: number, scale: number): Uint8Array {
  if (scale === 1) return indices;
  const large = new Uint8Array(indices.length * scale * scale);
  for (let y = 0; y < height * scale; y++) {
    const row = Math.floor(y / scale) * width;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * scale;
      large.fill(indices[row + x]!, at, at + scale);
    }
  }
  return large;
}
