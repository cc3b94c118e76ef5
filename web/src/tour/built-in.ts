/** The tour that every run has: six steps from "compress" to "condition", in words and states that fit the run. */
import { hasLabels, type About } from "../backend/backend";
import { product } from "../backend/arrays";
import { plural } from "../maths/format";
import { ranked } from "../maths/plane";
import { isStandard } from "../panels/generate-told";
import { panelFits } from "../state/panels";
import { rounded } from "../state/state";
import { say } from "../words/words";
import { endsOf, type Ends, type Known } from "./rows";
import type { Step, Tour } from "./tour";

interface Of extends Known {
  readonly runs: readonly About[];
  readonly ends: Ends | null;
}

export function builtIn(known: Known, runs: readonly About[]): Tour {
  const of: Of = { ...known, runs, ends: endsOf(known) };
  const steps = [compress, sampling, cloud, forces, walk, condition].map((step) => step(of));
  return { title: say("From an auto-encoder to a CVAE"), steps };
}

const sentences = (...parts: readonly (string | false)[]): string => parts.filter(Boolean).join(say(" "));

/** A state of what is set: nothing is left out of it that the step needs. */
function state(parts: Readonly<Record<string, string | number | null>>): string {
  const set = Object.entries(parts).filter(([, value]) => value !== null && value !== "");
  return set.map(([key, value]) => `${key}=${value}`).join("&");
}

const joined = (...parts: readonly string[]): string => parts.filter(Boolean).join("&");

/** The row that the steps begin at, or where there is none a code: as a link has them. */
function start({ ends, about }: Of): string {
  if (ends) return state({ row: ends.a, y: classOf(about, ends.from) });
  return about.rows ? "row=0" : `z=${codeAt(about, 1, 0.5)}`;
}

function other({ ends, about }: Of): string {
  return ends ? state({ row: ends.b, y: classOf(about, ends.to) }) : `z=${codeAt(about, -1, 1)}`;
}

/** Of a model that takes a row's class: it is decoded under its own. */
function classOf({ classes }: About, name: string | null): number | null {
  const place = classes && name !== null ? classes.indexOf(name) : -1;
  return place < 0 ? null : place;
}

/** So many deviations from the middle, in the two latents that tell most. */
function codeAt(about: About, first: number, second: number): string {
  const [a, b] = ranked(about);
  const { mean, deviation } = about.prior;
  const steps = mean.map((_, d) => (d === a ? first : d === b ? second : 0));
  return mean.map((middle, d) => rounded(middle + steps[d]! * deviation[d]!, deviation[d] ?? 1)).join(",");
}

// -------------------------------------------------------------------- the steps

function compress(of: Of): Step {
  const { about } = of;
  const size = product(about.event);
  const what = about.kind === "image" ? say("a picture") : about.kind === "table" ? say("a row of a table") : say("an example");
  const told = { what, numbers: plural(size, "number"), latents: plural(about.latent_dim, "number") };
  const layers = about.rows ? "points" : "prior";
  const ways = { one: start(of), other: other(of), layers: about.rows ? "points,lattice" : "lattice,prior" };
  return {
    title: say("Compress"),
    text: sentences(
      about.latent_dim < size
        ? say("x is {what}, {numbers}; its code z has {latents}. What the code does not say is lost.", told)
        : say("x is {what}, {numbers}; its code z has {latents}. It is no narrower than x, so nothing has to be lost.", told),
      about.rows > 0
        ? say("The encoder gives each row a place on the map, and the decoder makes x̂ of the place alone: of [this row’s](#{one}), of [another’s](#{other}), and of [every other place](#layers={layers}).", ways)
        : say("The rows are not here. The decoder makes x̂ of a place on the map alone: of [this one](#{one}), of [another](#{other}), and of [every other](#layers={layers}).", ways),
    ),
    state: joined(start(of), state({ layers })),
  };
}

