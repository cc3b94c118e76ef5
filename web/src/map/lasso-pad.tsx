/** Lies over the map while a group is lassoed: takes pointers and keys, and tells how many points are inside. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural } from "../maths/format";
import { Button } from "../parts/controls";
import { useAppState, useSession } from "../session/context";
import type { Task } from "../session/lassoing";
import { useCell } from "../state/cell";
import { listen, type Place } from "./gestures";
import { enlargement } from "./large";
import { LassoDrawing } from "./lasso";
import type { Scene } from "./scene";
import type { Steering } from "./steering";
import { say } from "../words/words";
import { saying } from "../words/saying";

interface Props {
  readonly scene: Scene;
  readonly steering: Steering;
}

/** Counts are said once they rest. */
const REST = 500;

export function Lasso(props: Props) {
  const { lassoing } = useSession();
  const task = useCell(lassoing.task);
  return task && <Pad key={`${task.side}-${task.slot}`} task={task} {...props} />;
}

function Pad({ task, scene, steering }: Props & { task: Task }) {
  const session = useSession();
  const room = useRef<HTMLDivElement>(null);
  const pad = useRef<HTMLDivElement>(null);
  const [drawing] = useState(() => new LassoDrawing(session, scene, steering));
  const plane = useAppState((state) => state.plane);
  useLayoutEffect(() => {
    const { store } = session;
    steering.point(null);
    // What can't be seen can't be drawn around.
    if (!store.state.value.layers.includes("points")) store.dispatch({ type: "layered", layer: "points", shown: true });
    return furnish(room.current!, pad.current!, drawing, () => enlargement(store.state.value));
  }, [drawing]);
  // An outline means nothing on other axes.
  useLayoutEffect(() => drawing.clear(), [plane]);
  const press = (event: KeyboardEvent): void => {
    const onPad = event.target === pad.current;
    if (!(onPad || event.key === "Escape") || !drawing.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={room} class="lasso" onKeyDown={press}>
      <div
        ref={pad}
        class="lasso-pad"
        role="application"
        aria-roledescription={say("lasso")}
        aria-label={`${task.side === "with" ? say("Lasso, points with the attribute:") : say("Lasso, points without the attribute:")} ${how()}`}
        tabIndex={0}
      />
      <Bar task={task} drawing={drawing} />
    </div>
  );
}

const noneInside = (): string => say("No points inside");
const how = (): string =>
  say("draw around them. Or arrow keys move a rectangle, with Shift they change its size, Enter takes what is inside, Escape leaves.");

/** The pad has the focus and what pointers do; at its end the focus goes back to where it was. */
function furnish(room: HTMLElement, pad: HTMLElement, drawing: LassoDrawing, large: () => number): () => void {
  const before = document.activeElement;
  room.scrollIntoView({ block: "nearest" });
  pad.focus({ preventScroll: true });
  const place = (event: MouseEvent): Place => {
    const { left, top } = pad.getBoundingClientRect();
    return { x: (event.clientX - left) / large(), y: (event.clientY - top) / large() };
  };
  const stop = listen(pad, place, drawing);
  return () => {
    stop();
    if (room.contains(document.activeElement) && before instanceof HTMLElement) before.focus();
  };
}

function Bar({ task, drawing }: { task: Task; drawing: LassoDrawing }) {
  const { lassoing } = useSession();
  const drawn = useCell(lassoing.drawn);
  const missed = useCell(lassoing.missed);
  const count = drawn && plural(drawn.count, "point");
  return (
    <div class={`lasso-bar ${drawn && !drawn.waits ? "freehand" : ""}`} role="group" aria-label={say("Lasso")}>
      <p>
        {count ? (
          <>{saying("{count} inside", { count: <strong class="number">{count}</strong> })}</>
        ) : (
          <>
            {missed && say("No points inside.")}{" "}
            {task.side === "with"
              ? saying("Draw around the points {with} it", { with: <strong>{say("with")}</strong> })
              : saying("Draw around the points {without} it", { without: <strong>{say("without")}</strong> })}
            <span class="keys-hint">
              {" "}
              · {say("or")} <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd>
            </span>
          </>
        )}
      </p>
      {drawn?.waits && (
        <Button disabled={!drawn.count} onClick={() => drawing.take()}>
          {say("Take")}
        </Button>
      )}
      {(!drawn || drawn.waits) && <Button onClick={() => lassoing.leave()}>{say("Cancel")}</Button>}
      <Counted text={count ? say("{count} inside", { count }) : missed ? noneInside() : ""} />
    </div>
  );
}

function Counted({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), REST);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span class="unseen" role="status">
      {said}
    </span>
  );
}
