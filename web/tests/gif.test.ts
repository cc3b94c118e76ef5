import { expect, it } from "vitest";
import { seeded } from "../src/maths/random";
import { gifOf, thereAndBack, type Film } from "../src/share/gif";

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly loops: boolean;
  readonly frames: { hundredths: number; rgb: Uint8Array }[];
}

/** Reads GIFs by the book (GIF89a, appendix F), without a thought for speed. */
function decoded(bytes: Uint8Array): Decoded {
  const at = { i: 0 };
  const byte = (): number => bytes[at.i++]!;
  const word = (): number => byte() | (byte() << 8);
  const letters = (count: number): string => String.fromCharCode(...Array.from({ length: count }, byte));
  const blocks = (): number[] => {
    const all: number[] = [];
    for (let size = byte(); size; size = byte()) for (let i = 0; i < size; i++) all.push(byte());
    return all;
  };
  expect(letters(6)).toBe("GIF89a");
  const [width, height, flags] = [word(), word(), byte()];
  at.i += 2;
  const palette = Array.from({ length: 2 << (flags & 7) }, () => [byte(), byte(), byte()]);
  const frames: Decoded["frames"] = [];
  let [hundredths, loops] = [0, false];
  for (let kind = byte(); kind !== 0x3b; kind = byte()) {
    if (kind === 0x21) {
      const label = byte();
      const data = blocks();
      if (label === 0xf9) hundredths = data[1]! | (data[2]! << 8);
      if (label === 0xff) loops = String.fromCharCode(...data.slice(0, 11)) === "NETSCAPE2.0" && !data[12] && !data[13];
    } else {
      expect(kind).toBe(0x2c);
      expect([word(), word(), word(), word(), byte()]).toEqual([0, 0, width, height, 0]);
      const bits = byte();
      const indices = expanded(blocks(), bits);
      expect(indices.length).toBe(width * height);
      frames.push({ hundredths, rgb: Uint8Array.from(indices.flatMap((index) => palette[index]!)) });
    }
  }
  expect(at.i).toBe(bytes.length);
  return { width, height, loops, frames };
}

function expanded(bytes: readonly number[], bits: number): number[] {
  const [clear, end] = [1 << bits, (1 << bits) + 1];
  let table: number[][] = [];
  let length = 0;
  const reset = (): void => {
    table = Array.from({ length: end + 1 }, (_, i) => [i]);
    length = bits + 1;
  };
  const found: number[] = [];
  let place = 0;
  const next = (): number => {
    let code = 0;
    for (let i = 0; i < length; i++, place++) code |= ((bytes[place >> 3]! >> (place & 7)) & 1) << i;
    return code;
  };
  reset();
  let before: number[] | null = null;
  for (let code = next(); code !== end; code = next()) {
    if (code === clear) {
      reset();
      before = null;
      continue;
    }
    const entry: number[] = code < table.length ? table[code]! : [...before!, before![0]!];
    for (const index of entry) found.push(index);
    if (before && table.length < 4096) table.push([...before, entry[0]!]);
    if (table.length === 1 << length && length < 12) length++;
    before = entry;
  }
  return found;
}

const rgba = (count: number, colour: (i: number) => readonly number[]): Uint8ClampedArray =>
  Uint8ClampedArray.from(Array.from({ length: count }, (_, i) => [...colour(i), 255]).flat());

function film(frames: readonly Uint8ClampedArray[], width: number, scale = 1): Film {
  return { width, height: frames[0]!.length / 4 / width, scale, frames, order: thereAndBack(frames.length, 7, 50) };
}

async function survives(frame: Uint8ClampedArray, width: number): Promise<boolean> {
  const { rgb } = decoded(await gifOf(film([frame], width))).frames[0]!;
  return without(frame).every((value, i) => value === rgb[i]);
}

const without = (frame: Uint8ClampedArray): Uint8Array => Uint8Array.from(frame.filter((_, i) => i % 4 !== 3));

it("keeps greys as they are, even where no two pixels are alike and codes run out", async () => {
  const uniform = seeded(1);
  const frames = Array.from({ length: 3 }, () =>
    rgba(150 * 90, () => {
      const grey = Math.floor(256 * uniform());
      return [grey, grey, grey];
    }),
  );
  const gif = decoded(await gifOf(film(frames, 150)));
  expect([gif.width, gif.height, gif.loops]).toEqual([150, 90, true]);
  expect(gif.frames.map(({ hundredths }) => hundredths)).toEqual([50, 7, 50, 7]);
  for (const [i, frame] of [0, 1, 2, 1].entries()) expect(gif.frames[i]!.rgb).toEqual(without(frames[frame]!));
});

it("is right at every length, where codes grow longer and where they begin anew", async () => {
  const uniform = seeded(2);
  for (const count of [1, 2, 3, 255, 256, 257, 511, 512, 513, 767, 768, 769, 4000]) {
    for (const kinds of [1, 2, 256]) {
      const frame = rgba(count, () => new Array<number>(3).fill(Math.floor(kinds * uniform())));
      expect(await survives(frame, count)).toBe(true);
    }
  }
  // Nearly every pixel makes a new code: these end around the last one that there is.
  for (let count = 3830; count < 3850; count++) {
    const frame = rgba(count, (i) => new Array<number>(3).fill((i * 37 + ((i * i) >> 5)) % 256));
    expect(await survives(frame, count)).toBe(true);
  }
});

it("makes each pixel a square", async () => {
  const frame = rgba(6, (i) => [40 * i, 40 * i, 40 * i]);
  const { width, height, frames } = decoded(await gifOf(film([frame], 3, 4)));
  expect([width, height]).toEqual([12, 8]);
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 12; x++) expect(frames[0]!.rgb[3 * (y * 12 + x)]).toBe(40 * (3 * (y >> 2) + (x >> 2)));
  }
});

it("keeps colours where they are few, and comes near to them where they are many", async () => {
  const uniform = seeded(3);
  const few = Array.from({ length: 256 }, () => [0, 0, 0].map(() => Math.floor(256 * uniform())));
  const exact = rgba(2000, () => few[Math.floor(256 * uniform())]!);
  expect(decoded(await gifOf(film([exact], 50))).frames[0]!.rgb).toEqual(without(exact));
  const many = [0, 1].map((k) => rgba(64 * 64, (i) => [4 * (i % 64), 4 * (i >> 6), 128 * k + Math.floor(20 * uniform())]));
  const { frames } = decoded(await gifOf(film(many, 64)));
  many.forEach((frame, k) => {
    const wanted = without(frame);
    const far = Array.from(frames[k]!.rgb, (value, i) => Math.abs(value - wanted[i]!));
    expect(far.reduce((sum, value) => sum + value, 0) / far.length).toBeLessThan(6);
    expect(Math.max(...far)).toBeLessThan(40);
  });
});

it("goes there and back, and rests at both ends", () => {
  expect(thereAndBack(1, 5, 9)).toEqual([{ frame: 0, hundredths: 9 }]);
  expect(thereAndBack(4, 5, 9).map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 2, 1]);
});
