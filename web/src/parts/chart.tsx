/** A small chart: axes with few ticks, and whatever curves lie in it. */
import type { ComponentChildren } from "preact";
import { plain, ticksOf, type Scale } from "../maths/curves";
import { fixed, short } from "../maths/format";
import { decimals } from "../maths/ticks";

export const PLOT = { width: 168, height: 92 } as const;
const EDGE = { left: 40, right: 8, top: 8, bottom: 20 } as const;
const [ACROSS, UP] = [3, 3];

interface Props {
  readonly title: string;
  readonly label: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly children: ComponentChildren;
}

export function Chart({ title, label, x, y, xName, children }: Props) {
  const { width, height } = PLOT;
  const box = `${-EDGE.left} ${-EDGE.top} ${width + EDGE.left + EDGE.right} ${height + EDGE.top + EDGE.bottom}`;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg viewBox={box} role="img" aria-label={label}>
        <Ticks scale={y} about={UP} up />
        <Ticks scale={x} about={ACROSS} />
        <text class="axis-name" x={width} y={height + EDGE.bottom - 2} text-anchor="end">
          {xName}
        </text>
        <svg x="0" y="0" width={width} height={height} overflow="hidden">
          {children}
        </svg>
      </svg>
    </figure>
  );
}

function Ticks({ scale, about, up = false }: { scale: Scale; about: number; up?: boolean }) {
  const { width, height } = PLOT;
  const values = ticksOf(scale, about);
  const text = (value: number): string => (scale.log ? plain(value) : Math.abs(value) >= 1e4 ? short(value) : fixed(value, decimals(values)));
  return (
    <g class="ticks">
      {values.map((value) => {
        const at = scale.at(value);
        const [left, top] = up ? [0, (1 - at) * height] : [at * width, height];
        // At the right end stands the axis's name.
        if (!up && at > 0.72) return null;
        return (
          <g key={value} transform={`translate(${left.toFixed(1)} ${top.toFixed(1)})`}>
            {up ? <line x2={width} /> : <line y2="4" />}
            <text x={up ? -5 : 0} y={up ? 3.5 : 15} text-anchor={up ? "end" : "middle"}>
              {text(value)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