function sampling({ about, runs }: Of): Step {
  const standard = isStandard(about);
  const plain = runs.find((run) => run.id !== about.id && !run.can_sample && run.latent_dim === about.latent_dim && alike(run, about));
  const beside = plain ? { name: shown(plain.name.split("/").at(-1)!), run: encodeURIComponent(plain.id) } : null;
  return {
    title: say("Why an auto-encoder can’t be sampled"),
    text: about.can_sample
      ? sentences(
          say("An auto-encoder learns single points: nothing says where its codes lie, and no place between them was ever decoded in training."),
          standard
            ? say("This model’s codes were drawn towards its prior, N(0, I), so [draws of it](#panel=generate&draws=1) decode to something like the data.")
            : say("This model’s codes were drawn towards its prior, so [draws of that](#panel=generate&draws=1&blend=1) decode to something like the data; [N(0, I)](#panel=generate&draws=1&blend=0) is another law."),
          beside !== null && say("[{name} beside it](#beside={run}&panel=generate&draws=1&blend=0) gets the same draws.", beside),
        )
      : sentences(
          say("This model is an auto-encoder: training asked that x̂ be like x, and never where codes lie."),
          say("[Draws of N(0, I)](#panel=generate&draws=1&blend=0) are a guess: no place between the points was ever decoded in training."),
          say("[Draws of a mixture](#panel=generate&draws=1&blend=1) that was fitted to its codes do better, and that is a second model."),
        ),
    state: state({ panel: "generate", draws: 1, blend: about.can_sample && !standard ? 1 : null, layers: about.rows ? "points,prior" : "prior" }),
  };
}

/** Whether two runs are of examples of one shape, and of the same data where that is known. */
function alike(one: About, other: About): boolean {
  return String(one.event) === String(other.event) && (!one.data || !other.data || one.data === other.data);
}

function cloud(of: Of): Step {
  const { about } = of;
  const { kind = null, noise = 0 } = about.posterior ?? {};
  const way = { one: noiseAt(of, 1.2, -0.8), other: noiseAt(of, -1, 1.3) };
  const why = say("This is the reparameterization: the gradient passes through μ and σ, and the chance stays in ε.");
  const texts = {
    gaussian: () =>
      sentences(
        say("The encoder gives a mean μ and a spread σ, and the code is drawn: z = μ + σ·ε with ε ~ N(0, I). [No noise](#noise=) is the middle of the cloud; [this ε](#noise={one}) and [this one](#noise={other}) are other codes of the same x.", way),
        why,
      ),
    other: () =>
      sentences(
        say("The code is drawn: z = f(μ + σ·ε) with ε ~ N(0, I), where a flow f bends the cloud. [No noise](#noise=), [this ε](#noise={one}) and [this one](#noise={other}) are codes of the same x.", way),
        why,
      ),
    point: () =>
      sentences(
        say("This auto-encoder gives a point: σ = 0, and z = μ."),
        say("A VAE gives a cloud in its place, z = μ + σ·ε with ε ~ N(0, I), so that its decoder must make the same x̂ of every code in it, and places beside each other decode alike."),
        why,
      ),
  };
  const unseen = (): string =>
    sentences(
      say("Here the inside of the model can’t be followed."),
      say("A VAE’s encoder gives a cloud, z = μ + σ·ε with ε ~ N(0, I), so that places beside each other decode alike."),
    );
  return {
    title: say("A cloud in place of a point"),
    text: kind ? texts[kind]() : unseen(),
    state: joined(start(of), state({ panel: kind && "inside", noise: noise && kind !== "point" ? way.one : null })),
  };
}

/** ε in the two latents that tell most. */
function noiseAt({ about }: Of, first: number, second: number): string {
  const count = about.posterior?.noise ?? 0;
  const [a = 0, b = 1] = count === about.latent_dim ? ranked(about) : [];
  const values = Array.from({ length: count }, (_, d) => (d === a ? first : d === b ? second : 0));
  return values.map((value) => value || "").join(",").replace(/,+$/, "");
}

