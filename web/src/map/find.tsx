/** Find a row by its number or name, or a class: a field over the map that suggests, as a combobox does. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/icon";
import { IconButton } from "../parts/controls";
import { useSession } from "../session/context";
import { nothing, searched, suggested, type Suggestion } from "../session/search";
import type { Session } from "../session/session";
import { LABEL } from "../state/columns";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import "../styles/find.css";

/** Milliseconds after a letter before rows are looked for. */
const REST = 150;

export function Find() {
  const session = useSession();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLDivElement>(null);
  const said = useCell(session.said);
  useSlash(() => setOpen(true));
  // The button can be focused when it is there again.
  const was = useRef(false);
  useLayoutEffect(() => {
    if (was.current && !open) button.current?.querySelector("button")?.focus({ preventScroll: true });
    was.current = open;
  }, [open]);
  if (session.about.rows === 0) return null;
  return (
    <div class={open ? "find open" : "find"}>
      {open && <Field onClose={() => setOpen(false)} />}
      <div ref={button} class="find-button" hidden={open}>
        <IconButton icon="search" label={say("Find a row or a class")} keys="/" onClick={() => setOpen(true)} />
      </div>
      <span class="unseen" role="status">
        {said}
      </span>
    </div>
  );
}

function useSlash(onOpen: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
      if (target.matches("input:not([type=range]):not([type=radio]), textarea, select")) return;
      event.preventDefault();
      onOpen();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function Field({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState("");
  const found = useFound(session, text);
  // At once: what is typed next is meant for it.
  useLayoutEffect(() => input.current!.focus({ preventScroll: true }), []);
  const change = (next: string): void => {
    setText(next);
    setAt(0);
    setProblem("");
  };
  const choose = (suggestion: Suggestion): void => {
    goTo(session, suggestion);
    onClose();
  };
  const enter = async (): Promise<void> => {
    const now = input.current!.value;
    const own = now === text && found.length ? found : suggested(session.about, now);
    const all = own.length ? own : await searched(session.about, session.backend, now).catch(() => []);
    const chosen = all[Math.min(at, all.length - 1)];
    if (chosen) choose(chosen);
    else if (now.trim()) setProblem(nothing(session.about, now));
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((now) => (now + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") void enter();
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="find-field">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={say("Find a row by its number or name, or a class")}
        aria-expanded={found.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={found.length ? `found-${at}` : undefined}
        aria-invalid={problem !== ""}
        aria-describedby={problem ? "not-found" : undefined}
        placeholder={say("Row, name or class")}
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={press}
      />
      <IconButton icon="close" label={say("Close")} keys="Esc" onClick={onClose} />
      <ul id="found" role="listbox" aria-label={say("Found")} hidden={!found.length}>
        {found.map((each, i) => (
          <li
            key={i}
            id={`found-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(each)}
          >
            <span class="found-text">{each.text}</span>
            <span class="hint">{each.kind === "class" ? each.more || say("class") : each.more}</span>
          </li>
        ))}
      </ul>
      <p id="not-found" class={problem ? "problem" : "unseen"} role="status">
        {problem}
      </p>
    </div>
  );
}

/** What is known at once, and what the server finds when the text rests. */
function useFound(session: Session, text: string): readonly Suggestion[] {
  const [{ of, all: found }, setAll] = useState<{ of: string; all: readonly Suggestion[] }>({ of: "", all: [] });
  const setFound = (all: readonly Suggestion[]): void => setAll({ of: text, all });
  useEffect(() => {
    setFound(suggested(session.about, text));
    if (!text.trim()) return;
    let wanted = true;
    const timer = setTimeout(() => {
      searched(session.about, session.backend, text).then(
        (all) => wanted && setFound(all),
        () => undefined,
      );
    }, REST);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, text]);
  // What was found for other letters is not what these mean.
  return of === text ? found : NONE;
}

const NONE: readonly Suggestion[] = [];

/** A row is gone to; a class is singled out in its colours. */
function goTo(session: Session, suggestion: Suggestion): void {
  const { store } = session;
  if (suggestion.kind === "row") {
    session.jump(suggestion.row);
    return;
  }
  const { column, place } = suggestion;
  store.dispatch({ type: "coloured", colour: column === LABEL ? "label" : `column:${column}` });
  store.dispatch({ type: "singled", only: [place] });
  session.said.set(say("{name} is singled out on the map.", { name: suggestion.text }));
}
