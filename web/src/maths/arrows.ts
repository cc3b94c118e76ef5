/** Arrows in code space on the plane that the map shows, all on one scale. */
import type { About, Codes, LessonShown } from "../backend/backend";
import { niceAbove } from "./curves";
import { place, spreadOut, type Plane, type Point } from "./plane";

export interface Arrow {
  readonly from: Point;
  /** Nats a unit of z, along the plane's two axes. */
  readonly by: Point;
}

export interface Pulled {
  readonly rate: readonly Arrow[];
  readonly distortion: readonly Arrow[];
  /** Nats a unit of z that an arrow of {@link LENGTH} stands for; a quarter of it has half of the length. */
  readonly unit: number;
}

/** CSS pixels. */
export const LENGTH = 40;
/** Longer arrows end here. */
export const LONGEST = 1.5;
/** This share of all arrows are no longer than the unit. */
const SHARE = 0.9;

/** What pulls at the first of a lesson's codes, on this plane. */
export function pulled(plane: Plane, about: About, shown: Pick<LessonShown, "indices" | "codes" | "pullOfRate" | "pullOfDistortion">): Pulled {
  const { codes, indices, pullOfRate: rate, pullOfDistortion: distortion } = shown;
  const [count, width] = [rate.shape[0]!, rate.shape[1]!];
  const row = ({ data }: Codes, i: number): Float32Array => data.subarray(i * width, (i + 1) * width);
  const at = (i: number): Point => {
    const found = place(plane, about, row(codes, i));
    // On a line it is where its row's point is.
    return plane.kind === "line" ? { u: found.u, v: spreadOut(indices[i]!) } : found;
  };
  const arrows = (pull: Codes): Arrow[] =>
    Array.from({ length: count }, (_, i) => ({ from: at(i), by: along(plane, about, row(pull, i)) }));
  const found = { rate: arrows(rate), distortion: arrows(distortion) };
  const lengths = [...found.rate, ...found.distortion].map(({ by }) => Math.hypot(by.u, by.v)).filter(Number.isFinite);
  lengths.sort((a, b) => a - b);
  return { ...found, unit: niceAbove(lengths[Math.floor(SHARE * (lengths.length - 1))] ?? 0) };
}

/** A direction's two parts. */
function along(plane: Plane, about: About, pull: Float32Array): Point {
  if (plane.kind === "line") return { u: pull[plane.x]!, v: 0 };
  if (plane.kind === "dims") return { u: pull[plane.x]!, v: pull[plane.y]! };
  const part = (axis: readonly number[]): number => axis.reduce((sum, a, d) => sum + a * pull[d]!, 0);
  const [first, second] = about.pca!.axes;
  return { u: part(first!), v: part(second!) };
}

/**
 * Where an arrow ends from where it begins, in CSS pixels, as the map's axes turn it. Lengths go by the square root: a
 * row's distortion pulls many times as hard as its rate, since the encoder can follow but what rows beside it want too.
 */
export function onScreen({ u, v }: Point, unit: number, pixelsU: number, pixelsV: number): readonly [number, number] {
  const [across, up] = [u * pixelsU, -v * pixelsV];
  const length = Math.hypot(across, up);
  if (!(length > 0) || !Number.isFinite(length)) return [0, 0];
  const long = LENGTH * Math.min(LONGEST, Math.sqrt(Math.hypot(u, v) / unit));
  return [(across / length) * long, (up / length) * long];
}
