/** What can be taken away from the page: its link, pictures, films, and code that repeats it. */
import { useEffect, useState } from "preact/hooks";
import { Button, Segments, Select } from "../parts/controls";
import { Dialog } from "../parts/dialog";
import { usePainter } from "../parts/example-view";
import { colour } from "../parts/theme";
import { SessionContext, useAppState, useSession } from "../session/context";
import type { Session } from "../session/session";
import { copy } from "../share/save";
import { knowsFolder, pythonOf } from "../share/python";
import { requestOf } from "../share/request";
import { choices, type What } from "../share/subject";
import { hashOf } from "../state/unmet";
import { drawnFits } from "../state/url";
import type { Dress } from "../share/pictures";
import { Exports } from "./exports";
import { subjectOf } from "./subject-of";
import { say } from "../words/words";
import "../styles/share.css";

interface Props {
  readonly open: boolean;
  readonly onClose: () => void;
  /** The runs that are shown, the page's own first. */
  readonly sessions: readonly Session[];
}

export function Share({ open, onClose, sessions }: Props) {
  return (
    <Dialog id="share" title={say("Share")} open={open} onClose={onClose}>
      {open && <Contents sessions={sessions} onClose={onClose} />}
    </Dialog>
  );
}

function Contents({ sessions, onClose }: Pick<Props, "sessions" | "onClose">) {
  const { store } = useSession();
  const painter = usePainter();
  const dress: Dress = { painter, colours: { paper: colour("paper"), ink: colour("ink") } };
  // Read once: what is behind the dialog stays as it is.
  const [address] = useState(() => linkTo(store.hash));
  return (
    <>
      <section aria-labelledby="share-link">
        <h3 id="share-link">{say("Link")}</h3>
        <div class="row share-link">
          <input type="text" readOnly aria-label={say("Address of this state")} value={address} onFocus={(event) => event.currentTarget.select()} />
          <Copy text={address} label={say("Copy link")} />
        </div>
        {store.state.value.drawn !== null && !drawnFits(store.state.value) && (
          <p class="hint">{say("The picture that was drawn is too large for an address: the link brings back all but it.")}</p>
        )}
        <OldLink onDone={onClose} />
      </section>
      <Exports dress={dress} />
      <Codes sessions={sessions} />
    </>
  );
}

/** A link to another server's page, which may be long gone: what it shows is shown by this one. */
function OldLink({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState("");
  const [refused, setRefused] = useState(false);
  const open = (event: Event): void => {
    event.preventDefault();
    const hash = hashOf(text);
    setRefused(hash === null);
    if (hash === null) return;
    onDone();
    location.hash = hash;
  };
  return (
    <form class="row share-link" onSubmit={open}>
      <input
        type="text"
        aria-label={say("A link from another time")}
        placeholder={say("Paste a link from another time")}
        value={text}
        aria-invalid={refused}
        aria-describedby={refused ? "no-link" : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        {say("Open")}
      </button>
      {refused && (
        <p id="no-link" class="problem" role="alert">
          {say("This is no link to a page of aevum explore: one has #v=1&run=… in it.")}
        </p>
      )}
    </form>
  );
}

/** The page's address with all that is set, and without what opens the server. */
function linkTo(hash: string): string {
  const address = new URL(location.href);
  address.hash = hash;
  address.searchParams.delete("token");
  return address.href;
}

const titles = (): Readonly<Record<What, string>> => ({
  picture: say("Picture"),
  morph: say("Morph"),
  lattice: say("Lattice"),
  attribute: say("Attribute"),
  classes: say("Every class"),
  drawing: say("Drawing"),
});
/** What the panels show; that of others is the picture. */
const SHOWN: Readonly<Record<string, What>> = {
  morph: "morph",
  traits: "attribute",
  condition: "classes",
  draw: "drawing",
};

type Language = "python" | "request";

function Codes({ sessions }: Pick<Props, "sessions">) {
  const own = useSession();
  const [run, setRun] = useState(own.about.id);
  const session = sessions.find(({ about }) => about.id === run) ?? own;
  const choices = sessions.map(({ about: { id, name } }) => ({ value: id, text: name }));
  return (
    <section aria-labelledby="share-code">
      {/* In a file the model runs in another engine, whose last bits are others. */}
      <h3 id="share-code">{served() ? say("Code that repeats it, to the last bit") : say("Code that repeats it")}</h3>
      {choices.length > 1 && <Select label={say("Run")} value={run} choices={choices} onChoose={setRun} />}
      <SessionContext.Provider value={session} key={session.about.id}>
        <Code />
      </SessionContext.Provider>
    </section>
  );
}

/** In a file there is no server to ask. */
const served = (): boolean => location.protocol.startsWith("http");

function Code() {
  const session = useSession();
  const state = useAppState((all) => all);
  const subject = subjectOf(session, state);
  const possible = choices(subject);
  const [wanted, setWhat] = useState<What>(SHOWN[state.panel] ?? "picture");
  const [language, setLanguage] = useState<Language>("python");
  const what = possible.includes(wanted) ? wanted : possible[0]!;
  const request = served() ? requestOf(subject, what, new URL(".", location.href).href) : null;
  const chosen = request === null ? "python" : language;
  const code = chosen === "python" ? pythonOf(subject, what) : request!;
  return (
    <>
      <div class="row">
        <Segments<What>
          label={say("What the code repeats")}
          value={what}
          choices={possible.map((value) => ({ value, text: titles()[value] }))}
          onChoose={setWhat}
        />
        {request !== null && (
          <Segments<Language>
            label={say("Language")}
            value={chosen}
            choices={[
              { value: "python", text: "Python" },
              { value: "request", text: say("JSON request") },
            ]}
            onChoose={setLanguage}
          />
        )}
        <span class="spring" />
        <Copy text={code} label={chosen === "python" ? say("Copy as Python") : say("Copy as JSON request")} />
      </div>
      <pre class="code" tabIndex={0} role="region" aria-label={say("Code")}>
        {code}
      </pre>
      {chosen === "request" && <p class="hint">{say("TOKEN stands for the token in the address that aevum explore printed.")}</p>}
      {chosen === "python" && !knowsFolder(subject) && (
        <p class="hint">{say("The page does not know where this model was saved: put its folder in the place of runs/….")}</p>
      )}
    </>
  );
}

const COPIED_FOR = 1600;

function Copy({ text, label }: { text: string; label: string }) {
  const [told, setTold] = useState<"copied" | "refused" | null>(null);
  const press = (): void => {
    copy(text).then(
      () => setTold("copied"),
      () => setTold("refused"),
    );
  };
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(null), COPIED_FOR * (told === "refused" ? 3 : 1));
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <>
      <Button icon={told === "copied" ? "check" : "copy"} onClick={press}>
        {told === "copied" ? say("Copied") : label}
      </Button>
      <span class="unseen" role="status">
        {told === "copied" ? say("Copied") : ""}
      </span>
      {told === "refused" && <span class="hint">{say("The browser does not let the page copy: select the text instead.")}</span>}
    </>
  );
}
