/**
 * One cursor for runs side by side. Runs of the same rows share it through the data: a row that is pointed at or chosen
 * is so in all of them. While a probe is dragged, runs of as many latents share its code; in others, or where the reader
 * wants it so, the row goes along whose code is nearest to it. The first run's state holds what the others' maps show.
 */
import { stacked } from "../backend/arrays";
import { latest } from "../backend/latest";
import { defaultPlane } from "../maths/plane";
import { carried, sameRows, sharedContext } from "../state/carry";
import { Cell } from "../state/cell";
import { newGesture } from "../state/gesture";
import { column, type Action } from "../state/reducer";
import { originOf, roundedCode, type End, type Shared, type State } from "../state/state";
import { drawn } from "./law";
import type { Session } from "./session";
import { telling } from "./telling";

/** How one run's probe follows another's. */
export type Link = "code" | "row" | "apart";

export function linkBetween(from: Session, to: Session, shared: Shared): Link {
  const rows = sameRows(from.about, to.about);
  const codes = from.about.latent_dim === to.about.latent_dim;
  if (codes && (shared === "code" || !rows)) return "code";
  return rows ? "row" : "apart";
}

interface Question {
  readonly from: Session;
  readonly z: readonly number[];
  readonly gesture: string | null;
  /** Whether nobody has moved: it is only found where the other run begins. */
  readonly begins?: boolean;
}

export class Together {
  /** The frame of the ways that all probes stand on; −1 for none. */
  readonly frame = new Cell(-1);
  readonly sessions: readonly Session[];
  readonly #nearest = new Map<Session, (question: Question) => void>();
  #stops: (() => void)[] = [];
  #following = false;
  #gesture = newGesture("together");
  /** Of each run, the one whose nearest row it goes to: answers to what was asked for another are out of date. */
  readonly #leaders = new Map<Session, Session>();

  /** The first session is the page's own. */
  constructor(sessions: readonly Session[]) {
    this.sessions = sessions;
    for (const session of sessions) this.#nearest.set(session, this.#nearestIn(session));
  }

  start(): void {
    const [own, ...others] = this.sessions as [Session, ...Session[]];
    for (const session of this.sessions) {
      let last = session.store.state.value;
      this.#stops.push(
        session.store.state.subscribe((state) => {
          const before = last;
          last = state;
          if (!this.#following) this.#lead(session, before, state);
        }),
        session.inspection.row.subscribe((row) => this.#point(session, row)),
      );
    }
    for (const other of others) {
      const tell = telling(own.notice);
      this.#stops.push(other.notice.subscribe((text) => tell(text && `${other.about.name}: ${text}`)));
      const { row, z, presenting } = own.store.state.value;
      if (presenting !== other.store.state.value.presenting) this.#tell(other, { type: "presented", presenting });
      if (row === null && linkBetween(own, other, this.#shared) === "row") this.#ask({ from: own, to: other, z, gesture: null, begins: true });
    }
  }

  end(): void {
    for (const stop of this.#stops) stop();
    this.#leaders.clear();
  }

  /** All probes to the same frame of their ways. */
  goTo(frame: number, begins: boolean): void {
    if (begins) this.#gesture = newGesture("together");
    this.#leaders.clear();
    for (const session of this.sessions) {
      const walk = session.morphing.walk.value;
      const width = session.about.latent_dim;
      if (!walk || frame >= walk.z.shape[0]!) continue;
      const z = Array.from(walk.z.data.subarray(frame * width, (frame + 1) * width));
      this.#tell(session, { type: "moved", z: roundedCode(z, session.about) }, this.#gesture);
    }
    this.frame.set(frame);
  }

  /** Two rows of different labels at random, or codes where there are no rows. */
  chooseEnds(uniform: () => number = Math.random): void {
    const { store, about, cloud, laws } = this.sessions[0]!;
    const row = (): number => Math.floor(uniform() * about.rows);
    if (about.rows < 2) {
      const law = laws.law.value;
      if (!law) return;
      const code = (): End => ({ z: roundedCode(drawn(law, uniform), about) });
      store.dispatch({ type: "morphed", morph: { a: code(), b: code() } });
      return;
    }
    const a = row();
    let b = row();
    for (let tries = 0; tries < 50 && (b === a || (cloud.label(a) !== null && cloud.label(b) === cloud.label(a))); tries++) {
      b = row();
    }
    store.dispatch({ type: "morphed", morph: { a: { row: a }, b: { row: b } } });
  }

  get #shared(): Shared {
    return this.sessions[0]!.store.state.value.shared;
  }

  #point(from: Session, row: number): void {
    for (const other of this.sessions) {
      if (other !== from && sameRows(from.about, other.about)) other.inspection.row.set(row);
    }
  }

  #lead(from: Session, before: State, state: State): void {
    const made = from.store.history.value.gesture;
    const gesture = made && `${from.about.id} ${made}`;
    const rejoined = state.shared !== before.shared;
    const moved = state.row === null && (rejoined || state.z.some((value, d) => value !== before.z[d]));
    const chosen = state.row !== null && state.row !== before.row;
    if (moved || chosen) {
      this.frame.set(-1);
      this.#leaders.clear();
    }
    if (from !== this.sessions[0]) this.#report(from, before, state, gesture);
    else if (state.beside !== before.beside) this.#arrange(state);
    for (const other of this.sessions) {
      if (other === from) continue;
      if (chosen) this.#choose(from, other, state.row!, state.z, gesture);
      else if (moved) this.#move(from, other, state.z, gesture);
      this.#dress(from, other, before, state);
      if (state.morph !== before.morph) this.#morph(from, other, before, state);
    }
  }

  /** What a run's own map shows is part of the first run's state. */
  #report({ about: { id: run } }: Session, before: State, state: State, gesture: string | null): void {
    const own = this.sessions[0]!;
    const { plane, view, epoch } = state;
    if (plane !== before.plane) this.#tell(own, { type: "turned", plane, run }, gesture);
    if (view !== before.view) this.#tell(own, { type: "looked", view, run }, gesture);
    if (epoch !== before.epoch) this.#tell(own, { type: "trained", epoch, run }, gesture);
  }

