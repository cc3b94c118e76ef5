import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { hookOf } from "../src/app/hook";
import { stacked } from "../src/backend/arrays";
import { mockAbout } from "../src/backend/mock";
import { writeMessage } from "../src/backend/wire";
import { contentsOf } from "../src/file/contents";
import { bytesOf, catalogueOf } from "../src/file/embedded";
import { fromText } from "../src/file/unpack";
import { FileHost } from "../src/file/host";

/** A page with blocks of text, which can be taken out of it. */
function pageWith(blocks: Record<string, string>): Document {
  const found = new Map(Object.entries(blocks));
  const getElementById = (name: string) =>
    found.has(name) ? { textContent: found.get(name), remove: () => found.delete(name) } : null;
  return { getElementById } as unknown as Document;
}

const LETTERS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((letter) => !"&<>".includes(letter));

/** As `aevum.server.page_text` writes bytes: 13 bits in two letters, and first how many bytes too many there will be. */
function toText(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = Array.from({ length: Math.ceil(bits.length / 13) }, (_, i) => parseInt(bits.slice(13 * i, 13 * i + 13).padEnd(13, "0"), 2));
  return Math.floor((13 * groups.length) / 8) - bytes.length + groups.map((value) => LETTERS[Math.floor(value / 91)]! + LETTERS[value % 91]!).join("");
}

const packed = (bytes: Uint8Array): string => toText(gzipSync(bytes));
const about = mockAbout({ rows: 2 });
const catalogue = JSON.stringify({ runs: [about], version: "1" });

describe("what a file carries", () => {
  it("is unpacked once", async () => {
    const page = pageWith({ catalogue, block: packed(Uint8Array.from([1, 2, 255])) });
    expect(catalogueOf(page).version).toBe("1");
    expect(await bytesOf(page, "block")).toEqual(Uint8Array.from([1, 2, 255]));
    await expect(bytesOf(page, "block")).rejects.toThrow("incomplete");
  });

  it.each([0, 1, 2, 3, 12, 13, 14, 26, 255])("is text of %i bytes and those bytes again", (count) => {
    const bytes = Uint8Array.from({ length: count }, (_, i) => (i * 89 + 250) % 256);
    expect(fromText(toText(bytes))).toEqual(bytes);
  });

  it("is a message of rows and numbers", () => {
    const numbers = { shift: [0], scale: [2], prior_mean: [0, 0], prior_deviation: [1, 1] };
    const arrays = {
      codes: stacked([[1, 2], [3, 4]]),
      labels: { data: Int32Array.from([0, 1]), shape: [2] },
      scores: { data: Float32Array.from([5, 6]), shape: [2] },
      x: { data: new Uint8Array(8), shape: [2, 4] },
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { data: Float64Array.from(value), shape: [1, value.length] }])),
    };
    const found = contentsOf(about, new Uint8Array(writeMessage({ header: { scoring: "bernoulli" }, arrays })));
    expect([found.scoring, found.scale[0], found.context, found.quantiles]).toEqual(["bernoulli", 2, null, null]);
    expect(found.priorDeviation).toEqual(stacked([[1, 1]]));
  });

  it("is where the host's runs are; scripts ask the first where they name none", async () => {
    const host = new FileHost(pageWith({ catalogue }));
    expect((await host.catalogue()).runs).toEqual([about]);
    expect(host.status.value).toEqual({ kind: "open" });
    expect(host.backend("mock")).toBe(host.backend("mock"));
    await expect(hookOf(host).decode([[0, 0]])).rejects.toThrow("incomplete");
  });
});
