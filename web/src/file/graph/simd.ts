/**
 * The product of matrices as four numbers at a time, for networks where one number at a time takes too long: a function
 * of WebAssembly, a few hundred bytes, which are put together here. Files hold it by a flag of their networks, as it
 * takes a policy that allows it.
 *
 * out (rows, 8 panels) = a (rows, inner) b, with b in panels (panels, inner, 8); all of float32. Four rows of a at once
 * share what is read of b.
 */

type Code = readonly (number | Code)[];

/** Parameters and variables, by their numbers. */
const [A, B, OUT, ROWS, INNER, PANELS, LEFT, COUNT, AT, TO, WIDTH, DOWN] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const ROW = [12, 13, 14, 15] as const;
const SUM = [16, 17, 18, 19, 20, 21, 22, 23] as const;
const [FIRST, SECOND, VALUE] = [24, 25, 26];
const [I32, V128, NOTHING] = [0x7f, 0x7b, 0x40];

const flat = (code: Code): number[] => code.flatMap((part) => (typeof part === "number" ? [part] : flat(part)));
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
/** A constant is written with its sign: one of less than 64 in a byte. */
const constant = (value: number): Code => (value < 64 ? [0x41, value] : [0x41, (value & 127) | 128, value >>> 7]);
const get = (name: number): Code => [0x20, name];
const set = (name: number, value: Code): Code => [value, 0x21, name];
const add = (x: Code, y: Code): Code => [x, y, 0x6a];
const times = (x: Code, y: Code): Code => [x, y, 0x6c];
const increase = (name: number, by: Code): Code => set(name, add(get(name), by));
const decrease = (name: number, by: number): Code => set(name, [get(name), constant(by), 0x6b]);
/** Repeats the body while a variable is at least so much. */
const whileAtLeast = (name: number, least: number, ...body: Code): Code =>
  [0x02, NOTHING, 0x03, NOTHING, get(name), constant(least), 0x49, 0x0d, 1, body, 0x0c, 0, 0x0b, 0x0b];

const load = (address: Code, offset: number): Code => [address, 0xfd, 0x00, 2, offset];
const splat = (address: Code): Code => [address, 0xfd, 0x09, 2, 0];
const store = (address: Code, offset: number, value: Code): Code => [address, value, 0xfd, 0x0b, 2, offset];
const zero: Code = [0xfd, 0x0c, new Array<number>(16).fill(0)];
const plus = (x: Code, y: Code): Code => [x, y, 0xfd, 0xe4, 0x01];
const by = (x: Code, y: Code): Code => [x, y, 0xfd, 0xe6, 0x01];

/** So many rows of a times one panel, for as long as so many are left. */
function rows(count: number): Code {
  const each = Array.from({ length: count }, (_, i) => i);
  return whileAtLeast(LEFT, count, [
    each.slice(1).map((i) => set(ROW[i]!, add(get(ROW[i - 1]!), get(WIDTH)))),
    each.map((i) => [set(SUM[2 * i]!, zero), set(SUM[2 * i + 1]!, zero)]),
    set(AT, get(B)),
    set(COUNT, get(INNER)),
    whileAtLeast(COUNT, 1, [
      set(FIRST, load(get(AT), 0)),
      set(SECOND, load(get(AT), 16)),
      each.map((i) => [
        set(VALUE, splat(get(ROW[i]!))),
        set(SUM[2 * i]!, plus(get(SUM[2 * i]!), by(get(VALUE), get(FIRST)))),
        set(SUM[2 * i + 1]!, plus(get(SUM[2 * i + 1]!), by(get(VALUE), get(SECOND)))),
        increase(ROW[i]!, constant(4)),
      ]),
      increase(AT, constant(32)),
      decrease(COUNT, 1),
    ]),
    each.map((i) => [store(get(TO), 0, get(SUM[2 * i]!)), store(get(TO), 16, get(SUM[2 * i + 1]!)), increase(TO, get(DOWN))]),
    // Where the last of the rows ended, the next begins.
    set(ROW[0], get(ROW[count - 1]!)),
    decrease(LEFT, count),
  ]);
}

const BODY: Code = [
  set(WIDTH, times(get(INNER), constant(4))),
  set(DOWN, times(get(PANELS), constant(32))),
  whileAtLeast(PANELS, 1, [
    set(ROW[0], get(A)),
    set(TO, get(OUT)),
    set(LEFT, get(ROWS)),
    rows(4),
    rows(1),
    set(B, get(AT)),
    increase(OUT, constant(32)),
    decrease(PANELS, 1),
  ]),
];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, leb(flat(content).length), content];
  const body = flat([2, [10, I32], [11, V128], BODY, 0x0b]);
  const name = [1, 0x61];
  return Uint8Array.from(flat([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, 6, new Array<number>(6).fill(I32), 0]),
    section(2, [1, name, name, 0x02, 0x00, 1]),
    section(3, [1, 0]),
    section(7, [1, name, 0x00, 0]),
    section(10, [1, leb(body.length), body]),
  ]));
}

const PAGE = 2 ** 16;

type Multiply = (a: number, b: number, out: number, rows: number, inner: number, panels: number) => void;

/** The function, and the memory that it works in: weights stay there, and what is multiplied passes through. */
export class Simd {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #multiply: Multiply;
  #end = 0;

  constructor() {
    const found = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { a: { a: this.#memory } });
    this.#multiply = found.exports.a as Multiply;
  }

  /** The place of numbers that stay. */
  keep(numbers: Float32Array): number {
    const place = this.#end;
    this.#end += 4 * numbers.length;
    this.#reach(this.#end);
    new Float32Array(this.#memory.buffer, place, numbers.length).set(numbers);
    return place;
  }

  /** (rows, 8 panels), which is there until the next product. */
  product(a: Float32Array, rows: number, weights: number, inner: number, panels: number): Float32Array {
    const out = this.#end + 4 * a.length;
    this.#reach(out + 32 * rows * panels);
    new Float32Array(this.#memory.buffer, this.#end, a.length).set(a);
    this.#multiply(this.#end, weights, out, rows, inner, panels);
    return new Float32Array(this.#memory.buffer, out, 8 * rows * panels);
  }

  #reach(size: number): void {
    const missing = Math.ceil((size - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.#memory.grow(missing);
  }
}

let found: Simd | null | undefined;

/** Null where the browser has none: then numbers are multiplied one at a time. */
export function simd(): Simd | null {
  if (found !== undefined) return found;
  try {
    found = new Simd();
  } catch {
    found = null;
  }
  return found;
}
