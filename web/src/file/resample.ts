/** Pictures made smaller or larger by Lanczos's kernel, cropped around their middle to another shape. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** 8-bit values of one channel, row after row. */
export interface Plane extends Size {
  readonly data: Uint8Array;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const LOBES = 3;

/** The plane's middle, as much of it as has the shape of `size`, in that size. */
export function fitted(plane: Plane, size: Size): Plane {
  const { left, top, width, height } = cropOf(plane, size);
  const across = (from: Plane): Plane => resampled(from, left, width, size.width);
  const down = (from: Plane): Plane => transposed(resampled(transposed(from), top, height, size.height));
  // First where there is more to lose: the other direction then has less to do.
  const downFirst = plane.height / size.height > Math.max(1, plane.width / size.width);
  return downFirst ? across(down(plane)) : down(across(plane));
}

function cropOf({ width, height }: Size, size: Size): Box {
  const shape = size.width / size.height;
  const crop = width / height >= shape ? { width: shape * height, height } : { width, height: width / shape };
  return { left: (width - crop.width) / 2, top: (height - crop.height) / 2, ...crop };
}

/** Each row from `left` on, `length` of its pixels, as `count` of them. */
function resampled({ data, width, height }: Plane, left: number, length: number, count: number): Plane {
  const found = new Uint8Array(count * height);
  const scale = length / count;
  for (let i = 0; i < count; i++) {
    const { first, weights } = kernel(left + (i + 0.5) * scale, Math.max(1, scale), width);
    for (let row = 0; row < height; row++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[row * width + first + k]!;
      found[row * count + i] = Math.min(255, Math.max(0, Math.round(sum)));
    }
  }
  return { data: found, width: count, height };
}

/** The pixels that a point between them is made of, and in which shares. */
function kernel(centre: number, stretch: number, width: number): { first: number; weights: Float64Array } {
  const reach = LOBES * stretch;
  const first = Math.max(0, Math.floor(centre - reach + 0.5));
  const stop = Math.min(width, Math.floor(centre + reach + 0.5));
  const weights = Float64Array.from({ length: stop - first }, (_, k) => lanczos((first + k + 0.5 - centre) / stretch));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { first, weights: weights.map((weight) => weight / total) };
}

function lanczos(x: number): number {
  if (Math.abs(x) >= LOBES) return 0;
  return sinc(x) * sinc(x / LOBES);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function transposed({ data, width, height }: Plane): Plane {
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) turned[column * height + row] = data[row * width + column]!;
  }
  return { data: turned, width: height, height: width };
}