  /** The other way round: something was undone, or an address was read. */
  #arrange(state: State): void {
    for (const other of this.sessions.slice(1)) {
      const wanted = column(state, other.about.id);
      if (!wanted) continue;
      const { epoch, view } = wanted;
      const plane = wanted.plane ?? defaultPlane(other.about);
      const shown = other.store.state.value;
      if (!alike(plane, shown.plane)) this.#tell(other, { type: "turned", plane });
      if (!alike(view, other.store.state.value.view)) this.#tell(other, { type: "looked", view });
      if (epoch !== shown.epoch) this.#tell(other, { type: "trained", epoch });
    }
  }

  #choose(from: Session, to: Session, row: number, z: readonly number[], gesture: string | null): void {
    if (sameRows(from.about, to.about)) this.#put(to, row, gesture);
    else this.#move(from, to, z, gesture);
  }

  #move(from: Session, to: Session, z: readonly number[], gesture: string | null): void {
    const link = linkBetween(from, to, this.#shared);
    if (link === "code") this.#tell(to, { type: "moved", z }, gesture);
    if (link === "row") this.#ask({ from, to, z, gesture });
  }

  #ask({ to, ...question }: Question & { readonly to: Session }): void {
    this.#leaders.set(to, question.from);
    this.#nearest.get(to)!(question);
  }

  #nearestIn(to: Session): (question: Question) => void {
    return latest(
      ({ from, z }: Question) => nearestRow(from, z),
      (row, { from, gesture, begins }) => {
        if (this.#leaders.get(to) !== from) return;
        this.#put(to, row, gesture);
        if (begins) to.vicinity.restart();
      },
      // The other run stays where it is; why is told by the run that was asked.
      () => undefined,
    );
  }

  #put(to: Session, row: number, gesture: string | null): void {
    // Before its code has come, the row is named alone.
    const code = to.cloud.code(row);
    const z = code ? roundedCode(code, to.about) : originOf(to.about);
    this.#tell(to, { type: "jumped", z, row }, gesture);
  }

  /** What is common to maps: layers, colours, and what the models are conditioned on. */
  #dress(from: Session, to: Session, before: State, state: State): void {
    const wanted = carried(state, from.about, to.about);
    if (state.layers !== before.layers) {
      for (const layer of ["points", "lattice", "prior"] as const) {
        const shown = wanted.layers.includes(layer);
        if (shown !== to.store.state.value.layers.includes(layer)) this.#tell(to, { type: "layered", layer, shown });
      }
    }
    // Maps on one scale are enlarged alike.
    if (state.presenting !== before.presenting) this.#tell(to, { type: "presented", presenting: state.presenting });
    if (state.colour !== before.colour) this.#tell(to, { type: "coloured", colour: wanted.colour });
    if (state.only !== before.only) this.#tell(to, { type: "singled", only: wanted.only });
    const y = state.y !== before.y && sharedContext(state, from.about, to.about);
    if (y) this.#tell(to, { type: "conditioned", y });
  }

  #morph(from: Session, to: Session, before: State, { morph }: State): void {
    const { path, n } = morph;
    if (path !== before.morph.path || n !== before.morph.n) this.#tell(to, { type: "morphed", morph: { path, n } });
    for (const end of ["a", "b"] as const) {
      if (morph[end] === before.morph[end]) continue;
      void this.#endIn(from, to, morph[end]).then((found) => {
        // Meanwhile another one may have been chosen.
        if (from.store.state.value.morph[end] === morph[end]) this.#tell(to, { type: "morphed", morph: { [end]: found } });
      });
    }
  }

  /** The same end of a way in another run. */
  async #endIn(from: Session, to: Session, end: End | null): Promise<End | null> {
    if (!end) return null;
    if ("row" in end) return sameRows(from.about, to.about) ? end : null;
    const link = linkBetween(from, to, this.#shared);
    if (link === "code") return end;
    return link === "row" ? nearestRow(from, end.z).then((row) => ({ row }), () => null) : null;
  }

  #tell(to: Session, action: Action, gesture: string | null = null): void {
    this.#following = true;
    try {
      to.store.dispatch(action, gesture);
    } finally {
      this.#following = false;
    }
  }
}

const alike = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

async function nearestRow({ backend }: Session, z: readonly number[]): Promise<number> {
  return (await backend.neighbours(stacked([z]), 1)).indices.data[0]!;
}
