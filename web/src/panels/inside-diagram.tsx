/** The wiring: x → encoder → (μ, log σ²) → ε → z → decoder → x̂, with y at both ends of a conditional model. */
import type { InsideAnswer } from "../backend/backend";
import { fixed } from "../maths/format";
import { orderOf } from "../maths/plane";
import { ExampleView } from "../parts/example-view";
import { useSession } from "../session/context";
import type { Passage } from "../session/inside";
import { WORDS } from "./inside-words";

const WIDTH = 400;
/** Of the middle line, of the nodes above and below it, and of y. */
const [MIDDLE, UPPER, LOWER, NOISE, BELOW] = [60, 34, 86, 132, 168];
const PICTURE = 60;
/** More latents than these make no bars that can be told apart. */
const MOST_BARS = 12;
/** What fills a bar: three deviations of the prior, and log σ² of a spread of 1 %. */
const [FULL, FULL_LOG] = [3, 9.2];

export function Diagram({ passage }: { passage: Passage }) {
  const { evolution } = useSession();
  const { answer, x, of } = passage;
  const { parts } = WORDS;
  const order = orderOf(evolution.run).slice(0, MOST_BARS);
  const pick = (values: ArrayLike<number>): number[] => order.map((d) => values[d]!);
  const point = answer.kind === "point";
  // Of a flow, what is known are the moments of z, and not of what the flow begins with.
  const own = answer.kind !== "other";
  const height = of.y ? 184 : 150;
  const logs = Array.from(answer.deviation, (deviation) => 2 * Math.log(deviation));
  return (
    <div class="diagram" style={{ aspectRatio: `${WIDTH} / ${height}` }}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={described(passage, order)}>
        <Wires kind={answer.kind} conditional={of.y !== null} />
        <Trapezoid x={72} narrows name={parts.encoder} />
        <Node x={118} y={UPPER} name={parts.mean} values={own ? pick(answer.mean) : null} full={FULL} />
        <Node x={118} y={LOWER} name={parts.logVariance} values={point || !own ? null : pick(logs)} full={FULL_LOG} absent={point ? parts.noSpread : null} />
        {answer.kind === "other" ? <Flow /> : <Sums point={point} />}
        <Node x={168} y={NOISE} name={parts.noise} values={point ? null : noiseOf(answer, order)} full={FULL} absent={point ? parts.noNoise : null} wide />
        <Node x={240} y={MIDDLE} name={parts.code} values={pick(answer.z.data)} full={FULL} kind="code" />
        <Trapezoid x={302} name={parts.decoder} />
        {of.y && <Node x={178} y={BELOW} name={parts.y} values={null} />}
        <text class="end" x={PICTURE / 2} y={MIDDLE + PICTURE / 2 + 16}>{parts.x}</text>
        <text class="end" x={WIDTH - PICTURE / 2} y={MIDDLE + PICTURE / 2 + 16}>{parts.made}</text>
      </svg>
      <div class="diagram-end" style={endAt(0, height)}>
        <ExampleView values={x} />
      </div>
      <div class="diagram-end" style={endAt(WIDTH - PICTURE, height)}>
        <ExampleView values={answer.x.data} />
      </div>
    </div>
  );
}

function endAt(left: number, height: number) {
  const share = (value: number, whole: number): string => `${(100 * value) / whole}%`;
  return {
    left: share(left, WIDTH),
    top: share(MIDDLE - PICTURE / 2, height),
    width: share(PICTURE, WIDTH),
    height: share(PICTURE, height),
  };
}

/** Of a flow's noise the places say nothing of the latents' order. */
function noiseOf(answer: InsideAnswer, order: readonly number[]): number[] {
  const { data, shape } = answer.epsilon;
  return shape[1] === answer.mean.length ? order.map((d) => data[d]!) : Array.from(data.subarray(0, MOST_BARS));
}

function described({ answer, of }: Passage, order: readonly number[]): string {
  const list = (values: ArrayLike<number>): string => order.map((d) => fixed(values[d]!, 2)).join(", ");
  const point = answer.kind === "point";
  const noise = noiseOf(answer, order).map((e) => fixed(e, 2)).join(", ");
  return WORDS.diagram(list(answer.mean), point ? "0" : list(answer.deviation), point ? null : noise, list(answer.z.data), of.y !== null);
}

