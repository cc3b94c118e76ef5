/** What the state has drawn over the points. */
import type { About, Law } from "../backend/backend";
import { rowsOf } from "../backend/arrays";
import { regionsOnLine, regionsOnPlane, type Region } from "../maths/density";
import { axisNames, covariance, place, placed, plainName, type Plane, type Point } from "../maths/plane";
import type { Posterior, Session } from "../session/session";
import { showsWay, type State } from "../state/state";
import type { Gaussian, Marks } from "./overlay";

export function gaussianOf(plane: Plane, about: About, { mean, deviation }: Posterior): Gaussian {
  return { mean: place(plane, about, mean), covariance: covariance(plane, about, deviation) };
}

/** Ellipses where the law is a Gaussian; else the regions on this plane where its density is highest. */
export function priorOf(plane: Plane, about: About, law: Law): Marks["prior"] {
  return law.draws ? regionsOf(plane, about, law.draws) : gaussianOf(plane, about, law.moments);
}

/** Of draws, for the plane that they were last seen on. */
const seen = new WeakMap<object, { readonly key: string; readonly regions: readonly Region[] }>();

function regionsOf(plane: Plane, about: About, draws: NonNullable<Law["draws"]>): readonly Region[] {
  const key = JSON.stringify([plane, plane.kind === "pca" ? about.pca : null]);
  const known = seen.get(draws);
  if (known?.key === key) return known.regions;
  const { xs, ys } = placed(plane, about, draws);
  const regions = plane.kind === "line" ? regionsOnLine(xs) : regionsOnPlane(xs, ys);
  seen.set(draws, { key, regions });
  return regions;
}

type Known = Pick<Session, "about" | "morphing" | "posterior" | "laws" | "sown">;

export function marksOf({ about, morphing, posterior, laws, sown }: Known, state: State): Marks {
  const { plane, layers, morph } = state;
  const shown = showsWay(state);
  const at = (z: readonly number[] | null): Point | null => z && place(plane, about, z);
  const ends = (["a", "b"] as const).flatMap((end) => {
    const point = shown ? at(morphing.code(morph[end])) : null;
    return point ? [{ name: end.toUpperCase(), at: point }] : [];
  });
  const walk = shown ? morphing.walk.value : null;
  const law = layers.includes("prior") ? laws.law.value : null;
  return {
    names: axisNames(plane, about),
    vertical: plane.kind !== "line",
    prior: law && priorOf(plane, about, law),
    posterior: posterior.value && posterior.value.gaussian !== false ? gaussianOf(plane, about, posterior.value) : null,
    cloud: cloudOf(plane, about, posterior.value?.draws ?? null),
    sown: cloudOf(plane, about, sown.value?.codes ?? null),
    box: sown.value?.box ?? null,
    walk: walk ? rowsOf(walk.z).map((z) => place(plane, about, z)) : [],
    ends,
  };
}

function cloudOf(plane: Plane, about: About, draws: Posterior["draws"]): Point[] {
  return draws ? rowsOf(draws).map((z) => place(plane, about, z)) : [];
}

/** Those of a film through the epochs: neither a way by the model of one, nor what dimensions carry in it. */
export function bare({ names, vertical }: Marks, prior: Marks["prior"]): Marks {
  return { names: [plainName(names[0]), plainName(names[1])], vertical, prior, posterior: null, cloud: [], sown: [], box: null, walk: [], ends: [] };
}
