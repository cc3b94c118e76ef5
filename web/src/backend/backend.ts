/**
 * What the page asks of a fitted model. Every panel speaks to this interface alone, so that the same page works over a
 * socket to a running model and in a file that carries the model with it.
 */
import type { Cell } from "../state/cell";
import { product, type Tensor } from "./arrays";

export type ChannelPosition = "none" | "first" | "last";
/** Gaussian: z = μ + σ·ε, each latent on its own; a point of an auto-encoder; or something else, such as a flow. */
export type PosteriorKind = "gaussian" | "point" | "other";
export type PathKind = "linear" | "spherical" | "geodesic";

/** A column of labels beside y: words and how many rows have each, a quantity between two ends, or names of rows. */
export interface ColumnAbout {
  readonly name: string;
  readonly kind: "category" | "quantity" | "name";
  readonly words: readonly string[] | null;
  readonly counts: readonly number[] | null;
  readonly low: number;
  readonly high: number;
  readonly missing: number;
  readonly unit: string | null;
}

export interface About {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly kind: "image" | "table" | "other";
  readonly event: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly position: ChannelPosition;
  /** The values shown as black and white. */
  readonly limits: readonly [number, number] | null;
  readonly dtype: string;
  readonly latent_dim: number;
  readonly likelihood: string;
  readonly can_sample: boolean;
  readonly conditional: boolean;
  readonly classes: readonly string[] | null;
  readonly context: number;
  readonly context_mean: readonly number[] | null;
  readonly interval: boolean;
  readonly features: readonly string[] | null;
  /** Of features that are classes, the words that 0, 1, … stand for. */
  readonly feature_words?: readonly (readonly string[] | null)[] | null;
  readonly feature_mean: readonly number[] | null;
  readonly feature_deviation: readonly number[] | null;
  /** Of what kind q(z|x) is, and how many numbers of noise a draw takes; null where it can't be followed here. */
  readonly posterior?: { readonly kind: PosteriorKind; readonly noise: number } | null;
  readonly rate: readonly number[] | null;
  readonly variance: readonly number[];
  readonly active: readonly number[];
  readonly prior: Moments;
  /** Whether moments say all of how codes are distributed, and whether that depends on y. */
  readonly law: { readonly gaussian: boolean; readonly varies: boolean };
  /** Those of another epoch than the run's last, where one is shown. */
  readonly moments?: Moments;
  readonly rows: number;
  readonly data: string | null;
  readonly no_data: string | null;
  readonly labels: readonly string[] | null;
  /** Whether the last of the labels stands for rows that have none. */
  readonly unlabelled?: boolean;
  /** What the labels are called; null where nobody said. */
  readonly label_name?: string | null;
  /** Where labels that are a quantity lie, in which unit, and how many rows have none; null for classes and for none. */
  readonly label_scale?: { readonly low: number; readonly high: number; readonly missing: number; readonly unit?: string | null } | null;
  /** What colours can't say of the labels. */
  readonly label_note?: string | null;
  readonly columns?: readonly ColumnAbout[];
  readonly score: { readonly name: string; readonly unit: string; readonly higher: string };
  readonly pca: {
    readonly mean: readonly number[];
    readonly axes: readonly (readonly number[])[];
    readonly share: readonly number[];
  } | null;
  /** The last epoch trained. */
  readonly epoch?: number;
  /** The same run after earlier epochs: each answers all operations under its id. */
  readonly checkpoints?: readonly { readonly id: string; readonly epoch: number }[];
  /** Grows each time that a model which still learns is replaced; null when it has learned. */
  readonly version?: number | null;
  /** The text of the tour that is kept with the run. */
  readonly tour?: string | null;
}

