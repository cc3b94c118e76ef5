/** A word that a reader may not know, where it stands: a press, or Enter, tells what it means. */
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { meaningOf, type Term } from "../words/glossary";
import { say } from "../words/words";
import "../styles/explained.css";

interface Props {
  readonly term: Term;
  readonly children: ComponentChildren;
}

/** CSS pixels between word and meaning, and to the window's rim. */
const [AWAY, RIM] = [6, 8];

export function Explained({ term, children }: Props) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const meaning = useRef<HTMLDivElement>(null);
  const { name, meaning: told } = meaningOf(term);
  // In the layer over the page, which no part of it cuts off, it has to be placed by hand.
  const place = (event: Event): void => {
    if ((event as ToggleEvent).newState !== "open") return;
    const [from, box] = [word.current!.getBoundingClientRect(), meaning.current!];
    const { offsetWidth: width, offsetHeight: height } = box;
    const left = Math.min(Math.max(RIM, from.left), innerWidth - width - RIM);
    const below = from.bottom + AWAY;
    const top = below + height + RIM < innerHeight ? below : Math.max(RIM, from.top - AWAY - height);
    box.style.left = `${Math.round(left)}px`;
    box.style.top = `${Math.round(top)}px`;
  };
  return (
    <>
      <button ref={word} type="button" class="explained" {...{ popovertarget: id }} title={say("what it means")}>
        {children}
      </button>
      <div ref={meaning} id={id} class="meaning" popover="auto" role="note" onToggle={place}>
        <strong>{name}</strong>
        <p>{told}</p>
      </div>
    </>
  );
}

/** The term of a word that the server has for what it measures. */
export function termOf(word: string): Term | null {
  return TERMS[word] ?? null;
}

const TERMS: Readonly<Record<string, Term>> = { nats: "nats", "−ELBO": "elbo", distortion: "distortion" };

/** A word of the server, explained where it is one of those. */
export function Told({ word, children }: { word: string; children: ComponentChildren }) {
  const term = termOf(word);
  return term ? <Explained term={term}>{children}</Explained> : <>{children}</>;
}
