/** Animated GIFs (GIF89a) that go on for ever, their pixels enlarged as squares. */
import { compressed } from "./lzw";
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

const BITS = 8;
const LONGEST_BLOCK = 255;

/** `told` is called with the share that is done; the page shows what else happens meanwhile. */
export async function gifOf(film: Film, told: (share: number) => void = () => undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { palette, frames } = indexed(film.frames);
  const images: Uint8Array[] = [];
  for (const frame of frames) {
    told(images.length / frames.length);
    await new Promise((resume) => setTimeout(resume));
    images.push(imageOf(film, frame));
  }
  const parts = [head(film, palette)];
  for (const { frame, hundredths } of film.order) parts.push(control(hundredths), images[frame]!);
  return joined([...parts, Uint8Array.of(0x3b)]);
}

/** All frames from the first to the last and back, with a rest at both ends. */
export function thereAndBack(count: number, hundredths: number, rest: number): Film["order"] {
  const there = Array.from({ length: count }, (_, frame) => frame);
  const back = there.slice(1, -1).reverse();
  const end = (frame: number): boolean => frame === 0 || frame === count - 1;
  return [...there, ...back].map((frame) => ({ frame, hundredths: end(frame) ? rest : hundredths }));
}

function head({ width, height, scale }: Film, palette: Uint8Array): Uint8Array {
  return joined([
    text("GIF89a"),
    Uint8Array.of(...uint16(width * scale), ...uint16(height * scale), 0xf7, 0, 0),
    palette,
    Uint8Array.of(0x21, 0xff, 11),
    text("NETSCAPE2.0"),
    Uint8Array.of(3, 1, 0, 0, 0),
  ]);
}

/** How long the image that follows is shown. */
function control(hundredths: number): Uint8Array {
  return Uint8Array.of(0x21, 0xf9, 4, 0x04, ...uint16(hundredths), 0, 0);
}

function imageOf({ width, height, scale }: Film, indices: Uint8Array): Uint8Array {
  const bytes = compressed(enlarged(indices, width, height, scale), BITS);
  const place = Uint8Array.of(0x2c, 0, 0, 0, 0, ...uint16(width * scale), ...uint16(height * scale), 0, BITS);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += LONGEST_BLOCK) {
    const block = bytes.subarray(at, at + LONGEST_BLOCK);
    blocks.push(Uint8Array.of(block.length), block);
  }
  return joined([place, ...blocks, Uint8Array.of(0)]);
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

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const text = (letters: string): Uint8Array => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const uint16 = (value: number): [number, number] => [value & 255, value >> 8];
