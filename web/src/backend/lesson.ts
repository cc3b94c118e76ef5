/** A lesson as the server is asked for it, and its answer as the page reads it. */
import { float32, type Tensor } from "./arrays";
import { BackendError, type Codes, type LessonAnswer, type LessonQuestion, type LessonShown } from "./backend";
import type { Message } from "./wire";

export function lessonArgs({ lesson, anew, at, steps, beta, noise, all }: LessonQuestion): Readonly<Record<string, unknown>> {
  const [weights, shows] = [anew ? "run" : "lesson", all ? "all" : "numbers"];
  return { lesson, weights, at, steps, noise: noise ? "on" : "off", shows, ...(beta === null ? {} : { beta }) };
}

export function lessonOf(message: Message): LessonAnswer {
  const values = message.header.args as Record<string, unknown>;
  const number = (name: string): number => (typeof values[name] === "number" ? values[name] : Number.NaN);
  const { sigma } = message.arrays;
  return {
    begun: values.begun === true,
    step: number("step"),
    stepsPerEpoch: number("steps_per_epoch"),
    rows: number("rows"),
    learningRate: number("learning_rate"),
    beta: number("beta"),
    ownBeta: number("own_beta"),
    noise: values.noise === "on",
    weighsRate: values.weighs_rate === true,
    hasNoise: values.has_noise === true,
    hasRate: values.has_rate === true,
    objective: String(values.objective),
    distortion: number("distortion"),
    still: number("still_distortion"),
    rate: number("rate"),
    sigma: sigma ? Array.from(sigma.data) : null,
    shown: message.arrays.codes ? shownOf(message) : null,
  };
}

function shownOf(message: Message): LessonShown {
  const codes = (name: string): Codes => asCodes(array(message, name));
  return {
    indices: array(message, "indices").data as Int32Array,
    codes: codes("codes"),
    pullOfRate: codes("pull_of_rate"),
    pullOfDistortion: codes("pull_of_distortion"),
    x: array(message, "x"),
    still: array(message, "still"),
    drawn: message.arrays.drawn ?? null,
  };
}

function array(message: Message, name: string): Tensor {
  const found = message.arrays[name];
  if (!found) throw new BackendError(`the server's answer lacks ${name}; are page and server of one version?`);
  return found;
}

const asCodes = ({ data, shape }: Tensor): Codes => ({ data: float32(data), shape });
