/** The card of the row that is pointed at: its original and reconstruction, and the rows that the model puts beside it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ExampleView } from "../parts/example-view";
import { Button } from "../parts/controls";
import { grouped, short } from "../maths/format";
import { useAppState, useSession } from "../session/context";
import { useCell } from "../state/cell";
import { enlargement } from "./large";
import type { Steering } from "./steering";
import { told, say } from "../words/words";
import "../styles/card.css";

const AWAY = 18;

export function HoverCard({ steering, left }: { steering: Steering; left: number }) {
  const session = useSession();
  const pointed = useCell(steering.pointed);
  const large = useAppState(enlargement);
  const row = useCell(session.inspection.row);
  const card = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { offsetWidth: width = 0, offsetHeight: height = 0 } = card.current ?? {};
    if (width !== size.width || height !== size.height) setSize({ width, height });
  });
  if (!pointed || row < 0) return null;
  const at = { x: pointed.x * large, y: pointed.y * large, touch: pointed.touch };
  const room = card.current?.offsetParent;
  const [width, height] = [room?.clientWidth ?? 0, room?.clientHeight ?? 0];
  // Beside the pointer, on the side where there is room.
  const from = at.x + left * large;
  const x = from + AWAY + size.width < width ? from + AWAY : from - AWAY - size.width;
  const y = Math.min(Math.max(8, at.y - size.height / 2), Math.max(8, height - size.height - 8));
  const style = at.touch ? {} : { transform: `translate(${Math.round(Math.max(4, x))}px, ${Math.round(y)}px)` };
  // Under a finger the card lies where the finger is not.
  const kind = at.touch ? `pinned ${at.y < height / 2 ? "low" : "high"}` : "";
  return (
    <div ref={card} class={`hover-card ${kind}`} data-card style={style}>
      <RowCard row={row} />
      {at.touch ? (
        <div class="row card-actions">
          <Button onClick={() => steering.goTo(row)}>{say("Go there")}</Button>
          <Button onClick={() => steering.setEnd("a")}>A</Button>
          <Button onClick={() => steering.setEnd("b")}>B</Button>
        </div>
      ) : (
        <p class="hint">{say("Double-click to go there")}</p>
      )}
    </div>
  );
}

function RowCard({ row }: { row: number }) {
  const { inspection, cloud, about } = useSession();
  const inspected = useCell(inspection.shown);
  const scores = useCell(cloud.scores);
  const shown = inspected?.row === row ? inspected : null;
  const label = cloud.label(row);
  return (
    <>
      <p class="card-title">
        <strong title={label ?? undefined}>{label ?? say("Row {row}", { row: grouped(row) })}</strong>
        {label !== null && <span>{say("row {row}", { row: grouped(row) })}</span>}
        {scores && (
          <span>
            {told(about.score.name)} {short(scores.values[row]!)} {told(about.score.unit)}
          </span>
        )}
      </p>
      <div class="pair">
        <figure>
          <ExampleView values={shown?.original ?? null} label={say("row {row}", { row })} />
          <figcaption>{say("original")}</figcaption>
        </figure>
        <figure>
          <ExampleView values={shown?.reconstruction ?? null} label={say("row {row}, reconstructed", { row })} />
          <figcaption>{say("reconstruction")}</figcaption>
        </figure>
      </div>
      <div class="beside">
        <p class="hint">{say("Nearest codes")}</p>
        <ul class="neighbours">
          {(shown?.neighbours ?? EMPTY).map((neighbour, i) => {
            const name = neighbour.row < 0 ? "\u00a0" : (cloud.label(neighbour.row) ?? String(neighbour.row));
            return (
              <li key={i} title={name}>
                <ExampleView values={neighbour.x} />
                <span>{name}</span>
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

const EMPTY = Array.from({ length: 5 }, () => ({ row: -1, x: null }));
