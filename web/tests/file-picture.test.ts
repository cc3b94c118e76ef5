import { afterEach, expect, it, vi } from "vitest";
import { mockAbout } from "../src/backend/mock";
import { pictureOf } from "../src/file/picture";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13];
const JPEG = [0xff, 0xd8, 0xff, 0xe0];
const WEBP = [..."RIFF\x24\n\0\0WEBP"].map((sign) => sign.charCodeAt(0));
const GIF = [..."GIF89a"].map((sign) => sign.charCodeAt(0));

const about = mockAbout();
const of = (bytes: readonly number[]): Promise<unknown> => pictureOf(new Blob([Uint8Array.from(bytes)]), about);
const browser = vi.fn();
vi.stubGlobal("createImageBitmap", browser);
afterEach(() => void browser.mockReset());

it("takes what the server takes: PNG, JPEG and WebP, by their first bytes", async () => {
  browser.mockRejectedValue(new Error("opened"));
  const told = "this is no PNG, JPEG or WebP picture, or a damaged one";
  for (const bytes of [GIF, [...GIF, ...PNG], WEBP.slice(0, 8), [...WEBP.slice(0, 8), ...PNG], JPEG.slice(0, 2), []]) {
    await expect(of(bytes)).rejects.toThrow(told);
  }
  expect(browser).not.toHaveBeenCalled();
  for (const bytes of [PNG, JPEG, WEBP]) await expect(of(bytes)).rejects.toThrow(told);
  expect(browser).toHaveBeenCalledTimes(3);
});

it("has the server's limits", async () => {
  const close = vi.fn();
  browser.mockResolvedValue({ width: 8000, height: 5001, close });
  await expect(of(PNG)).rejects.toThrow("the picture has more than 40 million pixels; make it smaller");
  expect(close).toHaveBeenCalled();
  const large = new Blob([Uint8Array.from(PNG), new Uint8Array(10 * 2 ** 20)]);
  await expect(pictureOf(large, about)).rejects.toThrow("the picture has more than 10 MB; make it smaller");
  await expect(pictureOf(large, { ...about, kind: "table" })).rejects.toThrow("models of images");
});
