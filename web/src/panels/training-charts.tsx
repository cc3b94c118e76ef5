/** What a copy of the model has come to: its terms and spreads against epochs, and its way on the plane of both. */
import { bandOf, linear, logScaleOf, pathOf, scaleOf, type Scale, type Value } from "../maths/curves";
import { fixed, short } from "../maths/format";
import { Chart, PLOT } from "../parts/chart";
import type { Lesson, Mark } from "../session/training";
import { say } from "../words/words";

const { width, height } = PLOT;
/** Lines of equal −ELBO. */
const LINES = 7;

export function Charts({ lesson }: { lesson: Lesson }) {
  const { curve, now } = lesson;
  const last = curve.at(-1)!;
  const x = linear(0, Math.max(1, last.epoch));
  return (
    <div class="charts">
      <Distortion curve={curve} x={x} rated={now.hasRate} />
      {now.hasRate && <Rate curve={curve} x={x} />}
      {now.hasRate && <Plane curve={curve} />}
      {now.sigma && <Spread curve={curve} x={x} />}
    </div>
  );
}

const valuesOf = (curve: readonly Mark[], pick: (mark: Mark) => number): Value[] => curve.map((mark) => [mark.epoch, pick(mark)]);
const number = (value: number): string => (Math.abs(value) < 1000 ? fixed(value, 1) : short(value));
/** What is minimised of it: without noise the code is μ alone. */
const trained = (mark: Mark): number => (mark.noise || !mark.sigma ? mark.distortion : mark.still);
const whole = (mark: Mark): number => mark.distortion + mark.rate;

function Line({ values, x, y, kind }: { values: readonly Value[]; x: Scale; y: Scale; kind: string }) {
  const end = values.at(-1)!;
  return (
    <g class={kind}>
      <path d={pathOf(values, x, y, width, height)} />
      {Number.isFinite(end[1]) && <circle cx={x.at(end[0]) * width} cy={(1 - y.at(end[1])) * height} r="3" />}
    </g>
  );
}

function Distortion({ curve, x, rated }: { curve: readonly Mark[]; x: Scale; rated: boolean }) {
  const last = curve.at(-1)!;
  const [found, sums] = [valuesOf(curve, trained), rated ? valuesOf(curve, (mark) => (mark.noise ? whole(mark) : Number.NaN)) : []];
  const y = scaleOf([...found, ...sums].map(([, value]) => value));
  const label = rated && last.noise
    ? say("Distortion {distortion} and −ELBO {total} nats at epoch {epoch}", { distortion: number(trained(last)), total: number(whole(last)), epoch: fixed(last.epoch, 1) })
    : say("Distortion {distortion} nats at epoch {epoch}", { distortion: number(trained(last)), epoch: fixed(last.epoch, 1) }); // prettier-ignore
  return (
    <Chart title={rated ? say("Distortion, and −ELBO above it") : say("Distortion")} label={label} x={x} y={y} xName={say("epochs")}>
      {rated && <path class="rate area" d={bandOf(found, sums, x, y, width, height)} />}
      {rated && <Line values={sums} x={x} y={y} kind="total" />}
      <Line values={found} x={x} y={y} kind="distortion" />
    </Chart>
  );
}

function Rate({ curve, x }: { curve: readonly Mark[]; x: Scale }) {
  const last = curve.at(-1)!;
  const values = valuesOf(curve, ({ rate }) => rate);
  const y = scaleOf([0, ...values.map(([, value]) => value)]);
  return (
    <Chart title={say("Rate")} label={say("Rate {rate} nats at epoch {epoch}", { rate: number(last.rate), epoch: fixed(last.epoch, 1) })} x={x} y={y} xName={say("epochs")}>
      <Line values={values} x={x} y={y} kind="rate" />
    </Chart>
  );
}

function Plane({ curve }: { curve: readonly Mark[] }) {
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const way: Value[] = curve.map((mark) => [mark.rate, mark.distortion]);
  const [x, y] = [scaleOf(way.map(([rate]) => rate)), scaleOf(way.map(([, distortion]) => distortion))];
  const dot = (mark: Mark, kind: string, r: number) =>
    Number.isFinite(whole(mark)) && <circle class={kind} cx={x.at(mark.rate) * width} cy={(1 - y.at(mark.distortion)) * height} r={r} />;
  const label = say("From rate {r0} and distortion {d0} to rate {r1} and distortion {d1} nats", {
    r0: number(first.rate), d0: number(first.distortion), r1: number(last.rate), d1: number(last.distortion),
  }); // prettier-ignore
  return (
    <Chart title={say("Distortion over rate")} label={label} x={x} y={y} xName={say("rate")}>
      <path class="equal" d={equal(x, y)} />
      <path class="way" d={pathOf(way, x, y, width, height)} />
      {dot(first, "start", 3.5)}
      {dot(last, "now", 5)}
    </Chart>
  );
}

/** Lines along which distortion + rate is the same. */
export function equal(x: Scale, y: Scale): string {
  const [low, high] = [x.low + y.low, x.high + y.high];
  return Array.from({ length: LINES }, (_, i) => low + ((i + 1) * (high - low)) / (LINES + 1))
    .map((sum) => pathOf([[x.low, sum - x.low], [x.high, sum - x.high]], x, y, width, height))
    .join(""); // prettier-ignore
}

function Spread({ curve, x }: { curve: readonly Mark[]; x: Scale }) {
  const last = curve.at(-1)!;
  const [low, middle, high] = [0, 1, 2].map((place) => valuesOf(curve, ({ sigma }) => sigma?.[place] ?? Number.NaN)) as [Value[], Value[], Value[]];
  const y = logScaleOf([...low, ...middle, ...high].map(([, value]) => value));
  const label = say("Median σ {sigma} at epoch {epoch}", { sigma: short(last.sigma?.[1] ?? Number.NaN), epoch: fixed(last.epoch, 1) });
  return (
    <Chart title={say("Spread σ: median and quartiles")} label={label} x={x} y={y} xName={say("epochs")}>
      <path class="sigma area" d={bandOf(low, high, x, y, width, height)} />
      <Line values={middle} x={x} y={y} kind="sigma" />
    </Chart>
  );
}
