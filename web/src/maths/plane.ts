/**
 * The plane that the map shows: two of the latents, the two principal axes of the codes, or one latent where there is
 * no second. A move on the map changes the plane's two coordinates of z and keeps all others.
 */
import type { About } from "../backend/backend";
import type { Tensor } from "../backend/arrays";
import { say } from "../words/words";
import { lengthOf } from "./orthogonal";

export type Plane =
  | { readonly kind: "pca" }
  | { readonly kind: "dims"; readonly x: number; readonly y: number }
  /** The vertical place of a point means nothing: points are spread out so that they can be told apart. */
  | { readonly kind: "line"; readonly x: number };

export interface Point {
  readonly u: number;
  readonly v: number;
}

/** A symmetric matrix [[uu, uv], [uv, vv]]. */
export interface Covariance {
  readonly uu: number;
  readonly uv: number;
  readonly vv: number;
}

type Numbers = ArrayLike<number>;

export function defaultPlane(about: About): Plane {
  if (about.pca && about.latent_dim > 2) return { kind: "pca" };
  if (about.latent_dim === 1) return { kind: "line", x: 0 };
  if (about.latent_dim === 2) return { kind: "dims", x: 0, y: 1 };
  const [x = 0, y = x === 0 ? 1 : 0] = ranked(about);
  return { kind: "dims", x, y };
}

/** All dimensions, the most telling first: the active ones in their order, then the others by what they carry. */
export function ranked(about: About): number[] {
  const weight = about.rate ?? about.variance;
  const active = new Set(about.active);
  const rest = Array.from({ length: about.latent_dim }, (_, d) => d).filter((d) => !active.has(d));
  rest.sort((a, b) => (weight[b] ?? 0) - (weight[a] ?? 0) || a - b);
  return [...about.active, ...rest];
}

/** All dimensions in an order that stays: by what they tell, and by their number while that still changes. */
export function orderOf(about: About): number[] {
  return typeof about.version === "number" ? Array.from({ length: about.latent_dim }, (_, d) => d) : ranked(about);
}

export function place(plane: Plane, about: About, z: Numbers): Point {
  if (plane.kind === "line") return { u: z[plane.x]!, v: 0 };
  if (plane.kind === "dims") return { u: z[plane.x]!, v: z[plane.y]! };
  const { mean, axes } = about.pca!;
  const along = (axis: readonly number[]): number => axis.reduce((sum, a, d) => sum + a * (z[d]! - mean[d]!), 0);
  return { u: along(axes[0]!), v: along(axes[1]!) };
}

/** The code at this point of the plane through z. */
export function moved(plane: Plane, about: About, z: readonly number[], to: Point): number[] {
  const next = [...z];
  if (plane.kind === "pca") {
    const from = place(plane, about, z);
    const [first, second] = about.pca!.axes;
    return next.map((value, d) => value + (to.u - from.u) * first![d]! + (to.v - from.v) * second![d]!);
  }
  next[plane.x] = to.u;
  if (plane.kind === "dims") next[plane.y] = to.v;
  return next;
}

/** Where codes (n, D) lie on the plane. */
export function placed(plane: Plane, about: About, codes: Tensor<Float32Array>): { xs: Float32Array; ys: Float32Array } {
  const [n = 0, width = 1] = codes.shape;
  const [xs, ys] = [new Float32Array(n), new Float32Array(n)];
  const { data } = codes;
  if (plane.kind === "pca") {
    placeOnAxes(data, width, about.pca!, xs, ys);
  } else if (plane.kind === "dims") {
    for (let i = 0, at = 0; i < n; i++, at += width) {
      xs[i] = data[at + plane.x]!;
      ys[i] = data[at + plane.y]!;
    }
  } else {
    for (let i = 0, at = 0; i < n; i++, at += width) {
      xs[i] = data[at + plane.x]!;
      ys[i] = spreadOut(i);
    }
  }
  return { xs, ys };
}

