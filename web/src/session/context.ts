/** The session that the components around are about. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useCell } from "../state/cell";
import type { State } from "../state/state";
import type { Session } from "./session";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  return useContext(SessionContext)!;
}

export function useAppState<S>(pick: (state: State) => S): S {
  return useCell(useSession().store.state, pick);
}
