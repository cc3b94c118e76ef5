/** Lempel, Ziv and Welch's compression as GIF has it: codes of growing length, the lowest bits first. */

const LONGEST_CODE = 12;
const MOST_CODES = 1 << LONGEST_CODE;

/** The codes of these indices, of which each has so many bits, as bytes that are not yet cut into blocks. */
export function compressed(indices: Uint8Array, bits: number): Uint8Array {
  const bytes = new Bits(indices.length);
  const clear = 1 << bits;
  // What follows a sequence that is known: the code of the longer sequence, or 0.
  const known = new Uint16Array(MOST_CODES << bits);
  let [next, length] = [clear + 2, bits + 1];
  bytes.write(clear, length);
  let prefix = indices[0]!;
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    const longer = known[(prefix << bits) | index]!;
    if (longer) {
      prefix = longer;
      continue;
    }
    bytes.write(prefix, length);
    if (next === MOST_CODES) {
      bytes.write(clear, length);
      known.fill(0);
      [next, length] = [clear + 2, bits + 1];
    } else {
      // The reader learns a code one step later than the writer, and its codes grow longer when it has learned it.
      if (next === 1 << length) length++;
      known[(prefix << bits) | index] = next++;
    }
    prefix = index;
  }
  bytes.write(prefix, length);
  if (next === 1 << length && length < LONGEST_CODE) length++;
  bytes.write(clear + 1, length);
  return bytes.taken();
}

class Bits {
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;
  #held = 0;
  #count = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(Math.max(64, room));
  }

  write(code: number, length: number): void {
    this.#held |= code << this.#count;
    this.#count += length;
    while (this.#count >= 8) {
      this.#push(this.#held & 255);
      this.#held >>>= 8;
      this.#count -= 8;
    }
  }

  taken(): Uint8Array {
    if (this.#count) this.#push(this.#held & 255);
    return this.#bytes.subarray(0, this.#size);
  }

  #push(byte: number): void {
    if (this.#size === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#size);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#size++] = byte;
  }
}
