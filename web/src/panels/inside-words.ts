/** All that the panel says, in one place. */
import type { ComponentChild } from "preact";
import type { PosteriorKind } from "../backend/backend";
import { saying } from "../words/saying";
import { say } from "../words/words";

export const WORDS = {
  source: {
    row: (row: string, label: string | null) => (label === null ? say("Row {row}", { row }) : say("Row {row}, {label}", { row, label })),
    pointed: (row: string, label: string | null) =>
      label === null ? say("Row {row}, pointed at", { row }) : say("Row {row}, {label}, pointed at", { row, label }),
    get probe() {
      return say("What the probe decodes to");
    },
    get drawing() {
      return say("The drawing");
    },
  },
  get choice() {
    return {
      label: say("Goes through the model"),
      probe: say("Probe or row"),
      drawing: say("Drawing"),
      file: say("Picture …"),
    };
  },
  get how() {
    return say("Point at a row of the map, or go to one with Enter or a double click, to send it through.");
  },
  get waiting() {
    return say("Waiting for the model …");
  },
  get parts() {
    return {
      x: "x",
      encoder: say("encoder"),
      mean: "μ",
      logVariance: "log σ²",
      noise: "ε ~ N(0, I)",
      code: "z",
      decoder: say("decoder"),
      made: "x̂",
      y: "y",
      noSpread: "σ = 0",
      noNoise: say("no noise"),
    };
  },
  diagram: (mean: string, spread: string, noise: string | null, code: string, conditional: boolean) => {
    const values = { mean, spread, code };
    const way =
      noise === null
        ? say("x goes through the encoder to μ {mean} and σ {spread}; without noise it becomes z {code}, which the decoder makes x̂ of.", values)
        : say("x goes through the encoder to μ {mean} and σ {spread}; with ε {noise} it becomes z {code}, which the decoder makes x̂ of.", { ...values, noise });
    return conditional ? `${way} ${say("y enters encoder and decoder.")}` : way;
  },
  unread: (why: string) => say("The picture could not be read: {why}", { why }),
  equation: { gaussian: "z = μ + σ · ε", point: "z = μ", other: "z = f(μ + σ · ε)" } satisfies Record<PosteriorKind, string>,
  get kind(): Readonly<Record<PosteriorKind, string>> {
    return {
      gaussian: say("The encoder gives each latent a mean μ and a spread σ; ε is drawn anew each time, and the gradient passes through μ and σ."),
      point: say("The encoder of an auto-encoder gives a point: σ = 0, so no noise comes in, there is no rate, and the distortion is all of the loss."),
      other: say("The posterior is no Gaussian: a flow f bends one. Below are mean and deviation of many draws of z, and not the flow’s own μ and σ."),
    };
  },
  condition: (y: string) => say("y = {y} enters both ends: z need not say it.", { y }),
  get conditionOnNumbers() {
    return say("The page’s y enters both ends, of rows too: choose it under Condition.");
  },
  get resample() {
    return say("Resample ε");
  },
  still: "ε = 0",
  get noise() {
    return say("Noise of each latent");
  },
  latent: (d: number) => `z[${d}]`,
  noiseOf: (d: number) => `ε[${d}]`,
  noiseValue: (d: number) => say("{name}, value", { name: `ε[${d}]` }),
  get drag() {
    return say("Drag the point to choose ε; by keyboard, the sliders below.");
  },
  get columns() {
    return { latent: say("Latent"), posterior: "μ ± σ", rate: say("rate"), noise: "ε", code: "z" };
  },
  all: (count: number) => say("All {count} latents", { count }),
  get fewer() {
    return say("Only those of the highest rate");
  },
  plane: (a: number, b: number) => say("ε[{a}] to the right, ε[{b}] upwards: drag the point", { a, b }),
  terms: {
    get title() {
      return say("Loss of this code");
    },
    get distortion() {
      return say("distortion");
    },
    get rate() {
      return say("rate");
    },
    total: "−ELBO",
    get squares() {
      return say("squared error");
    },
    get unit() {
      return { nats: say("nats"), squares: say("squared units of the data"), deviations: say("squared deviations of the columns") };
    },
    label: (distortion: string, rate: string, total: string) =>
      say("Distortion {distortion} plus rate {rate} nats are {total} nats", { distortion, rate, total }),
    alone: (distortion: string, unit: string) => say("Distortion {distortion} {unit}", { distortion, unit }),
    mean: (count: number) => say("Mean of {count} draws of ε", { count }),
    sum: (name: string, parts: string, total: ComponentChild) => saying("{name}: {parts} = {total} nats", { name, parts, total }),
    get noRow() {
      return say("What z decodes to is a mean, and no row that this likelihood could give: it has no score. Point at a row on the map to see its terms.");
    },
    get beyond() {
      return say("beyond what can be computed: the model knows nothing like this example");
    },
  },
  noRate: {
    get estimated() {
      return say("The rate has no closed form here: it is log q(z) − log p(z) of each draw, and its mean is KL(q ‖ p).");
    },
    get point() {
      return say("A point has no rate: −ELBO is not defined, and only the distortion is left.");
    },
    get squares() {
      return say("This file holds no density of the data for this model: squared errors are shown, and no rate.");
    },
  },
  draws: (count: number) => say("{count} codes of the same x, decoded", { count }),
  get glossary() {
    return say("Distortion, rate, nats, −ELBO, spread");
  },
} as const;
