/**
 * A slider for each latent, the most telling first; those that the model does not use below a line. Their order is the
 * run's, whichever epoch is shown, and while it learns that of the latents: nothing is to move under the hand.
 */
import { useRef } from "preact/hooks";
import { plural } from "../maths/format";
import { momentsOf, type About } from "../backend/backend";
import { orderOf } from "../maths/plane";
import { Button, IconButton } from "../parts/controls";
import { Explained } from "../parts/explained";
import { NumberField } from "../parts/number-field";
import { useAppState, useSession } from "../session/context";
import { rangeOf } from "../session/law";
import { useCell } from "../state/cell";
import { useGesture } from "../state/gesture";
import { originOf, rounded } from "../state/state";
import { say } from "../words/words";

const [STEP, LARGE_STEP] = [0.05, 0.5];
/** More unused latents than this are put away. */
const FEW = 8;

export function SlidersPanel() {
  const session = useSession();
  const { about, store } = session;
  const learns = typeof about.version === "number";
  const law = useCell(session.laws.law);
  const order = orderOf(session.evolution.run);
  const active = learns ? order : order.slice(0, session.evolution.run.active.length);
  const rest = order.slice(active.length);
  const origin = originOf(about);
  const atOrigin = useAppState((state) => state.z.every((value, d) => value === origin[d]));
  const largest = Math.max(...weights(about), 1e-9);
  return (
    <>
      <div class="row actions">
        <Button icon="dice" disabled={!law} onClick={() => session.drawFromPrior()}>
          {about.can_sample ? say("Draw from the prior") : say("Random code")}
        </Button>
        <Button icon="reset" disabled={atOrigin} onClick={() => store.dispatch({ type: "moved", z: origin })}>
          {say("Reset all")}
        </Button>
        <span class="hint spring">{about.rate ? <Explained term="rate">{told(learns, about)}</Explained> : told(learns, about)}</span>
      </div>
      <ul class="sliders">
        {active.map((d) => (
          <Slider key={d} d={d} largest={largest} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details class="inactive" open={rest.length <= FEW}>
          <summary>
            <span>{plural(rest.length, "inactive latent")}</span>
          </summary>
          <ul class="sliders">
            {rest.map((d) => (
              <Slider key={d} d={d} largest={largest} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function told(learns: boolean, { rate }: About): string {
  if (rate) return learns ? say("bars: rate, nats") : say("ranked by rate, nats");
  return learns ? say("bars: variance") : say("ranked by variance");
}

function weightText({ rate }: About, weight: number): string {
  const told = weight.toFixed(2);
  return rate ? say("rate {rate}", { rate: told }) : say("variance {variance}", { variance: told });
}

function weights(about: { rate: readonly number[] | null; variance: readonly number[] }): readonly number[] {
  return about.rate ?? about.variance;
}

function Slider({ d, largest }: { d: number; largest: number }) {
  const session = useSession();
  const { about, store } = session;
  const value = useAppState((state) => state.z[d]!);
  const moments = momentsOf(about);
  const [mean, deviation] = [moments.mean[d]!, moments.deviation[d]! || 1];
  const law = useCell(session.laws.law);
  // Of an auto-encoder, whose codes' ends are no more than those of some rows, sliders reach over three deviations.
  const ends = rangeOf(law && about.can_sample ? law : { moments, draws: null }, d);
  const weight = weights(about)[d] ?? 0;
  const usual = rounded(mean, about.prior.deviation[d] ?? 1);
  const set = (next: number, gesture: string | null): void => {
    if (!Number.isFinite(next)) return;
    session.move(store.state.value.z.map((old, i) => (i === d ? next : old)), gesture);
  };
  return (
    <li class="slider">
      <label for={`z-${d}`}>z[{d}]</label>
      <Weight share={weight / largest} text={weightText(about, weight)} />
      <Track id={`z-${d}`} value={value} ends={ends} deviation={deviation} onSet={set} />
      <NumberField
        class="value"
        label={say("{name}, value", { name: `z[${d}]` })}
        value={Number(value.toFixed(3))}
        onSet={(next) => set(next, null)}
      />
      <IconButton icon="reset" label={say("Reset {name}", { name: `z[${d}]` })} disabled={value === usual} onClick={() => set(usual, null)} />
    </li>
  );
}

interface TrackProps {
  readonly id: string;
  readonly value: number;
  readonly ends: readonly [number, number];
  readonly deviation: number;
  readonly onSet: (value: number, gesture: string) => void;
}

/** The slider itself; it grows where the value lies beyond its usual ends. */
function Track({ id, value, ends, deviation, onSet }: TrackProps) {
  const gesture = useGesture(id);
  // A press on a slider without the focus gives it the focus too: one gesture, not two.
  const pressed = useRef(false);
  const set = (next: number): void => onSet(next, gesture.name);
  const press = (event: KeyboardEvent): void => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    set(value + direction * deviation * (event.shiftKey ? LARGE_STEP : STEP));
  };
  return (
    <input
      id={id}
      type="range"
      min={Math.min(ends[0], value)}
      max={Math.max(ends[1], value)}
      step="any"
      value={value}
      onPointerDown={() => {
        gesture.begin();
        pressed.current = true;
      }}
      onPointerUp={() => (pressed.current = false)}
      onPointerCancel={() => (pressed.current = false)}
      onFocus={() => {
        if (!pressed.current) gesture.begin();
      }}
      onInput={(event) => set(event.currentTarget.valueAsNumber)}
      onKeyDown={press}
    />
  );
}

function Weight({ share, text }: { share: number; text: string }) {
  return (
    <svg class="weight" viewBox="0 0 40 6" width="40" height="6" role="img" aria-label={text}>
      <title>{text}</title>
      <rect class="back" width="40" height="6" rx="3" />
      <rect width={Math.max(share > 0.005 ? 3 : 0, 40 * Math.min(1, share))} height="6" rx="3" />
    </svg>
  );
}