function forces(of: Of): Step {
  const { about } = of;
  const point = about.posterior?.kind === "point" || !about.can_sample;
  return {
    title: point ? say("One force, and a second") : say("The two forces"),
    text: sentences(
      point
        ? say("This model’s loss is the distortion alone: how badly x̂ tells x. A VAE adds the rate, KL(q ‖ p), which draws every cloud towards the prior; their sum is −ELBO.")
        : say("The loss has two terms. Distortion, how badly x̂ tells x, wants clouds that are small and far apart; rate, KL(q ‖ p), draws all of them into [the prior](#layers={layers}). Their sum is −ELBO, in nats.", { layers: about.rows ? "points,prior" : "prior" }),
      about.rows > 0 && say("[Coloured by loss](#colour=score), rows that are rare stand out."),
      panelFits("training", about) && say("[Train it anew](#panel=training), and take one of the forces away."),
    ),
    state: joined(start(of), state({ panel: about.posterior ? "inside" : null, layers: about.rows ? "points,prior" : "prior" })),
  };
}

function walk(of: Of): Step {
  const { about, ends } = of;
  const [a, b] = ends ? [`row${ends.a}`, `row${ends.b}`] : [codeAt(about, -1.5, -0.5), codeAt(about, 1.5, 0.5)];
  const way = `panel=morph&a=${a}&b=${b}`;
  // Under one y there is one class on the way: what differs is the style.
  const [from, to] = about.classes ? ["A", "B"] : [ends?.from ?? "A", ends?.to ?? "B"];
  const told = { way, from: shown(from), to: shown(to) };
  return {
    title: say("Generate and walk"),
    text: sentences(
      about.can_sample
        ? say("To generate, draw z from the prior and decode it: [some draws](#panel=generate&draws=2&blend=1), [some others](#panel=generate&draws=3&blend=1).")
        : say("To generate, something must say where codes lie, such as [a mixture fitted to them](#panel=generate&draws=2&blend=1)."),
      say("To walk, go from one code to another and decode on the way: [from {from} to {to}](#{way}&path=linear) in a straight line, or [along an arc](#{way}&path=spherical). Press Play, or drag over the map.", told),
    ),
    state: joined(start(of), way, state({ n: 12 })),
  };
}

function condition(of: Of): Step {
  const { about } = of;
  if (!about.conditional) return unconditioned(of);
  const both = say("This model takes y at both ends, encoder and decoder: z need not say it, and tells what is left, such as the style.");
  if (!about.classes || about.classes.length < 2) {
    return {
      title: say("Condition"),
      text: sentences(both, say("Here y is numbers: set others in the panel, and the same z decodes to another x̂.")),
      state: joined(start(of), state({ panel: "condition" })),
    };
  }
  const [first, second] = [about.classes[0]!, about.classes.at(-1)!];
  const last = about.classes.length - 1;
  return {
    title: say("Condition"),
    text: sentences(
      both,
      say("The same z decodes [as {first}](#y=0), [as {second}](#y={last}), or [as half of each](#y=0:0.5,{last}:0.5).", { first: shown(first), second: shown(second), last }),
    ),
    state: state({ row: of.ends?.a ?? (about.rows ? 0 : null), panel: "condition", y: last }),
  };
}

/** The step in other words. */
function unconditioned(of: Of): Step {
  const { about } = of;
  const traits = ["traits", "attributes"].find((panel) => panelFits(panel, about)) ?? null;
  return {
    title: say("Condition"),
    text: sentences(
      say("This model takes no y. A CVAE takes it at both ends, encoder and decoder: z need not say it, and the same z decodes as any class."),
      hasLabels(about) && about.labels !== null && say("Here labels only [colour the map](#colour=label&only=), or [single out a class](#only=0)."),
      traits !== null && say("Without y, [a direction in the codes](#panel={panel}) can add a trait.", { panel: traits }),
    ),
    // The panel comes with its link: before a direction is found there is little to see in it.
    state: start(of),
  };
}

/** A class's name inside of a link. */
const shown = (name: string): string => name.replace(/[[\]]/g, "");