function placeOnAxes(
  data: Float32Array,
  width: number,
  { mean, axes }: NonNullable<About["pca"]>,
  xs: Float32Array,
  ys: Float32Array,
): void {
  const [a, b, m] = [axes[0]!, axes[1]!, mean].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0, at = 0; i < xs.length; i++, at += width) {
    let [u, v] = [0, 0];
    for (let d = 0; d < width; d++) {
      const value = data[at + d]! - m[d]!;
      u += a[d]! * value;
      v += b[d]! * value;
    }
    xs[i] = u;
    ys[i] = v;
  }
}

/** Even and without a pattern to the eye, from −1 to 1: multiples of the golden ratio. */
export const spreadOut = (i: number): number => ((i * 0.6180339887498949) % 1) * 2 - 1;

/** The covariance on the plane of codes that vary by these deviations, each dimension on its own. */
export function covariance(plane: Plane, about: About, deviation: Numbers): Covariance {
  if (plane.kind !== "pca") {
    const vv = plane.kind === "dims" ? deviation[plane.y]! ** 2 : 0.25;
    return { uu: deviation[plane.x]! ** 2, uv: 0, vv };
  }
  const [a, b] = about.pca!.axes as [number[], number[]];
  const sum = (f: (d: number) => number): number => a.reduce((total, _, d) => total + f(d) * deviation[d]! ** 2, 0);
  return { uu: sum((d) => a[d]! ** 2), uv: sum((d) => a[d]! * b[d]!), vv: sum((d) => b[d]! ** 2) };
}

/** Half axes and angle of the ellipse of one deviation. */
export function ellipse({ uu, uv, vv }: Covariance): { major: number; minor: number; angle: number } {
  const middle = (uu + vv) / 2;
  const half = Math.hypot((uu - vv) / 2, uv);
  return {
    major: Math.sqrt(Math.max(middle + half, 0)),
    minor: Math.sqrt(Math.max(middle - half, 0)),
    angle: half === 0 ? 0 : Math.atan2(2 * uv, uu - vv) / 2,
  };
}

/** How many units upwards look as long as one unit to the right: latents of an auto-encoder differ in scale. */
export function aspect(plane: Plane, about: About): number {
  if (plane.kind === "pca") return 1;
  // On a line points are spread out over two units, whatever the scale of its latent.
  const up = plane.kind === "dims" ? about.prior.deviation[plane.y]! : 1;
  const ratio = up / about.prior.deviation[plane.x]!;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
}

export function axisNames(plane: Plane, about: About): [string, string] {
  if (plane.kind === "pca") {
    const share = (i: number): string => {
      const held = about.pca!.share[i];
      return held === undefined ? say("of the last epoch’s codes") : say("{share} % of the codes’ variance", { share: Math.round(100 * held) });
    };
    return [say("principal axis 1 ({share})", { share: share(0) }), say("principal axis 2 ({share})", { share: share(1) })];
  }
  if (plane.kind === "line") return [dimensionName(about, plane.x), say("spread out, no meaning")];
  return [dimensionName(about, plane.x), dimensionName(about, plane.y)];
}

/** An axis's name without what it carries. */
export const plainName = (name: string): string => name.replace(/ \(.*\)$/, "");

export function dimensionName(about: About, d: number): string {
  const rate = about.rate?.[d];
  const told =
    rate === undefined
      ? say("variance {variance}", { variance: (about.variance[d] ?? 0).toFixed(2) })
      : say("rate {rate} nats", { rate: rate.toFixed(1) });
  return `z[${d}] (${told})`;
}

/** How long the direction is on the plane, of what it is in all latents. */
export function shareIn(plane: Plane, about: About, vector: Float64Array): number {
  const whole = lengthOf(vector);
  const zero = place(plane, about, vector.map(() => 0));
  const { u, v } = place(plane, about, vector);
  const up = plane.kind === "line" ? 0 : v - zero.v;
  return whole > 0 ? Math.min(1, Math.hypot(u - zero.u, up) / whole) : 0;
}
