/** Models and states at random, for tests of properties. */
import { product } from "../src/backend/arrays";
import type { About } from "../src/backend/backend";
import { mockAbout } from "../src/backend/mock";
import { normal, type Uniform } from "../src/maths/random";
import type { Plane } from "../src/maths/plane";
import { NO_ATTRIBUTES, type Attributes, type Group } from "../src/state/attributes";
import { drawnText } from "../src/state/drawn";
import { LAYERS, PATHS, initial, rounded, roundedNoise, type End, type State } from "../src/state/state";

const below = (uniform: Uniform, count: number): number => Math.floor(uniform() * count);

export function randomAbout(uniform: Uniform): About {
  return mockAbout({ latents: 1 + below(uniform, 6), conditional: uniform() < 0.5, rows: uniform() < 0.8 ? 300 : 0 });
}

export function randomState(uniform: Uniform, about: About): State {
  const number = (): number => rounded(3 * normal(uniform), 1);
  const code = (): number[] => Array.from({ length: about.latent_dim }, () => (uniform() < 0.4 ? 0 : number()));
  const end = (): End | null =>
    uniform() < 0.3 ? null : uniform() < 0.5 && about.rows ? { row: below(uniform, about.rows) } : { z: code() };
  return {
    ...initial(about),
    z: code(),
    y: about.conditional ? randomWeights(uniform, about.context) : null,
    row: about.rows && uniform() < 0.3 ? below(uniform, about.rows) : null,
    plane: randomPlane(uniform, about),
    view: uniform() < 0.5 ? null : { u: number(), v: number(), span: rounded(0.5 + Math.abs(number()), 1) },
    colour: uniform() < 0.5 ? "score" : "none",
    only: about.labels && uniform() < 0.5 ? [below(uniform, about.labels.length)] : [],
    layers: LAYERS.filter(() => uniform() < 0.5),
    panel: uniform() < 0.5 ? "morph" : "draw",
    morph: { a: end(), b: end(), path: PATHS[below(uniform, 3)]!, n: 3 + below(uniform, 40) },
    drawn: uniform() < 0.5 ? null : drawnText(Uint8Array.from({ length: product(about.event) }, () => 256 * uniform())),
    generate: {
      seed: below(uniform, 9),
      blend: below(uniform, 5) / 4,
      box: uniform() < 0.5 ? null : { left: -1.5, right: below(uniform, 3), bottom: 0.25, top: 1 + below(uniform, 3) },
    },
    inside: {
      of: uniform() < 0.5 ? "probe" : "drawing",
      epsilon: uniform() < 0.5 ? null : roundedNoise(Array.from({ length: about.latent_dim }, () => normal(uniform))),
    },
    attributes: about.rows ? randomAttributes(uniform, about) : NO_ATTRIBUTES,
  };
}

function randomPlane(uniform: Uniform, about: About): Plane {
  if (about.latent_dim === 1) return { kind: "line", x: 0 };
  if (about.pca && uniform() < 0.5) return { kind: "pca" };
  const x = below(uniform, about.latent_dim);
  return { kind: "dims", x, y: (x + 1 + below(uniform, about.latent_dim - 1)) % about.latent_dim };
}

function randomAttributes(uniform: Uniform, about: About): Attributes {
  const corner = () => ({ u: rounded(3 * normal(uniform), 1), v: rounded(3 * normal(uniform), 1) });
  const group = (): Exclude<Group, "others"> =>
    uniform() < 0.5
      ? { label: about.labels![below(uniform, about.labels!.length)]! }
      : { plane: randomPlane(uniform, about), outline: Array.from({ length: 3 + below(uniform, 20) }, corner) };
  const list = Array.from({ length: below(uniform, 4) }, (_, i) => ({
    slot: 3 * i + below(uniform, 3),
    name: ["glasses", "a/b;c:d, e&f=g", "größer ☺", "100 %"][below(uniform, 4)]!,
    with: group(),
    without: uniform() < 0.5 ? ("others" as const) : group(),
  }));
  const shown = list.length && uniform() < 0.5 ? list[below(uniform, list.length)]!.slot : null;
  return { list, orthogonal: uniform() < 0.5, shown };
}

function randomWeights(uniform: Uniform, count: number): number[] {
  const share = Math.round(uniform() * 100) / 100;
  const [from, to] = [below(uniform, count), below(uniform, count)];
  return Array.from({ length: count }, (_, i) =>
    from === to ? Number(i === from) : i === from ? Number((1 - share).toFixed(2)) : i === to ? share : 0,
  );
}