/** Where codes lie after the epoch that is shown; scales and links go by the run's own moments, and stay. */
export interface Moments {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** How codes are distributed under one y: as Gaussians of these moments, or as the draws are that come with them. */
export interface Law {
  readonly moments: Moments;
  readonly draws: Codes | null;
}

export function momentsOf({ moments, prior }: About): Moments {
  return moments ?? prior;
}

/** Whether rows have labels that colours can tell. */
export function hasLabels({ labels, label_scale }: About): boolean {
  return Boolean(labels ?? label_scale);
}

export interface Catalogue {
  readonly runs: readonly About[];
  readonly version: string;
}

export type Codes = Tensor<Float32Array>;
/** What a conditional model is conditioned on, one row an example or one for all; null for other models. */
export type Context = Tensor<Float32Array> | null;

export interface PathQuestion {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly n: number;
  readonly path: PathKind;
}

export interface PathAnswer {
  readonly z: Codes;
  readonly x: Tensor;
  /** Of the decoded curve, and of the one decoded from the straight line. */
  readonly length: number;
  readonly straight: number;
}

export interface AttributeQuestion {
  readonly with?: readonly number[];
  readonly without?: readonly number[] | null;
  readonly label?: string;
}

export interface AttributeAnswer {
  readonly vector: Float32Array;
  readonly n_with: number;
  readonly n_without: number;
}

/** What each row has in a column: its place in the words (−1: nothing), or a number (NaN: nothing). */
export interface ColumnValues {
  readonly index: Int32Array | null;
  readonly values: Float32Array | null;
  /** Of names, which are not told before they are asked for. */
  readonly words: readonly string[] | null;
}

export interface TraitQuestion {
  readonly column?: string;
  readonly value?: string;
  readonly other?: string;
  readonly with?: readonly number[];
  readonly without?: readonly number[];
}

/** A score on rows that were held out: its mean over the folds, and the deviation between them. */
export interface HeldOut {
  readonly mean: number;
  readonly deviation: number;
}

/** A column that comes along with a trait; of shares and means, with the trait and without it. */
export interface Company {
  readonly column: string;
  readonly measure: "d" | "V" | "r" | "η";
  readonly value: number;
  readonly strength: number;
  readonly word: string | null;
  readonly other: string | null;
  readonly with_trait: number | null;
  readonly without_trait: number | null;
}

export interface TraitAnswer {
  readonly kind: "category" | "quantity";
  readonly measure: "AUC" | "R²";
  /** Of a linear model of all latents; null where rows are too few to tell. */
  readonly best: HeldOut | null;
  /** Of the direction alone. */
  readonly along: HeldOut | null;
  readonly chance: boolean;
  readonly rows: number;
  readonly measured: number;
  readonly company: readonly Company[];
}

/** A row by what its name holds. */
export interface Hit {
  readonly row: number;
  readonly text: string;
  readonly column: string;
}

export interface ManifoldQuestion {
  readonly n: number;
  readonly dims: readonly [number, number];
  readonly at: readonly number[] | null;
}

/** One example's way through the model, for n draws of its code. */
export interface InsideAnswer {
  readonly kind: PosteriorKind;
  /** Of the posterior, (D). */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** ε (n, E), codes (n, D), and what they decode to. */
  readonly epsilon: Codes;
  readonly z: Codes;
  readonly x: Tensor;
  /** −log p(x|z) of each draw in nats, or squared errors where no density is known here. */
  readonly distortion: readonly number[];
  readonly unit: "nats" | "squares" | "deviations";
  /** KL(q ‖ p): the same for each draw where it is exact, else log q(z) − log p(z); null where it is not known here. */
  readonly rate: readonly number[] | null;
  readonly exact: boolean;
  /** Of each latent, where their sum is the rate. */
  readonly rates: Float32Array | null;
}

/** Some steps of a lesson: a copy of the model that learns on. What comes twice is done once. */
export interface LessonQuestion {
  /** Its name; one that is not there begins at the run's weights. */
  readonly lesson: string;
  /** Whether it goes back to them. */
  readonly anew: boolean;
  /** Where it is now. */
  readonly at: number;
  readonly steps: number;
  /** Weight of the rate; null for the run's. */
  readonly beta: number | null;
  readonly noise: boolean;
  /** Whether codes, pulls and pictures are wanted with the numbers. */
  readonly all: boolean;
}

/** Where a lesson is, and what it has come to: means over rows, in nats; NaN where a number is none. */
export interface LessonAnswer {
  readonly begun: boolean;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly rows: number;
  readonly learningRate: number;
  readonly beta: number;
  readonly ownBeta: number;
  readonly noise: boolean;
  readonly weighsRate: boolean;
  readonly hasNoise: boolean;
  readonly hasRate: boolean;
  readonly objective: string;
  readonly distortion: number;
  /** At the code that ε = 0 gives. */
  readonly still: number;
  readonly rate: number;
  /** Quartiles of σ over rows and latents; null for points. */
  readonly sigma: readonly number[] | null;
  readonly shown: LessonShown | null;
}

export interface LessonShown {
  /** The rows that it learns from, (n), and their codes, (n, D). */
  readonly indices: Int32Array;
  readonly codes: Codes;
  /** On the first of them, (P, D), in nats a unit of z. */
  readonly pullOfRate: Codes;
  readonly pullOfDistortion: Codes;
  /** Some rows, what is made of them without noise, and by a draw of it. */
  readonly x: Tensor;
  readonly still: Tensor;
  readonly drawn: Tensor | null;
}

export interface Upload {
  readonly x: Tensor;
  readonly width: number;
  readonly height: number;
}

/** The operations on one run. Failures reject with a {@link BackendError}, whose message is a sentence for the reader. */
export interface Backend {
  about(): Promise<About>;
  codes(start: number, stop: number): Promise<Codes>;
  labels(): Promise<Int32Array>;
  /** Labels that are a quantity; NaN where one is missing. */
  labelValues(): Promise<Float32Array>;
  scores(): Promise<Float32Array>;
  rows(indices: readonly number[]): Promise<Tensor>;
  decode(z: Codes, y: Context): Promise<Tensor>;
  interval(z: Codes, y: Context): Promise<{ low: Tensor; high: Tensor }>;
  encode(x: Tensor, y: Context): Promise<{ mean: Codes; deviation: Codes }>;
  score(x: Tensor, y: Context): Promise<Float32Array>;
  /** `epsilon` null: no noise. */
  inside(x: Tensor, epsilon: Codes | null, y: Context): Promise<InsideAnswer>;
  law(y: Context): Promise<Law>;
  path(question: PathQuestion, y: Context): Promise<PathAnswer>;
  neighbours(z: Codes, k: number): Promise<{ indices: Tensor<Int32Array>; distances: Tensor<Float32Array> }>;
  manifold(question: ManifoldQuestion, y: Context): Promise<{ z: Codes; x: Tensor }>;
  settle(x: Tensor, steps: number, y: Context): Promise<{ x: Tensor; z: Codes }>;
  attribute(question: AttributeQuestion): Promise<AttributeAnswer>;
  lesson(question: LessonQuestion): Promise<LessonAnswer>;
  /** By the weights of a lesson. */
  lessonDecode(lesson: string, z: Codes, y: Context): Promise<Tensor>;
  column(name: string): Promise<ColumnValues>;
  trait(question: TraitQuestion): Promise<TraitAnswer>;
  /** Rows whose names hold a text, the best first. */
  find(text: string, k: number): Promise<readonly Hit[]>;
  /** A picture in a file's bytes as one example of the model's shape, in the data's units. */
  upload(file: Blob): Promise<Upload>;
}

export type Status =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly sentence: string };

/** Where runs come from: a server, or the file that the page lies in. */
export interface Host {
  readonly status: Cell<Status>;
  catalogue(): Promise<Catalogue>;
  backend(run: string): Backend;
  /** Try again now, rather than when the next attempt is due. */
  retry(): void;
}

export class BackendError extends Error {}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How many rows of codes one call may bring. */
export const CODES_A_CALL = 131_072;

const VALUES_A_CALL = 2 ** 25;

/** How many of these codes one call may decode: fewer where examples are large. */
export function decodedAtOnce(wanted: number, { event }: Pick<About, "event">): number {
  return Math.max(1, Math.min(wanted, Math.floor(VALUES_A_CALL / product(event))));
}
