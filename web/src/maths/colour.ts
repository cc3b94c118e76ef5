/**
 * Colours as equal steps to the eye: OKLab (B. Ottosson, 2020), in which sequential scales are mixed, and the packing
 * of colours into the 32 bits that a canvas's buffer holds.
 */

export type Rgb = readonly [number, number, number];
/** Lightness, chroma, hue in degrees. */
export type Lch = readonly [number, number, number];

export function fromHex(hex: string): Rgb {
  // A style sheet that was made small writes #fff.
  const digits = hex.trim().slice(1);
  const value = Number.parseInt(digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex([r, g, b]: Rgb): string {
  return `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** An opaque colour as a little-endian buffer of RGBA bytes holds it. */
export function packed([r, g, b]: Rgb): number {
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}

const linear = (part: number): number =>
  part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
const gamma = (part: number): number =>
  part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;

export function toLch([red, green, blue]: Rgb): Lch {
  const [r, g, b] = [linear(red / 255), linear(green / 255), linear(blue / 255)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [lightness, Math.hypot(a, c), ((Math.atan2(c, a) * 180) / Math.PI + 360) % 360];
}

export function fromLch([lightness, chroma, hue]: Lch): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const c = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * c) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * c) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * c) ** 3;
  const parts = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (part: number): number => Math.round(255 * gamma(Math.min(Math.max(part, 0), 1)));
  return [byte(parts[0]!), byte(parts[1]!), byte(parts[2]!)];
}

/** A scale of this many colours through the given ones, even between them; hues turn the shorter way. */
export function ramp(stops: readonly Lch[], steps: number): Rgb[] {
  return Array.from({ length: steps }, (_, i) => {
    const place = (i / Math.max(1, steps - 1)) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    const [from, to, share] = [stops[low]!, stops[low + 1]!, place - low];
    const mixed = (k: 0 | 1): number => from[k] + share * (to[k] - from[k]);
    const turn = ((to[2] - from[2] + 540) % 360) - 180;
    return fromLch([mixed(0), mixed(1), from[2] + share * turn]);
  });
}
