/** From a step, or a link in its text, to the state of the page. */
import type { About } from "../backend/backend";
import type { State } from "../state/state";
import { VERSION, fromHash, parts, toHash } from "../state/url";

/** What a tour does not decide: the run is the one that is open, and where the tour is it knows itself. */
const NOT_OURS = ["v", "run", "tour", "present", "token"];

interface Where {
  readonly about: About;
  readonly runs: readonly About[];
}

/** A state of the page in a tour's own terms. */
export function kept(state: State, { about, runs }: Where): string {
  return text(own(toHash(state, about, runs)));
}

/** The page at a step: what its state leaves out is as usual. */
export function atStep(state: string, now: State, where: Where): State {
  return stateOf(own(state), now, where);
}

/** The page where a link leads: what the link leaves out stays as it is. */
export function followed(link: string, now: State, where: Where): State {
  const found = own(toHash(now, where.about, where.runs));
  const changes = own(link);
  // A code takes the place of the row that was chosen, which would go back to its own.
  if (changes.has("z")) found.delete("row");
  for (const [key, value] of changes) found.set(key, value);
  const next = stateOf(found, now, where);
  // A picture may be too large for an address.
  return found.has("drawn") || next.drawn ? next : { ...next, drawn: now.drawn };
}

/** Whether an address says no more than at which step the page is. */
export function isBare(hash: string): boolean {
  const found = parts(hash);
  return found.has("tour") && own(hash).size === 0;
}

function own(hash: string): Map<string, string> {
  const found = parts(hash);
  for (const key of NOT_OURS) found.delete(key);
  return found;
}

function stateOf(found: ReadonlyMap<string, string>, { tour, presenting }: State, { about, runs }: Where): State {
  const state = fromHash(`v=${VERSION}&${text(found)}`, about, runs);
  return { ...state, tour, presenting };
}

function text(found: ReadonlyMap<string, string>): string {
  return [...found].map(([key, value]) => `${key}=${value}`).join("&");
}
