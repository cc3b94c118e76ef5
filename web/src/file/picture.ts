/** A picture in a file's bytes as one example of the model's data. */
import { BackendError, type About, type Upload } from "../backend/backend";
import { fitted, type Plane } from "./resample";

const MOST_BYTES = 10 * 2 ** 20;
const MOST_PIXELS = 40 * 10 ** 6;
/** Larger pictures are made smaller by the browser first. */
const DRAWN_PIXELS = 4 * 10 ** 6;
const UNREADABLE = "this is no PNG, JPEG or WebP picture, or a damaged one";

/** Turned upright, cropped around its middle to the shape of the model's images, and made as small. */
export async function pictureOf(file: Blob, about: About): Promise<Upload> {
  if (about.kind !== "image") {
    throw new BackendError("pictures can be given to models of images, and this one's examples are none");
  }
  if (file.size > MOST_BYTES) throw new BackendError(`the picture has more than ${MOST_BYTES / 2 ** 20} MB; make it smaller`);
  const bitmap = await opened(file);
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) {
    bitmap.close();
    throw new BackendError(`the picture has more than ${MOST_PIXELS / 10 ** 6} million pixels; make it smaller`);
  }
  const planes = planesOf(pixelsOf(bitmap, about.channels === 4), about.channels).map((plane) => fitted(plane, about));
  bitmap.close();
  return { x: { data: valuesOf(planes, about), shape: about.event }, width, height };
}

/** Browsers read more formats than the server does; a page and its file are to take the same pictures. */
async function opened(file: Blob): Promise<ImageBitmap> {
  if (!isKnown(new Uint8Array(await file.slice(0, 12).arrayBuffer()))) throw new BackendError(UNREADABLE);
  const options: ImageBitmapOptions = { imageOrientation: "from-image", colorSpaceConversion: "none" };
  return createImageBitmap(file, options).catch(() => {
    throw new BackendError(UNREADABLE);
  });
}

/** Whether a file that begins with these bytes is a PNG, a JPEG or a WebP. */
function isKnown(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes);
  return text.startsWith("\x89PNG\r\n\x1a\n") || text.startsWith("\xff\xd8\xff") || /^RIFF.{4}WEBP/s.test(text);
}

/** RGBA; what shows through is white, but for data that have an opacity of their own. */
function pixelsOf(bitmap: ImageBitmap, opacity: boolean): ImageData {
  const share = Math.min(1, Math.sqrt(DRAWN_PIXELS / (bitmap.width * bitmap.height)));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * share))) as [number, number];
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const drawing = canvas.getContext("2d", { willReadFrequently: true })!;
  if (!opacity) {
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, width, height);
  }
  drawing.imageSmoothingQuality = "high";
  drawing.drawImage(bitmap, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height);
}

/** The picture's channels as the data have them: grey by the eye's weights; two are shown as red and cyan. */
export function planesOf(pixels: Pick<ImageData, "data" | "width" | "height">, channels: number): Plane[] {
  const { data, width, height } = pixels;
  const red = (at: number): number => data[at]!;
  const cyan = (at: number): number => (data[at + 1]! + data[at + 2]!) >> 1;
  const part = (c: number) => (at: number): number => data[at + c]!;
  const readers = channels === 1 ? [(at: number) => grey(data, at)] : channels === 2 ? [red, cyan] : [0, 1, 2, 3].map(part);
  return readers.slice(0, channels).map((read) => ({
    data: Uint8Array.from({ length: width * height }, (_, i) => read(4 * i)),
    width,
    height,
  }));
}

function grey(rgba: ArrayLike<number>, at: number): number {
  return (19595 * rgba[at]! + 38470 * rgba[at + 1]! + 7471 * rgba[at + 2]! + 32768) >> 16;
}

/** The bytes between black and white as values in the data's units, in the order of the event. */
export function valuesOf(planes: readonly Plane[], { limits, dtype, position }: About): Float32Array {
  const [low, high] = limits ?? [0, 1];
  const whole = !dtype.startsWith("float");
  const [count, size] = [planes.length, planes[0]!.data.length];
  const values = new Float32Array(count * size);
  planes.forEach(({ data }, c) => {
    for (let i = 0; i < size; i++) {
      const value = low + (data[i]! / 255) * (high - low);
      values[position === "last" ? i * count + c : c * size + i] = whole ? Math.round(value) : value;
    }
  });
  return values;
}
