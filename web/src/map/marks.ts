/** What the state has drawn over the points. */
import { momentsOf, type About } from "../backend/backend";
import { rowsOf } from "../backend/arrays";
import { axisNames, covariance, place, plainName, type Plane, type Point } from "../maths/plane";
import type { Posterior, Session } from "../session/session";
import { showsWay, type State } from "../state/state";
import type { Gaussian, Marks } from "./overlay";

export function gaussianOf(plane: Plane, about: About, { mean, deviation }: Posterior): Gaussian {
  return { mean: place(plane, about, mean), covariance: covariance(plane, about, deviation) };
}

export function marksOf({ about, morphing, posterior }: Pick<Session, "about" | "morphing" | "posterior">, state: State): Marks {
  const { plane, layers, morph } = state;
  const shown = showsWay(state);
  const at = (z: readonly number[] | null): Point | null => z && place(plane, about, z);
  const ends = (["a", "b"] as const).flatMap((end) => {
    const point = shown ? at(morphing.code(morph[end])) : null;
    return point ? [{ name: end.toUpperCase(), at: point }] : [];
  });
  const walk = shown ? morphing.walk.value : null;
  return {
    names: axisNames(plane, about),
    vertical: plane.kind !== "line",
    prior: layers.includes("prior") ? gaussianOf(plane, about, momentsOf(about)) : null,
    posterior: posterior.value && gaussianOf(plane, about, posterior.value),
    walk: walk ? rowsOf(walk.z).map((z) => place(plane, about, z)) : [],
    ends,
  };
}

/** Those of a film through the epochs: neither a way by the model of one, nor what dimensions carry in it. */
export function bare({ names, vertical }: Marks, prior: Gaussian | null): Marks {
  return { names: [plainName(names[0]), plainName(names[1])], vertical, prior, posterior: null, walk: [], ends: [] };
}
