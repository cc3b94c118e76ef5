/** For conditional models: the same code under every class, a mix of two, or the real values that they take. */
import { useState } from "preact/hooks";
import { LARGEST } from "../maths/bounds";
import { mixture, percent, short } from "../maths/format";
import { ExampleView } from "../parts/example-view";
import { Select } from "../parts/controls";
import { NumberField } from "../parts/number-field";
import { mixed, oneHot } from "../session/classes";
import { useAppState, useSession } from "../session/context";
import { useCell } from "../state/cell";
import { useGesture } from "../state/gesture";
import { say } from "../words/words";

export function ConditionPanel() {
  const { about } = useSession();
  return about.classes ? <Classes names={about.classes} /> : <RealValues />;
}

function Classes({ names }: { names: readonly string[] }) {
  const { classes, store } = useSession();
  const pictures = useCell(classes.pictures);
  const y = useAppState((state) => state.y)!;
  const chosen = y.indexOf(1);
  return (
    <>
      <p class="hint">{say("The same code, decoded as each class. Choose one to go on with it.")}</p>
      <div class="classes" role="radiogroup" aria-label={say("Class")}>
        {names.map((name, i) => (
          <label key={name} class={`class ${y[i]! > 0 ? "held" : ""}`}>
            <input
              type="radio"
              name="class"
              checked={i === chosen}
              onChange={() => store.dispatch({ type: "conditioned", y: oneHot(i, names.length) })}
            />
            <ExampleView values={pictures?.[i] ?? null} />
            <span class="class-name" title={name}>
              {name}
            </span>
            {y[i]! > 0 && y[i]! < 1 && <span class="hint">{percent(y[i]!)}</span>}
          </label>
        ))}
      </div>
      {names.length > 1 && <Mix names={names} y={y} />}
    </>
  );
}

/** Weights of two classes that sum to one. */
function Mix({ names, y }: { names: readonly string[]; y: readonly number[] }) {
  const { store } = useSession();
  const [pair, setPair] = useState(() => pairOf(y));
  // Another pair is meant once a class outside of this one has a weight.
  const fits = y.every((weight, i) => weight === 0 || i === pair.from || i === pair.to);
  const { from, to } = fits ? pair : pairOf(y);
  const share = y[to] ?? 0;
  const gesture = useGesture("mix");
  const set = (a: number, b: number, weight: number, key: string | null): void => {
    setPair({ from: a, to: b });
    store.dispatch({ type: "conditioned", y: mixed(a, b, weight, y.length) }, key);
  };
  const choices = names.map((text, i) => ({ value: String(i), text }));
  // The class that is taken from the other end is given back to it.
  const choose = (end: "from" | "to", i: number): void => {
    const other = end === "from" ? to : from;
    const [a, b] = i === other ? [to, from] : end === "from" ? [i, to] : [from, i];
    set(a, b, share, null);
  };
  return (
    <fieldset class="mix">
      <legend>{say("Mix of two classes")}</legend>
      <Select label={say("From")} value={String(from)} choices={choices} onChoose={(i) => choose("from", Number(i))} />
      <Select label={say("to")} value={String(to)} choices={choices} onChoose={(i) => choose("to", Number(i))} />
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={share}
        aria-label={say("Share of {name}", { name: names[to]! })}
        aria-valuetext={say("{name}: {value}", { name: names[to]!, value: percent(share) })}
        onInput={(event) => set(from, to, event.currentTarget.valueAsNumber, gesture.name)}
        onPointerDown={gesture.begin}
        onFocus={gesture.begin}
      />
      <output class="number">
        {mixture([names[from]!, names[to]!], [1 - share, share])}
      </output>
    </fieldset>
  );
}

function pairOf(y: readonly number[]): { from: number; to: number } {
  const held = y.flatMap((weight, i) => (weight > 0 ? [i] : []));
  const from = held[0] ?? 0;
  return { from, to: held[1] ?? (from + 1) % y.length };
}

const DIGITS = 6;

function RealValues() {
  const { about, store } = useSession();
  const y = useAppState((state) => state.y)!;
  const set = (place: number, value: number): void => {
    store.dispatch({ type: "conditioned", y: y.map((old, i) => (i === place ? value : old)) });
  };
  return (
    <>
      <p class="hint">{say("The model is conditioned on these values, in the data’s units.")}</p>
      <ul class="values">
        {y.map((value, i) => (
          <li key={i}>
            <label class="field">
              <span>y[{i}]</span>
              <NumberField value={Number(value.toPrecision(DIGITS))} most={LARGEST} onSet={(next) => set(i, next)} />
            </label>
            {about.context_mean && <span class="hint">{say("mean {mean}", { mean: short(about.context_mean[i]!) })}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
