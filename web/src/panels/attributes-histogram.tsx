/** How the rows lie along a direction: those with it as filled bars, those without as an outline; and where z is. */
import { useMemo } from "preact/hooks";
import { BINS, type Histogram, type Spread } from "../maths/directions";
import { fixed, short } from "../maths/format";
import { endText, tickText, ticks } from "../maths/ticks";
import { say } from "../words/words";
import { rowsText } from "./attributes-groups";

const HEIGHT = 100;
/** Bars end a little below the top, so that the tallest is seen to end. */
const TALLEST = 94;
/** Shares of the width that words beside the means need. */
const WORDS = 0.24;
const EDGE = 0.1;

export interface Range {
  readonly low: number;
  readonly high: number;
}

interface Props {
  readonly histogram: Histogram;
  /** What the strip shows: at least where z is, too. */
  readonly range: Range;
  readonly amount: number;
  /** Of a quantity amounts are its numbers, and no two groups have means. */
  readonly quantity?: boolean;
}

export function HistogramView({ histogram, range, amount, quantity = false }: Props) {
  const paths = useMemo(() => pathsOf(histogram), [histogram]);
  const { low, high } = range;
  const share = (value: number): number => (value - low) / (high - low);
  const means = quantity ? [] : [histogram.without.mean, histogram.with.mean];
  return (
    <div class="strip">
      <svg class="spread" viewBox={`${low} 0 ${high - low} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="neither" d={paths.neither} />
        <path class="with" d={paths.with} />
        <path class="without" d={paths.without} />
        {means.map((mean, i) => (
          <line key={i} class="mean" x1={mean} x2={mean} y1="0" y2={HEIGHT} />
        ))}
      </svg>
      <Here place={share(amount)} />
      {quantity ? (
        <Numbers low={low} high={high} share={share} />
      ) : (
        <Means without={histogram.without.mean} with={histogram.with.mean} share={share} />
      )}
    </div>
  );
}

function Here({ place }: { place: number }) {
  const side = place < EDGE ? "from" : place > 1 - EDGE ? "to" : "";
  return (
    <div class="here" style={{ left: percentage(place) }} aria-hidden="true">
      <span class={side}>{say("you are here")}</span>
    </div>
  );
}

/** The quantity's own numbers below its histogram. */
function Numbers({ low, high, share }: Range & { share: (value: number) => number }) {
  const values = ticks(low, high, 4);
  return (
    <div class="means" aria-hidden="true">
      {values.map((value) => (
        <span key={value} style={{ left: percentage(share(value)) }}>
          {tickText(value, values)}
        </span>
      ))}
    </div>
  );
}

const percentage = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** What the numbers at both means are, where there is room for words. */
function Means(props: { without: number; with: number; share: (value: number) => number }) {
  const [left, right] = [props.share(props.without), props.share(props.with)];
  const words = left > WORDS && right < 1 - WORDS;
  return (
    <div class={words ? "means worded" : "means"} aria-hidden="true">
      <span class="mean-without" style={{ left: percentage(left) }}>
        {words && <span class="words">{say("mean without")} </span>}
        {numeral(props.without)}
      </span>
      <span class="mean-with" style={{ left: percentage(right) }}>
        {numeral(props.with)}
        {words && <span class="words"> {say("mean with")}</span>}
      </span>
    </div>
  );
}

/** 0 and 1 without decimals; directions at right angles may not lead all the way. */
function numeral(mean: number): string {
  return Math.abs(mean - Math.round(mean)) < 5e-3 ? String(Math.round(mean) || 0) : fixed(mean, 2);
}

type Kind = "with" | "without" | "neither";

function pathsOf({ low, high, with: has, without, neither }: Histogram): Record<Kind, string> {
  const tallest = Math.max(...[has, without, neither].flatMap(({ shares }) => shares), 1e-9);
  const width = (high - low) / BINS;
  const path = ({ count, shares }: Spread): string => {
    if (!count) return "";
    const steps = shares.map((share, i) => {
      const y = HEIGHT - (TALLEST * share) / tallest;
      return `V${y.toFixed(2)}H${(low + (i + 1) * width).toPrecision(7)}`;
    });
    return `M${low.toPrecision(7)} ${HEIGHT}${steps.join("")}V${HEIGHT}`;
  };
  return { with: path(has), without: path(without), neither: path(neither) };
}

/** The same in words. Of a quantity, whose rows lie wider along its direction than it varies itself, with its name. */
export function summary({ with: has, without }: Histogram, quantity: string | null = null): string {
  const rows = rowsText(has.count);
  if (quantity !== null) {
    const numbers = { rows, name: quantity, mean: endText(has.mean, has.mean - has.deviation, has.mean + has.deviation), deviation: short(has.deviation) };
    return say("{rows} known. Where their codes lie along the direction, in units of {name}: mean {mean}, deviation {deviation}.", numbers);
  }
  const told = (name: string, { count, mean, deviation }: Spread): string =>
    say("{rows} {name}: mean {mean}, deviation {deviation}.", { rows: rowsText(count), name, mean: fixed(mean, 2), deviation: fixed(deviation, 2) });
  return `${told(say("with"), has)} ${told(say("without"), without)}`;
}
