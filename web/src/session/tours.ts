/** The tours that can be walked: the one that was written or opened here, the run's own, and the one that all runs have. */
import { sentenceOf, type About } from "../backend/backend";
import { Cell } from "../state/cell";
import type { Store } from "../state/store";
import { atStep, followed, kept } from "../tour/moving";
import { read, written, type Tour } from "../tour/tour";
import { say } from "../words/words";

export type Origin = "here" | "run" | "usual";

export class Tours {
  /** Written on this page, or opened from a file. */
  readonly here = new Cell<Tour | null>(null);
  readonly ofRun: Tour | null;
  /** Which of them is shown; null: the nearest to the reader that there is. */
  readonly chosen = new Cell<Origin | null>(null);
  /** The tour that is being written; null while none is. */
  readonly draft = new Cell<Tour | null>(null);
  /** Whether it was, until now: who stops writing goes on from the tour that is shown then. */
  written = false;
  readonly #about: About;
  readonly #store: Store;
  readonly #runs: readonly About[];

  constructor(about: About, store: Store, runs: readonly About[], notice: (sentence: string) => void) {
    [this.#about, this.#store, this.#runs] = [about, store, runs];
    this.ofRun = this.#read(about.tour ?? null, notice);
    this.draft.subscribe((draft) => draft && this.#remember(draft));
  }

  /** What was written last for this run in this browser: a page that is closed by mistake takes nothing along. */
  get remembered(): Tour | null {
    try {
      return read(localStorage.getItem(this.#key) ?? "");
    } catch {
      // There is none, or it was not finished enough to be one.
      return null;
    }
  }

  #remember(draft: Tour): void {
    try {
      localStorage.setItem(this.#key, written(draft));
    } catch {
      // In a frame without storage it lives as long as the page.
    }
  }

  get #key(): string {
    return `aevum-tour-${this.#about.id}`;
  }

  #read(text: string | null, notice: (sentence: string) => void): Tour | null {
    try {
      return text === null ? null : read(text);
    } catch (error) {
      notice(say("The tour of this run can’t be used: {why}", { why: sentenceOf(error) }));
      return null;
    }
  }

  /** Those there are, the nearest to the reader first. */
  get origins(): readonly Origin[] {
    return [...(this.here.value ? (["here"] as const) : []), ...(this.ofRun ? (["run"] as const) : []), "usual"];
  }

  /** To this step, from 1, and to what the page shows at it. */
  go(tour: Tour, step: number): void {
    const at = tour.steps[step - 1];
    if (!at) return;
    this.#store.dispatch({ type: "toured", tour: step });
    this.show(at.state);
  }

  show(state: string): void {
    this.#store.dispatch({ type: "restored", state: atStep(state, this.#store.state.value, this.#where) });
  }

  follow(link: string): void {
    this.#store.dispatch({ type: "restored", state: followed(link, this.#store.state.value, this.#where) });
  }

  end(): void {
    this.#store.dispatch({ type: "toured", tour: null });
  }

  /** What the page shows, as a step holds it. */
  get present(): string {
    return kept(this.#store.state.value, this.#where);
  }

  get #where(): { about: About; runs: readonly About[] } {
    return { about: this.#about, runs: this.#runs };
  }
}
