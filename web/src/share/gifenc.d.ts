/** What of gifenc is used here: it comes without types. */
declare module "gifenc" {
  export type Colour = [red: number, green: number, blue: number];
  export interface Encoder {
    /** The first frame's palette is that of all; delays are in milliseconds, and the film goes on for ever. */
    writeFrame(indices: Uint8Array, width: number, height: number, options: { palette?: readonly Colour[]; delay: number }): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): Encoder;
  export function quantize(rgba: Uint8ClampedArray, most: number): Colour[];
  export function applyPalette(rgba: Uint8ClampedArray, palette: readonly Colour[]): Uint8Array;
}
