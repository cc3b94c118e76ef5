/** Can the model generate? What sends codes through it: draws of N(0, I), the way to its own codes, and a box. */
import { useEffect, useState } from "preact/hooks";
import { percent } from "../maths/format";
import { placed } from "../maths/plane";
import { Button, Toggle } from "../parts/controls";
import { NumberField } from "../parts/number-field";
import { useAppState, useSession } from "../session/context";
import type { Session } from "../session/session";
import { useGesture } from "../state/gesture";
import { rounded, type Box } from "../state/state";
import { GenerateView } from "./generate-view";
import { WORDS } from "./generate-words";
import "../styles/generate.css";

/** So far out the draws of N(0, I) and nearly all codes lie. */
const [LEAST_REACH, SHARE, MARGIN] = [3.3, 0.99, 1.08];
const STEP = 0.05;

export function GeneratePanel() {
  const session = useSession();
  return (
    <>
      <GenerateControls sessions={[session]} />
      <GenerateView lead={session.store.state} />
    </>
  );
}

/** For all runs that are shown: the first one's state holds what is drawn. */
export function GenerateControls({ sessions }: { sessions: readonly Session[] }) {
  const { store, generating } = useSession();
  const { seed, box } = useAppState((state) => state.generate);
  const draw = (): void => drawThrough(sessions, store, seed + 1);
  useOneScale(sessions);
  const { count } = generating;
  return (
    <div class="generate-controls">
      <Button icon="dice" onClick={draw}>
        {seed && !box ? WORDS.again(count) : WORDS.draw(count)}
      </Button>
      <Blend />
      <Boxes sessions={sessions} />
      {!seed && !box && <span class="hint">{WORDS.why}</span>}
    </div>
  );
}

/** The first session's state holds which draws are shown. */
export function drawThrough(sessions: readonly Session[], store: Session["store"], seed: number, gesture: string | null = null): void {
  store.dispatch({ type: "generated", generate: { seed, box: null } }, gesture);
  if (sessions.length > 1) onOneScale(sessions);
}

/** Maps beside each other have the same units upwards, too. */
function useOneScale(sessions: readonly Session[]): void {
  useEffect(() => {
    const several = sessions.length > 1;
    for (const session of sessions) session.oneScale.set(several);
    return () => {
      for (const session of sessions) session.oneScale.set(false);
    };
  }, [sessions]);
}

function Blend() {
  const { store } = useSession();
  const { seed, blend, box } = useAppState((state) => state.generate);
  const gesture = useGesture("blend");
  const set = (next: number): void => {
    const value = Math.min(1, Math.max(0, Number(next.toFixed(2))));
    store.dispatch({ type: "generated", generate: { blend: value } }, gesture.name);
  };
  const press = (event: KeyboardEvent): void => {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    set(blend + way * STEP);
  };
  return (
    <label class="blend">
      <span aria-hidden="true">{WORDS.blend.from}</span>
      <input
        type="range"
        aria-label={WORDS.blend.label}
        aria-valuetext={WORDS.blend.value(percent(blend))}
        min="0"
        max="1"
        step="0.01"
        value={blend}
        disabled={!seed || box !== null}
        onPointerDown={gesture.begin}
        onFocus={gesture.begin}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
        onKeyDown={press}
      />
      <span aria-hidden="true">{WORDS.blend.to}</span>
    </label>
  );
}

/** A box is dragged on any of the maps, or typed. */
function Boxes({ sessions }: { sessions: readonly Session[] }) {
  const { store, about } = useSession();
  const { box, seed } = useAppState((state) => state.generate);
  const vertical = useAppState(({ plane }) => plane.kind !== "line");
  const [dragging, setDragging] = useState(false);
  const take = (next: Box | null, gesture: string | null = null): void => {
    store.dispatch({ type: "generated", generate: { box: next && tidy(next, about), seed: Math.max(seed, 1) } }, gesture);
  };
  useEffect(() => {
    for (const session of sessions) session.boxing.set(dragging ? take : null);
    return () => {
      for (const session of sessions) session.boxing.set(null);
    };
  });
  const sides = vertical ? SIDES : SIDES.slice(0, 2);
  return (
    <div class="row">
      <Toggle
        on={dragging}
        title={WORDS.box.title}
        onToggle={(on) => {
          setDragging(on);
          // By keyboard there has to be one to begin with.
          if (on && !box) take({ left: -1, right: 1, bottom: -1, top: 1 });
        }}
      >
        {WORDS.box.toggle}
      </Toggle>
      {box && (
        <fieldset class="box-fields">
          <legend class="unseen">{WORDS.box.legend}</legend>
          {sides.map((side) => (
            <label key={side} class="field">
              <span>{WORDS.box.sides[side]}</span>
              <NumberField class="value" value={box[side]} onSet={(value) => take(inOrder({ ...box, [side]: value }))} />
            </label>
          ))}
          <Button
            onClick={() => {
              take(null);
              setDragging(false);
            }}
          >
            {WORDS.box.clear}
          </Button>
        </fieldset>
      )}
    </div>
  );
}

const SIDES = ["left", "right", "bottom", "top"] as const;

function inOrder({ left, right, bottom, top }: Box): Box {
  return { left: Math.min(left, right), right: Math.max(left, right), bottom: Math.min(bottom, top), top: Math.max(bottom, top) };
}

/** As short as the size of the latents allows; never without an extent. */
function tidy(box: Box, { prior }: Session["about"]): Box {
  const scale = Math.max(...prior.deviation) || 1;
  const [left, right, bottom, top] = SIDES.map((side) => rounded(box[side], scale * 100));
  const least = scale / 100;
  return { left: left!, right: Math.max(right!, left! + least), bottom: bottom!, top: Math.max(top!, bottom! + least) };
}

/** All maps around 0, with one length for one unit, so far that draws and codes are seen. */
function onOneScale(sessions: readonly Session[]): void {
  const reach = Math.max(...sessions.map(reachOf), LEAST_REACH);
  for (const { store } of sessions) {
    store.dispatch({ type: "looked", view: { u: 0, v: 0, span: Number((2 * reach * MARGIN).toPrecision(3)) } });
  }
}

function reachOf({ cloud, about, store }: Session): number {
  const codes = cloud.codes.value;
  const { plane } = store.state.value;
  if (!codes) return 0;
  const { xs, ys } = placed(plane, about, codes);
  const far = xs.map((u, i) => Math.max(Math.abs(u), plane.kind === "line" ? 0 : Math.abs(ys[i]!))).sort();
  return far[Math.floor(SHARE * (far.length - 1))] ?? 0;
}
