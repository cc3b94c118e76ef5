/** The tour: a step's words, of which some move the page, and the way to the next one. */
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { About } from "../backend/backend";
import { Button, IconButton, Select, Toggle } from "../parts/controls";
import { useAppState, useSession } from "../session/context";
import type { Origin, Tours } from "../session/tours";
import { useCell } from "../state/cell";
import { isBare } from "../tour/moving";
import { useTour } from "../tour/shown";
import { pieces, plain, worded, type Piece, type Tour } from "../tour/tour";
import { say } from "../words/words";
import { TourWriter } from "./tour-writer";
import "../styles/tour.css";

export function TourBar({ runs }: { runs: readonly About[] }) {
  const { tours } = useSession();
  const step = useAppState((state) => state.tour);
  const draft = useCell(tours.draft);
  const { tour, origin, ready } = useTour(runs);
  return (
    <div class="tour-room">
      {step !== null && !draft && <Bar tour={tour} origin={origin} ready={ready} step={Math.min(step, tour.steps.length)} />}
      {draft && <TourWriter draft={draft} shown={tour} />}
    </div>
  );
}

interface Props {
  readonly tour: Tour;
  readonly origin: Origin;
  readonly ready: boolean;
  readonly step: number;
}

function Bar({ tour, origin, ready, step }: Props) {
  const { tours } = useSession();
  const bar = useRef<HTMLElement>(null);
  const at = tour.steps[step - 1]!;
  const count = tour.steps.length;
  const go = (to: number): void => tours.go(tour, to);
  useBareLink(tour, ready, step);
  useKeys(bar, step, go);
  // Who opened it goes on from here; who came by a link reads where the page begins.
  useEffect(() => {
    if (document.activeElement?.id === "tour-button" || tours.written) bar.current!.focus();
    tours.written = false;
  }, []);
  const title = worded(at.title);
  return (
    <section ref={bar} class="tour surface" tabIndex={-1} aria-label={say("Tour: {title}", { title: worded(tour.title) })}>
      <IconButton icon="back" label={say("Previous step")} keys="←" disabled={step === 1} onClick={() => go(step - 1)} />
      <div class="tour-step">
        <h2>
          <span class="tour-count number" aria-hidden="true">
            {step} / {count}
          </span>{" "}
          {title}
        </h2>
        <Text text={worded(at.text)} tours={tours} />
        <p class="unseen" role="status" aria-live="polite">
          {say("Step {step} of {count}: {title}.", { step, count, title })} {plain(worded(at.text))}
        </p>
      </div>
      <Tools origin={origin} />
      {step < count ? (
        <Button icon="forward" onClick={() => go(step + 1)}>
          {say("Next")}
        </Button>
      ) : (
        <Button icon="check" onClick={() => ended(tours)}>
          {say("Done")}
        </Button>
      )}
    </section>
  );
}

function Tools({ origin }: { origin: Origin }) {
  const { tours, store } = useSession();
  const presenting = useAppState((state) => state.presenting);
  return (
    <div class="tour-tools">
      <Choice origin={origin} tours={tours} />
      <Toggle on={presenting} title={say("Large, for a room (P)")} onToggle={(on) => store.dispatch({ type: "presented", presenting: on })}>
        {say("Present")}
      </Toggle>
      <IconButton icon="pencil" label={say("Write a tour")} onClick={() => tours.draft.set(begun(tours))} />
      <IconButton icon="close" label={say("End the tour")} keys="Esc" onClick={() => ended(tours)} />
    </div>
  );
}

/** What was written before, or a new tour of one step: what the page shows. */
function begun(tours: Tours): Tour {
  const begun = tours.here.value ?? tours.remembered;
  return begun ?? { title: say("A tour"), steps: [{ title: say("First step"), text: say("What there is to see."), state: tours.present }] };
}

/** The focus goes where a tour is begun. */
function ended(tours: Tours): void {
  tours.end();
  document.getElementById("tour-button")?.focus();
}

/** Which tour, where there is more than one. */
function Choice({ origin, tours }: { origin: Origin; tours: Tours }) {
  if (tours.origins.length < 2) return null;
  const names: Readonly<Record<Origin, string>> = { here: say("Yours"), run: say("The run’s"), usual: say("The usual one") };
  const choose = (to: string): void => {
    tours.chosen.set(to as Origin);
  };
  return <Select label={say("Tour")} value={origin} choices={tours.origins.map((value) => ({ value, text: names[value] }))} onChoose={choose} />;
}

export function Text({ text, tours }: { text: string; tours: Tours }) {
  return (
    <div class="tour-text">
      {pieces(text).map((paragraph, i) => (
        <p key={i}>
          {paragraph.map((piece, k) => (
            <Fragment key={k}>{partOf(piece, paragraph[k - 1], paragraph[k + 1], tours)}</Fragment>
          ))}
        </p>
      ))}
    </div>
  );
}

const MARKS = /^\p{P}+/u;

/** A comma after a link stays with it: no line begins with one. */
function partOf(piece: Piece, before: Piece | undefined, after: Piece | undefined, tours: Tours) {
  if (typeof piece === "string") return typeof before === "object" ? piece.replace(MARKS, "") : piece;
  return (
    <span class="kept">
      <button type="button" class="mover" onClick={() => tours.follow(piece.link)}>
        {piece.words}
      </button>
      {typeof after === "string" && MARKS.exec(after)?.[0]}
    </span>
  );
}

/** An address that names a step and nothing else opens the page as the step has it. */
function useBareLink(tour: Tour, ready: boolean, step: number): void {
  const { store, tours } = useSession();
  useEffect(() => {
    if (ready && isBare(store.hash)) tours.go(tour, step);
  }, [ready]);
}

/** Keys that other parts of the page have a use for are left to them. */
const THEIRS = "input:not([type=file]), textarea, select, [role=application], [role=tablist], summary, .filmstrip, .way-strip";
/** Of the devices with which one goes on in front of a room. */
const PAGES: Readonly<Record<string, number>> = { PageDown: 1, PageUp: -1 };
const ARROWS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

function useKeys(bar: { current: HTMLElement | null }, step: number, go: (step: number) => void): void {
  const { store, tours } = useSession();
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      // What has left the presentation does not end the tour as well.
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const { presenting } = store.state.value;
      const paged = presenting ? PAGES[event.key] : undefined;
      const ours = target === document.body || (bar.current?.contains(target) ?? false);
      const free = ours || (presenting && !target.closest(THEIRS));
      const by = paged ?? (free && !target.closest(THEIRS) ? ARROWS[event.key] : undefined);
      if (by !== undefined) go(step + by);
      // The page's own key leaves the room first.
      else if (event.key === "Escape" && ours && !presenting) ended(tours);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
}
