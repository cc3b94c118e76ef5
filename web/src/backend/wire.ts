/**
 * The binary messages of the socket: a uint32 with the header's length, the header as JSON, padded with spaces so that
 * what follows is aligned, and the arrays' bytes, each padded to eight. Arrays are read where they lie, without a copy.
 */
import { BackendError } from "./backend";
import { product, type Arrays, type Tensor, type Values } from "./arrays";
import { say } from "../words/words";

const ALIGNMENT = 8;

interface Constructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, offset: number, length: number): Values;
}

const TYPES: Readonly<Record<string, Constructor>> = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
};

interface Described {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface Message {
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: Arrays;
}

const padded = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

function dtypeOf(values: Values): string {
  const found = Object.entries(TYPES).find(([, type]) => values instanceof type);
  if (!found) throw new BackendError("this kind of array can't be sent");
  return found[0];
}

export function writeMessage({ header, arrays }: Message): ArrayBuffer {
  const named = Object.entries(arrays);
  const described = named.map(([name, { data, shape }]) => ({ name, dtype: dtypeOf(data), shape }));
  const text = new TextEncoder().encode(JSON.stringify({ ...header, arrays: described }));
  const start = padded(4 + text.length);
  const total = named.reduce((size, [, { data }]) => size + padded(data.byteLength), start);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, start - 4, true);
  bytes.set(text, 4);
  bytes.fill(0x20, 4 + text.length, start);
  let offset = start;
  for (const [, { data }] of named) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += padded(data.byteLength);
  }
  return bytes.buffer;
}

export function readMessage(buffer: ArrayBuffer): Message {
  const broken = new BackendError(say("the server sent a message that this page can't read; are both of one version?"));
  if (buffer.byteLength < 4) throw broken;
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength || (4 + length) % ALIGNMENT) throw broken;
  const { arrays: described = [], ...header } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 4, length)),
  ) as Record<string, unknown> & { arrays?: Described[] };
  const arrays: Record<string, Tensor> = {};
  let offset = 4 + length;
  for (const { name, dtype, shape } of described) {
    const Type = TYPES[dtype];
    const count = product(shape);
    if (!Type || offset + count * Type.BYTES_PER_ELEMENT > buffer.byteLength) throw broken;
    arrays[name] = { data: new Type(buffer, offset, count), shape };
    offset += padded(count * Type.BYTES_PER_ELEMENT);
  }
  return { header, arrays };
}
