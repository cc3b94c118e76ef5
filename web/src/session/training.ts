/**
 * A copy of the model that learns on while its panel is open: what it has come to at each look, and its codes on the
 * map. One question follows the answer to the one before, so that pausing is at once and nothing goes on alone.
 */
import { sentenceOf, type Backend, type Codes, type LessonAnswer, type LessonShown } from "../backend/backend";
import { thinned } from "../maths/curves";
import { calm } from "../parts/calm";
import { Cell } from "../state/cell";
import { say } from "../words/words";
import type { Store } from "../state/store";
import type { State } from "../state/state";
import type { Cloud } from "./cloud";
import type { Evolution } from "./evolution";
import { spread, taught } from "./taught";

/** How far one question goes. */
export type Pace = "step" | "epoch" | "epochs";

/** What it had come to at a step. */
export interface Mark extends Pick<LessonAnswer, "step" | "beta" | "noise" | "distortion" | "still" | "rate" | "sigma"> {
  readonly epoch: number;
}

export interface Lesson {
  readonly now: LessonAnswer;
  readonly curve: readonly Mark[];
  /** What its codes, pulls and pictures are now, and were at the run's weights. */
  readonly shown: LessonShown;
  readonly first: LessonShown;
}

interface Parts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly evolution: Evolution;
}

const [MOST_MARKS, MOST_STEPS, MANY] = [600, 1024, 10];
/** Milliseconds from one answer to the next question, so that the eye can follow; and between two looks at all of it. */
const [PACE, CALM_PACE, LOOKS, REST] = [110, 700, 250, 150];
/** So many times as long as a look takes the numbers alone are asked for. */
const DEAR = 3;
/** More points than these are placed anew more seldom. */
const [MANY_POINTS, SELDOM] = [100_000, 2000];
const none = (): number => 0;
const forgotten = (): string =>
  say("The server keeps few lessons and had forgotten this one: it begins again at the run’s weights.");

export class Training {
  /** Null before the first answer. */
  readonly lesson = new Cell<Lesson | null>(null);
  readonly playing = new Cell(false);
  readonly pace = new Cell<Pace>("epoch");
  /** Whether arrows show how codes are pulled. */
  readonly arrows = new Cell(true);
  /** Whether the map shows the copy's codes. */
  readonly active = new Cell(false);
  /** Why it does not learn. */
  readonly why = new Cell<string | null>(null);
  readonly #parts: Parts;
  readonly #name = nameOf();
  #own: Codes | null = null;
  /** The weight of the rate before it was taken away. */
  #before: number | null = null;
  #taken = false;
  /** Questions wait for the answers to those before. */
  #line: Promise<unknown> = Promise.resolve();
  #model = "";
  /** Whether the codes of this model have come. */
  #settled = true;
  #looked = 0;
  #placed = 0;
  /** Milliseconds of the last look at all of it. */
  #took = 0;
  /** Of playing: one that was paused does not go on with the next. */
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  follow(): void {
    const { store, cloud, evolution } = this.#parts;
    const look = (): void => this.#look();
    this.#model = evolution.model.value;
    look();
    let { teaching } = store.state.value;
    store.state.subscribe((state) => {
      look();
      if (state.teaching === teaching) return;
      ({ teaching } = state);
      this.#retell();
    });
    cloud.complete.subscribe(look);
    evolution.waiting.subscribe((waiting) => {
      this.#settled ||= !waiting;
      look();
    });
    evolution.model.subscribe(look);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.pause();
  }

  /** What answers while the copy is seen: its decoder, and the rows that are near by its codes. */
  get backend(): Backend | null {
    const { lesson } = this;
    if (!this.active.value || !lesson.value) return null;
    const own = this.#parts.evolution.backend;
    return taught(own, this.#name, () => lesson.value!.shown);
  }

  play(): void {
    if (this.playing.value) return;
    this.playing.set(true);
    void this.#go(++this.#turn);
  }

  pause(): void {
    this.#turn++;
    this.playing.set(false);
  }

  /** One question's way, and then it rests. */
  async once(): Promise<void> {
    this.pause();
    await this.#ask(() => this.#steps, false, true);
  }

  /** Back to the run's weights. */
  async restart(): Promise<void> {
    this.pause();
    if (this.#taken && this.#parts.store.state.value.teaching.beta === 0) this.#weigh();
    await this.#ask(none, true, true);
  }

  /** The rate weighs nothing from now on, and the copy learns. */
  takeAway(): void {
    const { store } = this.#parts;
    this.#before = store.state.value.teaching.beta;
    this.#taken = true;
    store.dispatch({ type: "taught", teaching: { beta: 0, noise: true } });
    this.play();
  }

  putBack(): void {
    this.#weigh();
    this.play();
  }

  /** As before it was taken away; of a run that was fitted without it, once. */
  #weigh(): void {
    const own = this.lesson.value?.now.ownBeta === 0 ? 1 : null;
    this.#parts.store.dispatch({ type: "taught", teaching: { beta: this.#before || own } });
    this.#before = null;
    this.#taken = false;
  }

  get #steps(): number {
    const now = this.lesson.value?.now;
    if (!now || this.pace.value === "step") return 1;
    const left = now.stepsPerEpoch - (now.step % now.stepsPerEpoch);
    return Math.min(MOST_STEPS, this.pace.value === "epoch" ? left : left + (MANY - 1) * now.stepsPerEpoch);
  }

