/** The few words that a reader has to know, and what each of them means. */
import { say } from "./words";

export type Term = "distortion" | "rate" | "nats" | "elbo" | "spread";
export const TERMS: readonly Term[] = ["distortion", "rate", "nats", "elbo", "spread"];

export interface Meaning {
  readonly name: string;
  readonly meaning: string;
}

export function meaningOf(term: Term): Meaning {
  return MEANINGS[term]();
}

const MEANINGS: Readonly<Record<Term, () => Meaning>> = {
  distortion: () => ({
    name: say("Distortion"),
    meaning: say("−log p(x|z): how badly x is told when only its code z is known. Less is better."),
  }),
  rate: () => ({
    name: say("Rate"),
    meaning: say("KL(q(z|x) ‖ p(z)): how much the posterior of this x says beyond the prior, so how much the code tells of x."),
  }),
  nats: () => ({
    name: say("Nats"),
    meaning: say("The unit of distortion and rate: natural logarithms. 1 nat = 1.44 bits."),
  }),
  elbo: () => ({
    name: "−ELBO",
    meaning: say("Distortion plus rate, which training makes small. Its mean over ε is never below −log p(x)."),
  }),
  spread: () => ({
    name: say("Spread σ"),
    meaning: say("How far codes of the same x lie apart. Large: the decoder must make the same of all of them."),
  }),
};
