/** All that the panel says, in one place. */
import { say } from "../words/words";

export const WORDS = {
  get title() {
    return say("Can it generate?");
  },
  get why() {
    return say("Decode codes that no row has: draws of N(0, I), the same for every run, or codes from a box on the map.");
  },
  draw: (count: number) => say("Draw {count} codes from N(0, I)", { count }),
  again: (count: number) => say("Draw {count} others", { count }),
  blend: {
    get label() {
      return say("From N(0, I) to the model’s own codes");
    },
    from: "N(0, I)",
    get to() {
      return say("own codes");
    },
    value: (share: string) => say("{share} of the way to the model’s own codes", { share }),
  },
  box: {
    get toggle() {
      return say("Box");
    },
    get title() {
      return say("Drag a box on a map: codes are drawn evenly from it");
    },
    get clear() {
      return say("No box");
    },
    get sides() {
      return { left: say("from"), right: say("to"), bottom: say("up from"), top: say("up to") };
    },
    get legend() {
      return say("Box");
    },
  },
  law: {
    get standard() {
      return say("N(0, I) is this model’s prior: it learned to decode such codes.");
    },
    get other() {
      return say("This model’s prior is another than N(0, I): the slider leads to its draws.");
    },
    get none() {
      return say("An auto-encoder has no prior, so N(0, I) is a guess: the slider leads to draws of a mixture fitted to its codes.");
    },
  },
  reached: (share: string) => say("{share} of the rows’ codes lie where N(0, I) has 99 % of its draws.", { share }),
  under: (y: string) => say("Decoded as {y}.", { y }),
  get grid() {
    return say("Decoded codes, each with the row nearest to it and its score");
  },
  picture: (i: number, score: string | null) => (score === null ? say("Picture {i}", { i }) : say("Picture {i}, {score}", { i, score })),
  nearest: (row: string, label: string | null) =>
    label === null ? say("nearest row {row}", { row }) : say("nearest row {row}, {label}", { row, label }),
  summary: {
    classes: (met: number, all: number) => say("{met} of {all} classes met", { met, all }),
    distance: (ratio: string) => say("{ratio} × as far from the nearest row as rows are from one another", { ratio }),
    score: (name: string, value: string, usual: string, unit: string) =>
      say("median {name} {value} {unit}, of rows {usual}", { name, value, unit, usual }),
  },
  get how() {
    return say(
      "Nearest: of the rows whose codes are nearest to the code of what is decoded, the one whose values are. Its label counts as the class of what is decoded. Distances and scores are medians; what is decoded has none of the rows’ noise, so it scores better than they do.",
    );
  },
  get unscored() {
    return say("No scores: the decoder gives means, and in some column of this table no row has a value between two others.");
  },
  counts: (count: string) => say("Classes of the nearest rows, of {count}", { count }),
  listed: (name: string, value: string) => say("{name}: {value}", { name, value }),
  share: (name: string, drawn: string, data: string) => say("{name}: {drawn}, data {data}", { name, drawn, data }),
  key: {
    get drawn() {
      return say("decoded");
    },
    get data() {
      return say("data");
    },
  },
  get waiting() {
    return say("Looking for the nearest rows …");
  },
} as const;
