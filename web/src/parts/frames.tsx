/** The pictures of a way in a row: one stop of the keyboard, with arrows, Home and End from frame to frame. */
import { useEffect, useRef } from "preact/hooks";
import type { Values } from "../backend/arrays";
import { ExampleView } from "./example-view";
import { say } from "../words/words";

interface Props {
  readonly label: string;
  readonly class: string;
  readonly pictures: readonly Values[];
  /** The frame that is shown; −1 for none. */
  readonly at: number;
  readonly onChoose: (frame: number) => void;
}

export function Frames({ label, class: kind, pictures, at, onChoose }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const shown = Math.max(at, 0);
  useEffect(() => void (at >= 0 && bringIntoSight(list.current!, at)), [at]);
  const move = (event: KeyboardEvent): void => {
    const last = pictures.length - 1;
    const next = { ArrowRight: shown + 1, ArrowLeft: shown - 1, Home: 0, End: last }[event.key];
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const to = Math.min(Math.max(next, 0), last);
    list.current!.querySelectorAll("button")[to]!.focus();
    onChoose(to);
  };
  return (
    <ol ref={list} class={kind} aria-label={label} onKeyDown={move}>
      {pictures.map((x, i) => (
        <li key={i}>
          <button
            type="button"
            aria-label={say("Frame {frame} of {count}", { frame: i + 1, count: pictures.length })}
            aria-current={i === at ? "true" : undefined}
            tabIndex={i === shown ? 0 : -1}
            onClick={() => onChoose(i)}
          >
            <ExampleView values={x} />
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Scrolls the strip alone, where it is one that scrolls: the page stays where the reader has it. */
function bringIntoSight(list: HTMLElement, frame: number): void {
  const item = list.children[frame] as HTMLElement | undefined;
  if (!item) return;
  const top = item.offsetTop - list.offsetTop;
  const hidden = Math.min(0, top - list.scrollTop) || Math.max(0, top + item.offsetHeight - list.scrollTop - list.clientHeight);
  list.scrollTop += hidden;
}
