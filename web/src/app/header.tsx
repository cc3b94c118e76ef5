/** What is being explored, and what goes for the whole page. */
import { useState } from "preact/hooks";
import type { About } from "../backend/backend";
import { plural } from "../maths/format";
import { IconButton } from "../parts/controls";
import { Icon } from "../parts/icon";
import { theme, toggleTheme } from "../parts/theme";
import { useAppState, useSession } from "../session/context";
import { copy } from "../share/save";
import { useCell } from "../state/cell";
import { Learning } from "./learning";
import { chooseLanguage } from "../words/language";
import { LANGUAGES, language, say } from "../words/words";

interface Props {
  readonly runs: readonly About[];
  readonly onRun: (id: string) => void;
  readonly onHelp: () => void;
  readonly onShare: () => void;
}

const COPIED_FOR = 1600;

export function Header({ runs, onRun, onHelp, onShare }: Props) {
  const { about, store } = useSession();
  const undoable = useCell(store.history, (history) => history.past.length > 0);
  const redoable = useCell(store.history, (history) => history.future.length > 0);
  const dressed = useCell(theme);
  const presenting = useAppState((state) => state.presenting);
  return (
    <header class={runs.length > 1 ? "bar several" : "bar"}>
      <h1>
        <span class={runs.length > 1 ? "brand wide-only" : "brand"}>aevum</span> <span class="unseen">{say("explore: {name}", { name: about.name })}</span>
      </h1>
      <RunChoice runs={runs} about={about} onRun={onRun} />
      <Learning />
      <ul class="facts-line" aria-label={say("Model")}>
        {factsOf(about).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <div class="row spring">
        {!presenting && (
          <>
            <IconButton icon="undo" label={say("Undo")} keys="Ctrl+Z" disabled={!undoable} onClick={() => store.undo()} />
            <IconButton icon="redo" label={say("Redo")} keys="Ctrl+Shift+Z" disabled={!redoable} onClick={() => store.redo()} />
            {runs.length > 1 && <BesideToggle runs={runs} />}
          </>
        )}
        <TourToggle />
        {!presenting && (
          <>
            <span class="wide-only">
              <CopyLink />
            </span>
            <IconButton icon="share" label={say("Share")} onClick={onShare} />
          </>
        )}
        <IconButton
          icon={dressed === "dark" ? "sun" : "moon"}
          label={dressed === "dark" ? say("Light colours") : say("Dark colours")}
          onClick={toggleTheme}
        />
        <span class="wide-only">
          <LanguageToggle />
        </span>
        {presenting && <Leave />}
        <button type="button" class="icon-button" aria-label={say("Help")} title={`${say("Help")} (?)`} onClick={onHelp}>
          ?
        </button>
      </div>
    </header>
  );
}

function Leave() {
  const { store } = useSession();
  const leave = (): void => store.dispatch({ type: "presented", presenting: false });
  return <IconButton icon="close" label={say("Leave the presentation")} keys="Esc" onClick={leave} />;
}

/** From the first step, or from none. */
function TourToggle() {
  const { store, tours } = useSession();
  const on = useAppState((state) => state.tour !== null);
  const toggle = (): void => {
    tours.draft.set(null);
    if (on) tours.end();
    else store.dispatch({ type: "toured", tour: 1 });
  };
  return (
    <button type="button" id="tour-button" class="icon-button" aria-label={say("Tour")} title={say("Tour")} aria-pressed={on} onClick={toggle}>
      <Icon name="flag" />
    </button>
  );
}

/** To the language that is not spoken, by its own name. */
function LanguageToggle() {
  const spoken = useCell(language);
  const { value, text, sign } = LANGUAGES.find((one) => one.value !== spoken)!;
  return (
    <button type="button" class="icon-button" lang={value} aria-label={text} title={text} onClick={() => chooseLanguage(value)}>
      {sign}
    </button>
  );
}

function BesideToggle({ runs }: Pick<Props, "runs">) {
  const { about, store } = useSession();
  const others = runs.filter(({ id }) => id !== about.id);
  const on = useAppState((state) => state.beside.length > 0);
  const toggle = (): void => store.dispatch({ type: "compared", beside: on ? [] : [others[0]!.id] });
  return (
    <button type="button" class="icon-button" aria-label={say("Side by side")} title={say("Side by side")} aria-pressed={on} onClick={toggle}>
      <Icon name="columns" />
    </button>
  );
}

function RunChoice({ runs, about, onRun }: Pick<Props, "runs" | "onRun"> & { about: About }) {
  if (runs.length === 1) {
    return (
      <span class="run" title={about.name}>
        {about.name}
      </span>
    );
  }
  return (
    <select class="run" aria-label={say("Run")} value={about.id} onChange={(event) => onRun(event.currentTarget.value)}>
      {runs.map((run) => (
        <option key={run.id} value={run.id}>
          {run.name}
        </option>
      ))}
    </select>
  );
}

/** Of one example. */
function sizeOf({ kind, event }: About): string {
  return event.length > 1 ? event.join(" × ") : plural(event[0] ?? 1, kind === "table" ? "feature" : "value");
}

function factsOf(about: About): string[] {
  return [
    about.model,
    plural(about.latent_dim, "latent"),
    sizeOf(about),
    ...(about.rows ? [`${about.data ?? say("data")}, ${plural(about.rows, "row")}`] : []),
  ];
}

function CopyLink() {
  const { store, notice } = useSession();
  const [copied, setCopied] = useState(false);
  const press = (): void => {
    const address = new URL(location.href);
    address.hash = store.hash;
    const told = (): void => {
      setCopied(true);
      setTimeout(() => setCopied(false), COPIED_FOR);
    };
    const refused = (): void => notice.set(say("The browser does not let the page copy. The link is {link}", { link: address.href }));
    copy(address.href).then(told, refused);
  };
  return <IconButton icon={copied ? "check" : "link"} label={copied ? say("Copied") : say("Copy link")} onClick={press} />;
}
