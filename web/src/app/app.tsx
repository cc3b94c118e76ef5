/** The page from its first moment: looking for runs, saying why there are none, and showing the one that is chosen. */
import { useEffect, useState } from "preact/hooks";
import { sentenceOf, type Backend, type Catalogue, type Host } from "../backend/backend";
import { Button } from "../parts/controls";
import { Icon } from "../parts/icon";
import { SessionContext } from "../session/context";
import { Session } from "../session/session";
import { carried } from "../state/carry";
import { useCell } from "../state/cell";
import { unmet } from "../state/unmet";
import { firstLink, runOf, toHash } from "../state/url";
import { say, language, type Language } from "../words/words";
import { hookOf } from "./hook";
import { followLink, readLink } from "./link";
import { Workspace } from "./workspace";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/layout.css";
import "../styles/map.css";
import "../styles/panels.css";
import "../styles/attributes.css";
import "../styles/forced.css";

interface Props {
  readonly host: Host;
  /** Called with each run that is opened. */
  readonly onSession?: (session: Session) => void;
}

export function App({ host, onSession }: Props) {
  const spoken = useCell(language);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const look = (): void => {
    setFailed(null);
    host.catalogue().then(setCatalogue, (error) => setFailed(sentenceOf(error)));
  };
  useEffect(look, [host]);
  if (failed) return <Failed sentence={failed} onRetry={look} />;
  if (!catalogue) return <Loading />;
  if (catalogue.runs.length === 0) return <Failed sentence={say("The server has no runs to show.")} onRetry={look} />;
  return <Opened host={host} catalogue={catalogue} spoken={spoken} {...(onSession ? { onSession } : {})} />;
}

function Opened({ host, catalogue: { runs }, spoken, onSession }: Props & { catalogue: Catalogue; spoken: Language }) {
  const [id, setId] = useState(() => runs.find((run) => run.id === runOf(readLink()))?.id ?? runs[0]!.id);
  const [session, setSession] = useState<Session | null>(null);
  const about = runs.find((run) => run.id === id) ?? runs[0]!;
  useEffect(() => {
    const open = (run: string): Backend => host.backend(run);
    const link = readLink();
    const own = (runOf(link) ?? about.id) === about.id;
    const opened = new Session(about, open(about.id), firstLink(own ? link : "", about, runs), open, runs);
    const tell = (address: string): void => opened.notice.set(unmet(address, about, runs));
    opened.start();
    tell(link);
    setSession(opened);
    window.aevum = hookOf(host, opened);
    onSession?.(opened);
    document.title = `${about.name} · aevum explore`;
    const stop = followLink(opened.store, (run) => {
      const known = runs.some((other) => other.id === run);
      if (known) setId(run);
      return known;
    }, tell);
    return () => {
      stop();
      opened.end();
    };
  }, [about]);
  if (!session || session.about.id !== about.id) return <Loading />;
  const change = (run: string): void => {
    const to = runs.find((other) => other.id === run)!;
    history.replaceState(null, "", `#${toHash(carried(session.store.state.value, session.about, to), to, runs)}`);
    setId(run);
  };
  // In another language all is said anew, by the same session.
  return (
    <SessionContext.Provider value={session} key={`${spoken} ${about.id}`}>
      <Workspace host={host} runs={runs} onRun={change} />
    </SessionContext.Provider>
  );
}

/** The page's shape before it is known what to fill it with. */
function Loading() {
  return (
    <div class="page" aria-busy="true">
      <header class="bar">
        <h1 class="brand">aevum</h1>
      </header>
      <main class="work">
        <p class="unseen">{say("Loading …")}</p>
        <div class="map surface skeleton" />
        <div class="side">
          <div class="decoded surface skeleton" />
          <div class="panels surface skeleton" />
        </div>
      </main>
    </div>
  );
}

function Failed({ sentence, onRetry }: { sentence: string; onRetry: () => void }) {
  return (
    <div class="page">
      <header class="bar">
        <h1 class="brand">aevum</h1>
      </header>
      <main class="failed">
        <div role="alert">
          <Icon name="warning" />
          <h2>{say("Nothing to explore yet")}</h2>
          <p>{sentence}</p>
        </div>
        <Button onClick={onRetry}>{say("Try again")}</Button>
      </main>
    </div>
  );
}
