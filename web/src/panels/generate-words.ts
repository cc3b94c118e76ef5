/** All that the panel says, in one place, so that it can be said in another language. */
export const WORDS = {
  title: "Can it generate?",
  why: "Decode codes that no row has: draws of N(0, I), the same for every run, or codes from a box on the map.",
  draw: (count: number) => `Draw ${count} codes from N(0, I)`,
  again: (count: number) => `Draw ${count} others`,
  blend: { label: "From N(0, I) to the model’s own codes", from: "N(0, I)", to: "own codes", value: (share: string) => `${share} of the way to the model’s own codes` },
  box: {
    toggle: "Box",
    title: "Drag a box on a map: codes are drawn evenly from it",
    clear: "No box",
    sides: { left: "from", right: "to", bottom: "up from", top: "up to" },
    legend: "Box",
  },
  law: {
    standard: "N(0, I) is this model’s prior: it learned to decode such codes.",
    other: "This model’s prior is another than N(0, I): the slider leads to its draws.",
    none: "An auto-encoder has no prior, so N(0, I) is a guess: the slider leads to draws of a mixture fitted to its codes.",
  },
  reached: (share: string) => `${share} of the rows’ codes lie where N(0, I) has 99 % of its draws.`,
  under: (y: string) => `Decoded as ${y}.`,
  grid: "Decoded codes, each with the row nearest to it and its score",
  picture: (i: number, score: string | null) => `Picture ${i}${score === null ? "" : `, ${score}`}`,
  nearest: (row: string, label: string | null) => `nearest row ${row}${label === null ? "" : `, ${label}`}`,
  summary: {
    classes: (met: number, all: number) => `${met} of ${all} classes met`,
    distance: (ratio: string) => `${ratio} × as far from the nearest row as rows are from one another`,
    score: (name: string, value: string, usual: string, unit: string) => `median ${name} ${value} ${unit}, of rows ${usual}`,
  },
  how: "Nearest: of the rows whose codes are nearest to the code of the decoded picture, the one whose values are. What it is labelled with counts as the picture’s class. Distances and scores are medians; what is decoded has none of the rows’ noise, so it scores better than they do.",
  counts: (of: string) => `Classes of the nearest rows, of ${of}`,
  key: { drawn: "pictures", data: "data" },
  waiting: "Looking for the nearest rows …",
} as const;
