/** Rows along a direction, from the lowest to the highest, and what the probe decodes to at the same amounts. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { rowsOf, stacked, type Values } from "../backend/arrays";
import { latest } from "../backend/latest";
import { amountOf, amountsOf, evenly, shifted, type Along, type Direction } from "../maths/directions";
import { fixed, grouped } from "../maths/format";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import type { Found } from "../session/attributes";
import type { Session } from "../session/session";
import { useCell } from "../state/cell";
import { say } from "../words/words";

const COUNT = 7;
/** Milliseconds that the probe has to rest before it is decoded along the direction. */
const REST = 120;

export function Gallery({ found, direction }: { found: Found; direction: Direction }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="gallery" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say("Rows along it, and decoded")}</summary>
      {open && <Contents found={found} direction={direction} />}
    </details>
  );
}

function Contents({ found, direction }: { found: Found; direction: Direction }) {
  const session = useSession();
  const codes = useCell(session.cloud.codes);
  const chosen = useMemo(() => (codes ? evenly(amountsOf(direction, codes), COUNT) : []), [direction, codes]);
  const rows = useRows(session, chosen);
  const decoded = useDecoded(session, direction, chosen);
  const at = useAppState((state) => state.row);
  const digits = found.slope ? Math.min(6, Math.max(0, -Math.floor(Math.log10(found.step)))) : 1;
  return (
    <div class="gallery-rows">
      <ol aria-label={say("Rows of the data, from the lowest to the highest")}>
        {chosen.map(({ row, amount }, i) => (
          <li key={i}>
            <button
              type="button"
              aria-current={at === row}
              aria-label={say("Row {row} at {amount}: {label}", { row: grouped(row), amount: fixed(amount, digits), label: nameOf(session, row) })}
              onClick={() => session.jump(row)}
            >
              <ExampleView values={rows[i] ?? null} />
              <span class="number">{fixed(amount, digits)}</span>
              <span class="row-name">{nameOf(session, row)}</span>
            </button>
          </li>
        ))}
      </ol>
      <p class="hint">{say("The same amounts from where you are, decoded:")}</p>
      <ol aria-label={say("Decoded along the direction")}>
        {chosen.map(({ amount }, i) => (
          <li key={i}>
            <ExampleView values={decoded[i] ?? null} label={say("decoded at {amount}", { amount: fixed(amount, digits) })} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function nameOf({ about, cloud, columns }: Session, row: number): string {
  const named = about.columns?.find(({ kind }) => kind === "name");
  return cloud.label(row) ?? ((named && columns.text(named.name, row)) || say("row {row}", { row: grouped(row) }));
}

function useRows(session: Session, chosen: readonly Along[]): readonly Values[] {
  const [rows, setRows] = useState<readonly Values[]>([]);
  useEffect(() => {
    let wanted = true;
    Promise.all(chosen.map(({ row }) => session.rows.get(row))).then(
      (found) => wanted && setRows(found),
      () => wanted && setRows([]),
    );
    return () => void (wanted = false);
  }, [session, chosen]);
  return rows;
}

function useDecoded(session: Session, direction: Direction, chosen: readonly Along[]): readonly Values[] {
  const [decoded, setDecoded] = useState<readonly Values[]>([]);
  const z = useAppState((state) => state.z);
  const y = useAppState((state) => state.y);
  const model = useCell(session.evolution.model);
  const ask = useRef<((codes: number[][]) => void) | null>(null);
  ask.current ??= latest(
    (codes: number[][]) => session.backend.decode(stacked(codes), session.context),
    (x) => setDecoded(rowsOf(x)),
    () => setDecoded([]),
  );
  useEffect(() => {
    if (!chosen.length) return;
    const here = amountOf(direction, z);
    const codes = chosen.map(({ amount }) => shifted(direction, z, amount - here));
    const timer = setTimeout(() => ask.current!(codes), REST);
    return () => clearTimeout(timer);
  }, [direction, chosen, z, y, model]);
  return decoded;
}