function Wires({ kind, conditional }: { kind: string; conditional: boolean }) {
  const noise = kind === "point" ? "wire absent" : "wire";
  const merge = kind === "other" ? 204 : 216;
  return (
    <>
      <path class="wire" d={`M${PICTURE} ${MIDDLE}H72`} />
      <path class="wire" d={`M104 ${MIDDLE - 8}H110V${UPPER}H118M104 ${MIDDLE + 8}H110V${LOWER}H118`} />
      <path class="wire" d={kind === "other" ? `M168 ${UPPER}H180V${MIDDLE - 6}H192` : `M168 ${UPPER}H${merge}V${MIDDLE - 8}`} />
      <path class={noise} d={kind === "other" ? `M168 ${LOWER}H180V${MIDDLE + 6}H192` : `M168 ${LOWER}H208`} />
      <path class={noise} d={kind === "other" ? `M204 ${NOISE - 13}V${MIDDLE + 12}` : `M216 ${NOISE - 13}V${LOWER + 8}M216 ${LOWER - 8}V${MIDDLE + 8}`} />
      <path class="wire" d={`M${merge + 8} ${MIDDLE}H240M290 ${MIDDLE}H302M334 ${MIDDLE}H${WIDTH - PICTURE}`} />
      {conditional && <path class="wire" d={`M178 ${BELOW}H88V${MIDDLE + 26}M228 ${BELOW}H318V${MIDDLE + 26}`} />}
    </>
  );
}

/** Narrow on the side of the code. */
function Trapezoid({ x, name, narrows = false }: { x: number; name: string; narrows?: boolean }) {
  const [left, right] = narrows ? [30, 18] : [18, 30];
  return (
    <g class="network">
      <path d={`M${x} ${MIDDLE - left}L${x + 32} ${MIDDLE - right}V${MIDDLE + right}L${x} ${MIDDLE + left}Z`} />
      <text x={x + 16} y={MIDDLE - 36}>{name}</text>
    </g>
  );
}

interface NodeProps {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  /** As bars around the middle. */
  readonly values: readonly number[] | null;
  readonly full?: number;
  readonly absent?: string | null;
  readonly kind?: string;
  readonly wide?: boolean;
}

function Node({ x, y, name, values, full = 1, absent = null, kind = "", wide = false }: NodeProps) {
  const [width, height] = [wide ? 96 : 50, 26];
  const room = wide ? 26 : width - 8;
  const step = values ? room / values.length : 0;
  return (
    <g class={`node ${kind} ${absent ? "absent" : ""}`}>
      <rect x={x} y={y - height / 2} width={width} height={height} rx="5" />
      {values && <line x1={x + 4} x2={x + 4 + room} y1={y} y2={y} />}
      {values?.map((value, i) => {
        const size = Math.min(1, Math.abs(value) / full) * (height / 2 - 2);
        return <rect key={i} class="bar" x={x + 4 + i * step + step * 0.15} width={step * 0.7} y={value > 0 ? y - size : y} height={size} />;
      })}
      {wide ? <text x={x + (absent ? width / 2 : 62)} y={y + 4}>{absent ?? name}</text> : <text x={x + width / 2} y={values || absent ? y - height / 2 - 4 : y + 4}>{name}</text>}
      {absent && !wide && <text x={x + width / 2} y={y + 4}>{absent}</text>}
    </g>
  );
}

/** Where σ meets ε, and μ what they make. */
function Sums({ point }: { point: boolean }) {
  return (
    <>
      <g class={point ? "sum absent" : "sum"}>
        <circle cx="216" cy={LOWER} r="8" />
        <text x="216" y={LOWER + 4}>·</text>
      </g>
      <g class="sum">
        <circle cx="216" cy={MIDDLE} r="8" />
        <text x="216" y={MIDDLE + 4}>+</text>
      </g>
    </>
  );
}

function Flow() {
  return (
    <g class="sum">
      <rect x="192" y={MIDDLE - 12} width="24" height="24" rx="5" />
      <text x="204" y={MIDDLE + 4}>f</text>
    </g>
  );
}
