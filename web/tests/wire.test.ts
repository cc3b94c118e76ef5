import { describe, expect, it } from "vitest";
import type { Values } from "../src/backend/arrays";
import { readMessage, writeMessage } from "../src/backend/wire";

describe("messages", () => {
  it("come back as they were, whatever the arrays' types and sizes", () => {
    const all: Values[] = [
      new Float32Array([1.5, -2, 3]), new Float64Array([Math.PI]), new Uint8Array([1, 2, 3, 4, 5]),
      new Int8Array([-1]), new Uint16Array([65535, 0]), new Int16Array([-5, 5, 7]), new Int32Array([-1, 2]),
      new Uint32Array([4294967295]),
    ]; // prettier-ignore
    const arrays = Object.fromEntries(all.map((data, i) => [`a${i}`, { data, shape: [data.length] }]));
    const { header, arrays: read } = readMessage(writeMessage({ header: { id: 3, op: "naïve Ω" }, arrays }));
    expect(header).toEqual({ id: 3, op: "naïve Ω" });
    expect(read).toEqual(arrays);
  });

  it("align every array to eight bytes", () => {
    for (let length = 0; length < 20; length++) {
      const header = { op: "x".repeat(length) };
      const arrays = {
        odd: { data: new Uint8Array(length), shape: [length] },
        wide: { data: new Float64Array([length]), shape: [1] },
      };
      const message = writeMessage({ header, arrays });
      expect((4 + new DataView(message).getUint32(0, true)) % 8).toBe(0);
      expect(message.byteLength % 8).toBe(0);
      expect(readMessage(message).arrays).toEqual(arrays);
    }
  });

  it("send what a view shows of a larger buffer, and keep empty arrays", () => {
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const arrays = { view: { data: view, shape: [1, 2] }, none: { data: new Float32Array(0), shape: [0, 7] } };
    const read = readMessage(writeMessage({ header: {}, arrays })).arrays;
    expect([...read.view!.data]).toEqual([1, 2]);
    expect(read.none).toEqual(arrays.none);
  });

  it("that are cut off are refused with a sentence", () => {
    const message = writeMessage({ header: {}, arrays: { z: { data: new Float32Array(40), shape: [40] } } });
    for (const length of [0, 3, 8, message.byteLength - 8]) {
      expect(() => readMessage(message.slice(0, length))).toThrow("can't read");
    }
  });
});
