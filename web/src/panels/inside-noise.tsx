/** The noise: drawn anew, dragged in the two latents that the map shows, or set latent by latent. */
import { useRef, useState } from "preact/hooks";
import { fixed, short } from "../maths/format";
import { orderOf, ranked } from "../maths/plane";
import { Button } from "../parts/controls";
import { NumberField } from "../parts/number-field";
import { useAppState, useSession } from "../session/context";
import type { Passage } from "../session/inside";
import { useGesture } from "../state/gesture";
import { roundedNoise } from "../state/state";
import { WORDS } from "./inside-words";

/** Shown at once; so far a slider reaches. */
const [FEW, REACH] = [6, 3];
const [SIDE, STEP, LARGE_STEP] = [112, 0.05, 0.5];

export function Noise({ passage }: { passage: Passage }) {
  const pair = usePair();
  return (
    <section class="noise" aria-label={WORDS.noise}>
      <div class="noise-top">
        {pair && <Plane pair={pair} />}
        <p class="hint">
          {WORDS.kind[passage.answer.kind]} {pair && WORDS.drag}
        </p>
      </div>
      <Latents passage={passage} />
    </section>
  );
}

export function useNoise(): (epsilon: readonly number[] | null, gesture: string | null) => void {
  const { store } = useSession();
  return (epsilon, gesture) => {
    store.dispatch({ type: "noised", inside: { epsilon: epsilon && roundedNoise(epsilon) } }, gesture);
  };
}

/** The whole of ε, where the state says nothing: zeros. */
function useEpsilon(): readonly number[] {
  const { about } = useSession();
  const epsilon = useAppState((state) => state.inside.epsilon);
  return epsilon ?? Array.from({ length: about.posterior?.noise ?? 0 }, () => 0);
}

/** The latents on the map's axes; on principal axes the two that carry most. */
function usePair(): readonly [number, number] | null {
  const { about } = useSession();
  const plane = useAppState((state) => state.plane);
  if (about.latent_dim < 2 || about.posterior?.noise !== about.latent_dim) return null;
  if (plane.kind === "dims") return [plane.x, plane.y];
  const [a = 0, b = 1] = ranked(about);
  return [a, b];
}

/** For pointers and fingers; keys have the sliders beside it. */
function Plane({ pair: [a, b] }: { pair: readonly [number, number] }) {
  const epsilon = useEpsilon();
  const set = useNoise();
  const gesture = useGesture("noise");
  const held = useRef(false);
  const move = (event: PointerEvent): void => {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const value = (share: number): number => Math.max(-REACH, Math.min(REACH, REACH * (2 * share - 1)));
    const [across, up] = [value((event.clientX - left) / width), -value((event.clientY - top) / height)];
    set(epsilon.map((old, d) => (d === a ? across : d === b ? up : old)), gesture.name);
  };
  const scale = SIDE / 2 / REACH;
  const at = { x: SIDE / 2 + scale * clipped(epsilon[a]!), y: SIDE / 2 - scale * clipped(epsilon[b]!) };
  return (
    <figure class="noise-plane" title={WORDS.plane(a, b)} aria-hidden="true">
      <svg
        viewBox={`0 0 ${SIDE} ${SIDE}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          gesture.begin();
          held.current = true;
          move(event);
        }}
        onPointerMove={(event) => held.current && move(event)}
        onPointerUp={() => (held.current = false)}
        onPointerCancel={() => (held.current = false)}
      >
        {[1, 2, 3].map((deviations) => (
          <circle key={deviations} class="ring" cx={SIDE / 2} cy={SIDE / 2} r={deviations * scale - 0.5} />
        ))}
        <path class="axis" d={`M0 ${SIDE / 2}H${SIDE}M${SIDE / 2} 0V${SIDE}`} />
        <line class="arm" x1={SIDE / 2} y1={SIDE / 2} x2={at.x} y2={at.y} />
        <circle class="handle" cx={at.x} cy={at.y} r="7" />
      </svg>
      <figcaption>
        {WORDS.noiseOf(a)}, {WORDS.noiseOf(b)}
      </figcaption>
    </figure>
  );
}

const clipped = (value: number): number => Math.max(-REACH, Math.min(REACH, value));

/** Each latent's posterior, rate, noise and code; of many, those that carry most. */
function Latents({ passage: { answer } }: { passage: Passage }) {
  const { about, evolution } = useSession();
  const [all, setAll] = useState(false);
  const order = orderOf(evolution.run);
  const shown = all ? order : order.slice(0, FEW);
  const own = about.posterior?.noise === about.latent_dim;
  return (
    <>
      <table class="latents">
        <thead>
          <tr>
            <th scope="col">{WORDS.columns.latent}</th>
            <th scope="col" class="number">{WORDS.columns.posterior}</th>
            {answer.rates && <th scope="col" class="number">{WORDS.columns.rate}</th>}
            {own && <th scope="col" colSpan={2}>{WORDS.columns.noise}</th>}
            <th scope="col" class="number">{WORDS.columns.code}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((d) => (
            <tr key={d}>
              <th scope="row">{WORDS.latent(d)}</th>
              <td class="number">
                {fixed(answer.mean[d]!, 2)} <span class="hint">± {short(answer.deviation[d]!)}</span>
              </td>
              {answer.rates && <td class="number">{fixed(answer.rates[d]!, 2)}</td>}
              {own && <NoiseOf d={d} />}
              <td class="number">{fixed(answer.z.data[d]!, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {order.length > FEW && (
        <Button onClick={() => setAll(!all)}>{all ? WORDS.fewer : WORDS.all(order.length)}</Button>
      )}
    </>
  );
}

function NoiseOf({ d }: { d: number }) {
  const epsilon = useEpsilon();
  const set = useNoise();
  const gesture = useGesture(`noise-${d}`);
  const change = (value: number, name: string | null): void => {
    if (Number.isFinite(value)) set(epsilon.map((old, i) => (i === d ? value : old)), name);
  };
  const value = epsilon[d]!;
  const press = (event: KeyboardEvent): void => {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    change(value + way * (event.shiftKey ? LARGE_STEP : STEP), gesture.name);
  };
  return (
    <>
      <td class="noise-slider">
        <input
          type="range"
          aria-label={WORDS.noiseOf(d)}
          min={Math.min(-REACH, value)}
          max={Math.max(REACH, value)}
          step="any"
          value={value}
          onPointerDown={gesture.begin}
          onFocus={gesture.begin}
          onInput={(event) => change(event.currentTarget.valueAsNumber, gesture.name)}
          onKeyDown={press}
        />
      </td>
      <td>
        <NumberField class="value" label={WORDS.noiseValue(d)} value={Number(value.toFixed(2))} onSet={(next) => change(next, null)} />
      </td>
    </>
  );
}
