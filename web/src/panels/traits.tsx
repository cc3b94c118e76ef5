/** Traits: directions that lead to what rows have in common, how well they are read off the codes, and a slider along each. */
import { useEffect, useRef } from "preact/hooks";
import { grouped } from "../maths/format";
import { useAppState, useSession } from "../session/context";
import type { Directions } from "../session/attributes";
import { traitsOf } from "../state/columns";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import { AddAttribute } from "./attributes-add";
import { AttributeCard } from "./attributes-card";
import "../styles/traits.css";

export function TraitsPanel() {
  const session = useSession();
  const count = useAppState((state) => state.attributes.list.length);
  const found = useCell(session.directions.found);
  useEffect(() => () => session.lassoing.leave(), [session]);
  return (
    <div class="attributes">
      {count === 0 && <Empty />}
      <AddAttribute />
      {count > 1 && <Orthogonalise problem={found?.problem ?? null} />}
      {count > 0 && (found ? <List found={found} /> : <Waiting />)}
    </div>
  );
}

function Empty() {
  const { about } = useSession();
  const start = traitsOf(about).length
    ? say("Choose one below, or draw around points on the map that have something in common.")
    : say("To start, draw around points on the map that have something in common.");
  return (
    <div class="empty">
      <p>
        {say("A trait is a direction through the codes: from the mean of the rows without it to the mean of those with it, or as the codes change with a quantity. Moving along it puts the trait on, as far as the codes tell it.")}
      </p>
      <p>{start}</p>
    </div>
  );
}

function Waiting() {
  const { about } = useSession();
  return (
    <p class="empty" aria-busy="true">
      {say("Waiting for the codes of {count} rows …", { count: grouped(about.rows) })}
    </p>
  );
}

function List({ found }: { found: Directions }) {
  const list = useRef<HTMLDivElement>(null);
  const count = found.list.length;
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current) list.current!.lastElementChild!.scrollIntoView({ block: "nearest" });
    before.current = count;
  }, [count]);
  return (
    <div ref={list} class="attribute-list">
      {found.list.map((one) => (
        <AttributeCard key={one.attribute.slot} found={one} />
      ))}
    </div>
  );
}

function Orthogonalise({ problem }: { problem: string | null }) {
  const { store } = useSession();
  const attributes = useAppState((state) => state.attributes);
  const { orthogonal } = attributes;
  return (
    <div class="orthogonalise">
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={orthogonal}
        aria-describedby="orthogonalise-hint"
        onClick={() => store.dispatch({ type: "attributed", attributes: { ...attributes, orthogonal: !orthogonal } })}
      >
        <span class="track" aria-hidden="true" />
        {say("Orthogonalise")}
      </button>
      <p id="orthogonalise-hint" class="hint">
        {say("Turns the directions to right angles, so that each slider leaves the others where they are.")}
      </p>
      <p class="problem" role="status">
        {problem}
      </p>
    </div>
  );
}