  /** What is pulled by another β, and what is minimised, is told once a dragged slider rests. */
  #retell(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.active.value && this.lesson.value && !this.playing.value) void this.#ask(none, false, true);
    }, REST);
  }

  async #go(turn: number): Promise<void> {
    const plays = (): boolean => turn === this.#turn;
    while (plays()) {
      const asked = performance.now();
      const whole = asked - this.#looked > Math.max(LOOKS, DEAR * this.#took) || calm();
      if (!(await this.#ask(() => (plays() ? this.#steps : 0), false, whole))) return plays() ? this.pause() : undefined;
      if (whole) this.#took = performance.now() - asked;
      const rest = (calm() ? CALM_PACE : PACE) - (performance.now() - asked);
      await new Promise((resume) => setTimeout(resume, Math.max(0, rest)));
    }
    // The last numbers may have come without their pictures.
    if (!this.playing.value && this.lesson.value && this.active.value) await this.#ask(none, false, true);
  }

  /** Whether it was answered. How many steps are wanted is told when it is asked. */
  #ask(steps: () => number, anew: boolean, all: boolean): Promise<boolean> {
    const answered = this.#line.then(() => this.#asked(steps(), anew, all));
    this.#line = answered;
    return answered;
  }

  async #asked(steps: number, anew: boolean, all: boolean): Promise<boolean> {
    const { evolution, store } = this.#parts;
    const [model, at, { beta, noise }] = [this.#model, this.lesson.value?.now.step ?? 0, store.state.value.teaching];
    try {
      const question = { lesson: this.#name, anew, at: anew ? 0 : at, steps, beta, noise, all: all || !this.lesson.value };
      const answer = await evolution.backend.lesson(question);
      if (model === this.#model) this.#answered(answer);
      const forgot = answer.begun && at > 0 && !anew;
      if (forgot) this.pause();
      this.why.set(forgot ? forgotten() : null);
      return true;
    } catch (error) {
      if (model === this.#model) this.why.set(sentenceOf(error));
      return false;
    }
  }

  #answered(now: LessonAnswer): void {
    const last = this.lesson.value;
    const shown = now.shown ?? (now.begun ? last!.first : last!.shown);
    const before = now.begun || !last ? [] : last.curve;
    this.lesson.set({ now, curve: longer(before, markOf(now)), shown, first: last?.first ?? shown });
    if (now.shown) this.#show();
  }

  /** Opens and closes with the panel. */
  #look(): void {
    const { store, evolution, cloud } = this.#parts;
    const model = evolution.model.value;
    if (model !== this.#model) {
      this.#model = model;
      this.#settled = false;
      this.pause();
      this.lesson.set(null);
      this.why.set(null);
      if (this.active.value) this.#leave();
    }
    const open = isOpen(store.state.value) && cloud.complete.value && this.#settled;
    if (open && !this.active.value) this.#enter();
    else if (!open && this.active.value) this.#leave();
  }

  #enter(): void {
    this.#own = this.#parts.cloud.codes.value;
    this.active.set(true);
    if (this.lesson.value) this.#show();
    else void this.#ask(none, true, true);
  }

  /** The run's own codes come back. */
  #leave(): void {
    this.pause();
    const own = this.#own;
    this.#own = null;
    if (own) this.#parts.cloud.codes.set(own);
    this.active.set(false);
    this.#parts.store.dispatch({ type: "renewed" });
  }

  #show(): void {
    const { cloud, store } = this.#parts;
    const [own, lesson, now] = [this.#own, this.lesson.value, performance.now()];
    if (!this.active.value || !own || !lesson) return;
    this.#looked = now;
    const rows = own.shape[0]!;
    if (this.playing.value && rows > MANY_POINTS && now - this.#placed < SELDOM) return;
    this.#placed = now;
    cloud.codes.set(spread(lesson.shown, rows));
    store.dispatch({ type: "renewed" });
  }
}

/** With what it has come to; at the step where it was before, in the place of that. */
function longer(curve: readonly Mark[], mark: Mark): readonly Mark[] {
  return curve.at(-1)?.step === mark.step ? [...curve.slice(0, -1), mark] : thinned([...curve, mark], MOST_MARKS);
}

export function isOpen({ panel, beside }: Pick<State, "panel" | "beside">): boolean {
  return panel === "training" && beside.length === 0;
}

export function markOf({ step, stepsPerEpoch, beta, noise, distortion, still, rate, sigma }: LessonAnswer): Mark {
  return { step, epoch: step / stepsPerEpoch, beta, noise, distortion, still, rate, sigma };
}

const nameOf = (): string => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
