/** Undo and redo. All changes of one gesture, such as a drag, are one step. */
import type { Plane } from "../maths/plane";
import type { View } from "../maths/view";
import type { State } from "./state";

export interface History {
  readonly past: readonly State[];
  readonly present: State;
  readonly future: readonly State[];
  /** The gesture that made the present state; null where there was none. */
  readonly gesture: string | null;
}

const LONGEST = 200;

export function begun(present: State): History {
  return { past: [], present, future: [], gesture: null };
}

export function stepped(history: History, next: State, gesture: string | null): History {
  if (next === history.present) return history;
  const goesOn = gesture !== null && gesture === history.gesture;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-LONGEST);
  return { past, present: next, future: [], gesture };
}

/** A change that is no step: undo skips it. */
export function replaced(history: History, next: State): History {
  return next === history.present ? history : { ...history, present: next };
}

export function undone(history: History): History {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    past: history.past.slice(0, -1),
    present: seenAs(last, history.present),
    future: [history.present, ...history.future],
    gesture: null,
  };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, history.present], present: seenAs(next, history.present), future, gesture: null };
}

/** Another state in the present's view and panel, as far as they show the same: undoing a move does not zoom. */
function seenAs(state: State, present: State): State {
  const beside = state.beside.map((column) => {
    const now = present.beside.find(({ run }) => run === column.run);
    return { ...column, view: now ? viewOf(column, now) : column.view };
  });
  const { panel, tour, presenting } = present;
  return { ...state, panel, tour, presenting, beside, view: viewOf(state, present) };
}

function viewOf(then: Seen, now: Seen): View | null {
  return JSON.stringify(then.plane) === JSON.stringify(now.plane) ? now.view : then.view;
}

interface Seen {
  readonly plane: Plane | null;
  readonly view: View | null;
}
