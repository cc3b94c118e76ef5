/** What lies near the probe: asked for when it rests, told to the reader, and kept as a short log of the way. */
import { stacked } from "../backend/arrays";
import type { About, Backend } from "../backend/backend";
import { latest } from "../backend/latest";
import { Cell } from "../state/cell";
import type { State } from "../state/state";
import type { Cloud } from "./cloud";

export interface Vicinity {
  readonly z: readonly number[];
  readonly row: number;
  readonly distance: number;
  /** The most frequent label among the neighbours, and how many of them have it. */
  readonly label: string | null;
  readonly votes: number;
  /** The mean of the neighbours' labels, where labels are a quantity; null where none has one. */
  readonly mean: number | null;
  readonly asked: number;
}

interface Question {
  readonly z: readonly number[];
  readonly way: number;
}

const NEIGHBOURS = 5;
const REST = 150;
const LONGEST_LOG = 8;

const UNTOLD = { label: null, votes: 0, mean: null };

export class VicinityWatch {
  readonly found = new Cell<Vicinity | null>(null);
  /** The labels passed on the way, the newest last. */
  readonly passed = new Cell<readonly string[]>([]);
  readonly #ask: (question: Question) => void;
  readonly #possible: boolean;
  readonly #cloud: Cloud;
  /** Which way the reader is on, and which one the log is of. */
  #way = 0;
  #logged = 0;

  constructor(about: About, backend: Backend, cloud: Cloud) {
    this.#possible = about.rows > 0;
    this.#cloud = cloud;
    const k = Math.min(NEIGHBOURS, about.rows);
    this.#ask = latest(
      async ({ z }: Question) => {
        const { indices, distances } = await backend.neighbours(stacked([z]), k);
        // What y says the codes of a conditional model need not: rows of all classes lie beside each other.
        const labels = about.conditional ? UNTOLD : labelsOf(indices.data, cloud);
        return { z, row: indices.data[0]!, distance: distances.data[0]!, asked: k, ...labels };
      },
      (vicinity, { way }) => this.#set(vicinity, way),
      // Told beside the picture where it is known; where it is not, the place is told without it.
      () => this.found.set(null),
    );
  }

  follow(state: Cell<State>): void {
    if (!this.#possible) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: readonly number[] | null = null;
    const look = ({ z }: State): void => {
      if (z === last) return;
      last = z;
      // Not at every step of a drag, but now and then, so that the log shows the way.
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#ask({ z: last!, way: this.#way });
      }, REST);
    };
    look(state.value);
    state.subscribe(look);
    // What is near gets its name once the labels are there.
    for (const labels of [this.#cloud.labels, this.#cloud.values]) {
      labels.subscribe(() => this.#ask({ z: state.value.z, way: this.#way }));
    }
  }

  /** The way begins where the probe is: it was put there, and nobody has moved it. */
  restart(): void {
    this.#way++;
  }

  #set(vicinity: Vicinity, way: number): void {
    const before = this.found.value;
    this.found.set(vicinity);
    // Where the reader stands still, it is the model that has changed, and the way by the last one means nothing.
    const stands = before?.z.every((value, d) => value === vicinity.z[d]);
    const passed = stands || way !== this.#logged ? [] : this.passed.value;
    this.#logged = way;
    if (vicinity.label === null || vicinity.label === passed.at(-1)) return;
    this.passed.set([...passed, vicinity.label].slice(-LONGEST_LOG));
  }
}

function labelsOf(rows: Int32Array, cloud: Cloud): Pick<Vicinity, "label" | "votes" | "mean"> {
  const { value: measured } = cloud.values;
  if (!measured) return { ...vote(rows, cloud), mean: null };
  const known = Array.from(rows, (row) => measured.values[row]!).filter(Number.isFinite);
  const mean = known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  return { label: null, votes: known.length, mean };
}

function vote(rows: Int32Array, cloud: Cloud): { label: string | null; votes: number } {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const label = cloud.knownLabel(row);
    if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  // The first of equals stays: it is the nearer one.
  let [label, votes]: [string | null, number] = [null, 0];
  for (const [other, count] of counts) if (count > votes) [label, votes] = [other, count];
  return { label, votes };
}
