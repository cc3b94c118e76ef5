/** Runs side by side: a map and a picture of each, and one cursor for all. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { About, Backend, Host } from "../backend/backend";
import { LatentMap } from "../map/map";
import { PicturePanel } from "../panels/picture";
import { SessionContext, useAppState, useSession } from "../session/context";
import { Session } from "../session/session";
import { Together } from "../session/together";
import { carried } from "../state/carry";
import { toHash } from "../state/url";
import { ColumnHead } from "./column-head";
import { SharedBar } from "./shared-bar";
import { Way } from "./way";
import "../styles/beside.css";

interface Props {
  /** Null while the runs are being opened. */
  readonly together: Together | null;
  readonly runs: readonly About[];
}

/** CSS pixels of a column's picture. */
const PICTURE = 168;

export function Beside({ together, runs }: Props) {
  if (!together) return <main class="work beside" aria-busy="true" />;
  return (
    <main class="work beside">
      <SharedBar together={together} runs={runs} />
      <div class={together.sessions.length > 2 ? "columns many" : "columns"}>
        {together.sessions.map((session) => (
          <SessionContext.Provider key={session.about.id} value={session}>
            <section class="column" aria-label={session.about.name}>
              <LatentMap label={`Map of ${session.about.name}`} head={<ColumnHead together={together} runs={runs} />} />
              <PicturePanel label={`Decoded by ${session.about.name}`} largest={PICTURE}>
                <Way together={together} />
              </PicturePanel>
            </section>
          </SessionContext.Provider>
        ))}
      </div>
    </main>
  );
}

/** The page's own session with one for each run beside it, which live as long as they are shown; null without any. */
export function useTogether(host: Host, runs: readonly About[]): Together | null {
  const own = useSession();
  const beside = useAppState((state) => state.beside.map(({ run }) => run).join());
  const others = useRef(new Map<string, Session>());
  const [together, setTogether] = useState<Together | null>(null);
  useEffect(() => {
    const known = others.current;
    const wanted = runs.filter(({ id }) => id !== own.about.id && beside.split(",").includes(id));
    for (const [id, session] of known) {
      if (wanted.some((run) => run.id === id)) continue;
      session.end();
      known.delete(id);
    }
    for (const run of wanted) if (!known.has(run.id)) known.set(run.id, opened(own, run, host, runs));
    if (!wanted.length) {
      setTogether(null);
      return;
    }
    const made = new Together([own, ...wanted.map(({ id }) => known.get(id)!)]);
    made.start();
    setTogether(made);
    return () => made.end();
  }, [own, beside]);
  useEffect(() => () => others.current.forEach((session) => session.end()), []);
  return together;
}

/** Another run where the page's own is. */
function opened(own: Session, about: About, host: Host, runs: readonly About[]): Session {
  const open = (id: string): Backend => host.backend(id);
  const state = carried(own.store.state.value, own.about, about);
  const session = new Session(about, open(about.id), toHash(state, about, runs), open, runs);
  session.start();
  return session;
}
