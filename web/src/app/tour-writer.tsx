/** A tour of one's own: the page is brought to a state, and said what there is to see. */
import { useEffect, useRef, useState } from "preact/hooks";
import { sentenceOf } from "../backend/backend";
import { Button, IconButton } from "../parts/controls";
import { Icon } from "../parts/icon";
import { useSession } from "../session/context";
import { save } from "../share/save";
import { MOST, linkText, read, worded, written, type Step, type Tour, type Worded } from "../tour/tour";
import { language, say } from "../words/words";

interface Props {
  readonly draft: Tour;
  /** The tour that one may begin with. */
  readonly shown: Tour;
}

export function TourWriter({ draft, shown }: Props) {
  const { tours } = useSession();
  const writing = useWriting(draft);
  const { place, told, change } = writing;
  const writer = useRef<HTMLElement>(null);
  useEffect(() => {
    writer.current!.querySelector("input")!.focus();
    tours.written = true;
  }, []);
  return (
    <section ref={writer} class="tour writer surface" aria-label={say("Write a tour")}>
      <Head draft={draft} shown={shown} writing={writing} />
      {told && (
        <p class="problem" role="alert">
          {told}
        </p>
      )}
      <Steps draft={draft} writing={writing} />
      <StepFields
        key={place}
        step={draft.steps[place]!}
        onSet={(step) => change({ ...draft, steps: draft.steps.map((old, i) => (i === place ? step : old)) })}
      />
    </section>
  );
}

interface Writing {
  /** Of the step that is written, from 0. */
  readonly place: number;
  /** Why the tour can't be used; null where nothing is known against it. */
  readonly told: string | null;
  readonly tell: (sentence: string) => void;
  readonly change: (tour: Tour, place?: number) => void;
  readonly choose: (place: number) => void;
}

function useWriting(draft: Tour): Writing {
  const { tours } = useSession();
  const [at, choose] = useState(0);
  const [told, setTold] = useState<string | null>(null);
  const change = (tour: Tour, place?: number): void => {
    setTold(null);
    tours.draft.set(tour);
    if (place !== undefined) choose(place);
  };
  return { place: Math.min(at, draft.steps.length - 1), told, tell: setTold, change, choose };
}

/** What goes for the whole tour. */
function Head({ draft, shown, writing: { place, tell, change } }: Props & { writing: Writing }) {
  const { tours } = useSession();
  /** What is written is read before anyone else has to. */
  const checked = (use: (tour: Tour) => void): void => {
    try {
      use(read(written(draft)));
    } catch (error) {
      tell(say("The tour can’t be used yet: {why}", { why: sentenceOf(error) }));
    }
  };
  const walk = (tour: Tour): void => {
    tours.here.set(tour);
    tours.chosen.set("here");
    tours.draft.set(null);
    tours.go(tour, place + 1);
  };
  const open = (file: File): void => {
    file.text().then(read).then(
      (tour) => change(tour, 0),
      (error) => tell(say("{name} can’t be used: {why}", { name: file.name, why: sentenceOf(error) })),
    );
  };
  return (
    <div class="writer-head">
      <Field label={say("Title of the tour")} value={worded(draft.title)} onSet={(text) => change({ ...draft, title: reworded(draft.title, text) })} />
      <Button icon="play" onClick={() => checked(walk)}>
        {say("Try it")}
      </Button>
      <Button icon="download" onClick={() => checked((tour) => save(fileOf(tour), "tour.json"))}>
        {say("Save file")}
      </Button>
      <FileOf onFile={open} />
      <Button icon="copy" onClick={() => change(shown, 0)}>
        {say("Begin with the tour that was shown")}
      </Button>
      <IconButton icon="close" label={say("Stop writing")} onClick={() => tours.draft.set(null)} />
    </div>
  );
}

