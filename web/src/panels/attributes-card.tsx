/** One attribute: its name, where z lies along its direction, and how the data does. */
import { useEffect, useRef, useState } from "preact/hooks";
import { amountOf, type Direction, type Histogram } from "../maths/directions";
import { tintOf } from "../maths/tints";
import { IconButton } from "../parts/controls";
import { Icon } from "../parts/icon";
import { NumberField } from "../parts/number-field";
import { theme } from "../parts/theme";
import { AmountSetter, type Found } from "../session/attributes";
import { useAppState, useSession } from "../session/context";
import { say } from "../words/words";
import { changed, removed, usualName, type Attribute } from "../state/attributes";
import { useCell } from "../state/cell";
import { useGesture } from "../state/gesture";
import { Groups } from "./attributes-groups";
import { CompanyView } from "./traits-company";
import { Gallery } from "./traits-gallery";
import { InPlane, ReadingView } from "./traits-reading";
import { HistogramView, summary } from "./attributes-histogram";

const [STEP, LARGE_STEP] = [0.05, 0.5];
const LONGEST_NAME = 48;

export function AttributeCard({ found }: { found: Found }) {
  const { attribute, direction, histogram, problem } = found;
  const tint = tintOf(attribute.slot, useCell(theme));
  const { about } = useSession();
  const reading = useCell(useSession().readings.bySlot).get(attribute.slot);
  return (
    <div ref={useFocus(attribute.slot)} class="attribute" role="group" aria-label={attribute.name} style={{ "--tint": tint }}>
      <Head found={found} />
      {direction && histogram ? (
        <Amount found={found} attribute={attribute} direction={direction} histogram={histogram} />
      ) : (
        <p class="problem" role="status">
          {problem}
        </p>
      )}
      {direction && (
        <>
          <ReadingView state={reading} attribute={attribute} />
          <InPlane direction={direction} about={about} />
        </>
      )}
      <Groups found={found} />
      {direction && (
        <>
          <CompanyView state={reading} attribute={attribute} />
          <Gallery found={found} direction={direction} />
        </>
      )}
    </div>
  );
}

/** A lasso ends at the slider of what it made; without a direction there is none, and the focus goes to the name. */
function useFocus(slot: number) {
  const { lassoing } = useSession();
  const card = useRef<HTMLDivElement>(null);
  const taken = useCell(lassoing.taken);
  useEffect(() => {
    if (taken !== slot) return;
    const field = (type: string) => card.current!.querySelector<HTMLInputElement>(`input[type=${type}]`);
    (field("range") ?? field("text"))!.focus();
    lassoing.taken.set(null);
  }, [taken]);
  return card;
}

function Head({ found }: { found: Found }) {
  const { attribute, direction } = found;
  const { store } = useSession();
  const { slot, name } = attribute;
  const shown = useAppState((state) => state.attributes.shown === slot);
  const remove = (): void => {
    store.dispatch({ type: "attributed", attributes: removed(store.state.value.attributes, slot) });
    // The button that had the focus is gone.
    document.getElementById("panel")?.focus({ preventScroll: true });
  };
  return (
    <div class="attribute-head">
      <span class="tint" aria-hidden="true" />
      <Name attribute={attribute} />
      {direction && <AmountField attribute={attribute} direction={direction} digits={digitsOf(found)} />}
      <button
        type="button"
        class="icon-button"
        aria-pressed={shown}
        aria-label={say("Show {name} on the map", { name })}
        title={say("Show its groups on the map")}
        onClick={() => store.dispatch({ type: "emphasised", slot: shown ? null : slot })}
      >
        <Icon name="eye" />
      </button>
      <IconButton icon="bin" label={say("Delete {name}", { name })} onClick={remove} />
    </div>
  );
}

function Name({ attribute }: { attribute: Attribute }) {
  const { about, store } = useSession();
  const { slot, name } = attribute;
  // What is being written stays where the card is drawn anew meanwhile: its reading may come.
  const [draft, setDraft] = useState<string | null>(null);
  const set = (input: HTMLInputElement): void => {
    setDraft(null);
    const { attributes } = store.state.value;
    const others = attributes.list.filter((other) => other.slot !== slot);
    const next = input.value.trim() || usualName(attribute, others, about);
    input.value = next;
    if (next !== name) store.dispatch({ type: "attributed", attributes: changed(attributes, slot, { name: next }) });
  };
  return (
    <input
      type="text"
      class="attribute-name"
      aria-label={say("Name")}
      title={say("Rename")}
      spellcheck={false}
      maxLength={LONGEST_NAME}
      value={draft ?? name}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => set(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          setDraft(null);
          event.currentTarget.value = name;
        }
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

interface AlongProps {
  readonly attribute: Attribute;
  readonly direction: Direction;
}

/** Where z lies along the direction, and what takes it elsewhere. */
function useAmount(direction: Direction) {
  const session = useSession();
  const amount = useAppState(({ z }) => amountOf(direction, z));
  const setter = useRef(new AmountSetter());
  const gesture = useGesture("amount");
  const set = (next: number): void => {
    if (!Number.isFinite(next)) return;
    const { state } = session.store;
    session.move(setter.current.next(direction, state.value.z, next), gesture.name);
    setter.current.became(state.value.z);
  };
  return { amount, set, begin: gesture.begin };
}

function AmountField({ attribute, direction, digits }: AlongProps & { digits: number }) {
  const { amount, set, begin } = useAmount(direction);
  return (
    <NumberField
      class="value"
      label={say("{name}, amount as a number", { name: attribute.name })}
      value={amount.toFixed(digits).replace(/^-(?=0(\.0+)?$)/, "")}
      onSet={(next) => {
        begin();
        set(next);
      }}
    />
  );
}

/** Decimals that tell a small step of the slider. */
function digitsOf({ slope, step }: Found): number {
  return slope ? Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(step)))) : 2;
}

function Amount({ found, attribute, direction, histogram }: AlongProps & { found: Found; histogram: Histogram }) {
  const digits = digitsOf(found);
  const { slot, name } = attribute;
  const { amount, set, begin } = useAmount(direction);
  const range = { low: Math.min(histogram.low, amount), high: Math.max(histogram.high, amount) };
  const press = (event: KeyboardEvent): void => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    set(amount + direction * found.step * (event.shiftKey ? LARGE_STEP : STEP));
  };
  return (
    <div class="amount">
      <HistogramView histogram={histogram} range={range} amount={amount} quantity={found.slope !== null} />
      <input
        type="range"
        aria-label={say("{name}, amount", { name })}
        aria-valuetext={amount.toFixed(digits)}
        aria-describedby={`spread-${slot}`}
        min={range.low}
        max={range.high}
        step="any"
        value={amount}
        onPointerDown={begin}
        onBlur={begin}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
        onKeyDown={press}
      />
      <span id={`spread-${slot}`} class="unseen">
        {summary(histogram, found.slope === null ? null : name)}
      </span>
    </div>
  );
}
