/** Decoded values of a table, each against what is usual for its column; many values as one curve. */
import { Fragment, type ComponentChildren } from "preact";
import type { Values } from "../backend/arrays";
import { short, withError } from "../maths/format";
import { rangeOf } from "../parts/example";
import { useAppState, useSession } from "../session/context";
import type { Picture, Reach } from "../session/decoding";
import { MOST_LISTED, type ValuesLooks } from "../session/looks";
import { useCell } from "../state/cell";
import type { State } from "../state/state";
import { say } from "../words/words";

/** The axis goes this many deviations of a column to either side of its mean. */
const REACH = 3;
const [WIDTH, HEIGHT] = [200, 22];

export function Features({ picture }: { picture: Picture | null }) {
  const { looks: known, decoding } = useSession();
  const looks = useCell(known);
  const reach = useCell(decoding.reach);
  if (looks.kind !== "values") return null;
  if (!picture) return <div class="features skeleton" aria-busy="true" />;
  return looks.names.length > MOST_LISTED ? (
    <Curve looks={looks} x={picture.x} reach={reach} />
  ) : (
    <List looks={looks} x={picture.x} reach={reach} />
  );
}

interface Shown {
  readonly looks: ValuesLooks;
  readonly x: Values;
  readonly reach: Reach | null;
}

function List({ looks, x, reach }: Shown) {
  const most = useAppState(mostAtOnce);
  const listed = looks.names.length > most ? looks.names.slice(0, most - 1) : looks.names;
  return (
    <div class="features" tabIndex={0} role="region" aria-label={say("Decoded features")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say("Feature")}</th>
            <th scope="col" class="scale-head">
              <span>−{REACH}σ</span>
              <span>{say("mean")}</span>
              <span>+{REACH}σ</span>
            </th>
            <th scope="col" class="number">
              {say("Value")}
            </th>
          </tr>
        </thead>
        <tbody>
          {listed.map((name, i) => (
            <Feature key={name} name={name} looks={looks} x={x} reach={reach} i={i} />
          ))}
        </tbody>
      </table>
      {listed.length < looks.names.length && <p class="hint">{say("and {count} more", { count: looks.names.length - listed.length })}</p>}
    </div>
  );
}

/** In front of a room nothing scrolls. */
function mostAtOnce({ presenting, panel }: State): number {
  if (!presenting) return Infinity;
  return panel === "sliders" ? 14 : 10;
}

function Feature({ name, looks, x, reach, i }: Shown & { readonly name: string; readonly i: number }) {
  const place = (raw: number): number => {
    const value = (raw - looks.mean[i]!) / (looks.deviation[i]! || 1);
    return ((Math.max(-REACH, Math.min(REACH, value)) / REACH + 1) / 2) * (WIDTH - 12) + 6;
  };
  const [middle, at] = [WIDTH / 2, place(x[i]!)];
  const [low, high] = reach ? [x[i]! + reach.below[i]!, x[i]! + reach.above[i]!] : [null, null];
  const words = looks.words?.[i];
  if (words) return <Word name={name} words={words} value={x[i]!} />;
  const [told, error] = reach ? withError(x[i]!, (high! - low!) / 2) : [short(x[i]!), null];
  return (
    <tr>
      <th scope="row" title={name}>
        <span class="feature-name">{breakable(name)}</span>
      </th>
      <td>
        <svg class="dot-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <line class="middle" x1={middle} x2={middle} y1="0" y2={HEIGHT} />
          <line class={at < middle ? "stem below" : "stem"} x1={middle} x2={at} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          {reach && <line class="whisker" x1={place(low!)} x2={place(high!)} y1={HEIGHT / 2} y2={HEIGHT / 2} />}
          {/* A line of no length with round ends: a dot that stays round in whatever width. */}
          <line class={at < middle ? "dot below" : "dot"} x1={at} x2={at} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        </svg>
      </td>
      <td class="number">
        {told}
        {error !== null && (
          <>
            {" "}
            <span class="hint">± {error}</span>
          </>
        )}
      </td>
    </tr>
  );
}

/** A class has no place between others: its word, and of two classes how likely the second is. */
function Word({ name, words, value }: { readonly name: string; readonly words: readonly string[]; readonly value: number }) {
  const word = words[Math.max(0, Math.min(words.length - 1, Math.round(value)))];
  return (
    <tr>
      <th scope="row" title={name}>
        <span class="feature-name">{breakable(name)}</span>
      </th>
      <td class="number" colSpan={2}>
        {word}{" "}
        {words.length === 2 && <span class="hint">{Math.round(100 * Math.max(value, 1 - value))} %</span>}
      </td>
    </tr>
  );
}

/** Names of columns are broken where their words end. */
function breakable(name: string): ComponentChildren {
  return name.split(/(?<=[_/.-])/).map((part, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

const CURVE = { width: 400, height: 180 } as const;

function Curve({ looks, x: values, reach }: Shown) {
  const [bottom, top] = rangeOf(looks);
  const count = looks.names.length;
  const x = (i: number): number => (i / (count - 1)) * CURVE.width;
  const y = (value: number): number => CURVE.height * (1 - (value - bottom) / (top - bottom || 1));
  const points = (of: (i: number) => number): string[] =>
    Array.from({ length: count }, (_, i) => `${x(i).toFixed(1)},${y(of(i)).toFixed(1)}`);
  const low = (i: number): number => values[i]! + reach!.below[i]!;
  const high = (i: number): number => values[i]! + reach!.above[i]!;
  const band = reach && [...points(low), ...points(high).reverse()].join(" ");
  return (
    <figure class="features curve">
      <svg viewBox={`0 0 ${CURVE.width} ${CURVE.height}`} preserveAspectRatio="none" role="img" aria-label={say("Decoded values")}>
        {band && <polygon class="band" points={band} />}
        <polyline class="usual" points={points((i) => looks.mean[i]!).join(" ")} />
        <polyline class="line" points={points((i) => values[i]!).join(" ")} />
      </svg>
      <figcaption class="hint">
        {say("{count} values from {bottom} to {top}; grey: their means", { count, bottom: short(bottom), top: short(top) })}
      </figcaption>
    </figure>
  );
}