/** The steps in their order, which is changed here. */
function Steps({ draft, writing: { place, change, choose } }: { draft: Tour; writing: Writing }) {
  const { tours } = useSession();
  const { steps } = draft;
  const arrange = (next: readonly Step[], to: number): void => change({ ...draft, steps: next }, to);
  const add = (): void => {
    const step = { title: say("Next step"), text: say("What there is to see."), state: tours.present };
    arrange([...steps.slice(0, place + 1), step, ...steps.slice(place + 1)], place + 1);
  };
  const shift = (by: number): void => {
    const next = [...steps];
    next.splice(place + by, 0, ...next.splice(place, 1));
    arrange(next, place + by);
  };
  const remove = (): void => arrange(steps.filter((_, i) => i !== place), Math.max(0, place - 1));
  return (
    <ol class="writer-steps" aria-label={say("Steps")}>
      {steps.map((step, i) => (
        <li key={i}>
          <button type="button" class="swatch" aria-current={i === place ? "step" : undefined} onClick={() => choose(i)}>
            {i + 1} {worded(step.title)}
          </button>
        </li>
      ))}
      <li>
        <Button icon="plus" disabled={steps.length >= MOST.steps} onClick={add}>
          {say("Add a step: what the page shows")}
        </Button>
      </li>
      <li class="row spring">
        <IconButton icon="back" label={say("Move the step earlier")} disabled={place === 0} onClick={() => shift(-1)} />
        <IconButton icon="forward" label={say("Move the step later")} disabled={place === steps.length - 1} onClick={() => shift(1)} />
        <IconButton icon="bin" label={say("Remove the step")} disabled={steps.length === 1} onClick={remove} />
      </li>
    </ol>
  );
}

function StepFields({ step, onSet }: { step: Step; onSet: (step: Step) => void }) {
  const { tours } = useSession();
  const text = useRef<HTMLTextAreaElement>(null);
  /** The words that are marked become a link to what the page shows. */
  const link = (): void => {
    const { value, selectionStart: from, selectionEnd: to } = text.current!;
    const made = linkText(value.slice(from, to) || say("here"), tours.present);
    onSet({ ...step, text: reworded(step.text, value.slice(0, from) + made + value.slice(to)) });
  };
  return (
    <div class="writer-step">
      <Field label={say("Title of the step")} value={worded(step.title)} onSet={(value) => onSet({ ...step, title: reworded(step.title, value) })} />
      <div class="field tall writer-text">
        <div class="row">
          <label for="writer-text">{say("Text")}</label>
          <Button icon="link" onClick={link}>
            {say("Link the marked words to what the page shows")}
          </Button>
        </div>
        <textarea
          ref={text}
          id="writer-text"
          rows={2}
          maxLength={MOST.text}
          value={worded(step.text)}
          onInput={(event) => onSet({ ...step, text: reworded(step.text, event.currentTarget.value) })}
        />
      </div>
      <div class="row">
        <Button icon="check" onClick={() => onSet({ ...step, state: tours.present })}>
          {say("Take what the page shows")}
        </Button>
        <Button icon="eye" onClick={() => tours.show(step.state)}>
          {say("Go to what it shows")}
        </Button>
      </div>
    </div>
  );
}

function Field({ label, value, onSet }: { label: string; value: string; onSet: (text: string) => void }) {
  return (
    <label class="field tall">
      <span>{label}</span>
      <input type="text" maxLength={MOST.title} value={value} onInput={(event) => onSet(event.currentTarget.value)} />
    </label>
  );
}

function FileOf({ onFile }: { onFile: (file: File) => void }) {
  return (
    <label class="button file-button">
      <Icon name="upload" />
      {say("Open file …")}
      <input
        type="file"
        class="unseen"
        accept="application/json,.json"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </label>
  );
}

/** Of a text that has several languages, the one that is spoken is written. */
function reworded(old: Worded, text: string): Worded {
  return typeof old === "string" ? text : { ...old, [language.value]: text };
}

const fileOf = (tour: Tour): Blob => new Blob([written(tour)], { type: "application/json" });
