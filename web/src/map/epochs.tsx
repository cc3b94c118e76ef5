/** The run after each epoch that it kept: a slider to go through them, and a player. */
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../parts/controls";
import { calm } from "../parts/calm";
import { useAppState, useSession } from "../session/context";
import { stopsOf } from "../session/evolution";
import { useCell } from "../state/cell";
import { useGesture } from "../state/gesture";
import { say } from "../words/words";
import { saying } from "../words/saying";
import "../styles/epochs.css";

/** How long an epoch is looked at. */
const LOOK = 450;
const CALM_LOOK = 1500;
const PATIENCE = 700;

export function Epochs() {
  const { described } = useSession();
  const stops = stopsOf(useCell(described));
  return stops.length > 1 ? <Slider count={stops.length} /> : null;
}

function Slider({ count }: { count: number }) {
  const { described, store, evolution } = useSession();
  const stops = stopsOf(useCell(described));
  const chosen = useAppState((state) => state.epoch);
  const waiting = useCell(evolution.waiting);
  const [playing, setPlaying] = useState(false);
  const gesture = useGesture("epochs");
  const last = count - 1;
  const found = stops.findIndex((stop) => stop.epoch === chosen);
  const at = chosen === null || found < 0 ? last : found;
  const show = (place: number): void => {
    const epoch = place === last ? null : stops[place]!.epoch;
    store.dispatch({ type: "trained", epoch }, gesture.name);
  };
  const stop = (): void => setPlaying(false);
  usePlayer(playing && !waiting, at, () => (at < last ? show(at + 1) : stop()));
  const play = (): void => {
    gesture.begin();
    // At the end there is nothing left to play: it begins anew.
    if (!playing && at === last) show(0);
    setPlaying(!playing);
  };
  const text = at === last ? say("epoch {epoch}, the run as it is", { epoch: stops[last]!.epoch }) : say("epoch {epoch}", { epoch: stops[at]!.epoch });
  return (
    <div class="epochs" role="group" aria-label={say("Epochs")}>
      <IconButton icon={playing ? "pause" : "play"} label={playing ? say("Pause") : say("Play the epochs")} onClick={play} />
      <div class="epochs-track">
        <input
          type="range"
          aria-label={say("Epoch")}
          aria-valuetext={text}
          min="0"
          max={last}
          step="1"
          value={at}
          onPointerDown={gesture.begin}
          onFocus={gesture.begin}
          onInput={(event) => {
            stop();
            show(event.currentTarget.valueAsNumber);
          }}
        />
        <div class="epochs-marks" aria-hidden="true">
          {stops.map(({ id, epoch }, i) => (
            <span key={id} class={i === at ? "now" : ""}>
              {epoch}
            </span>
          ))}
        </div>
      </div>
      <span class="epochs-now number" aria-busy={waiting}>
        {saying("epoch {epoch}", { epoch: <strong>{stops[at]!.epoch}</strong> })}
      </span>
    </div>
  );
}

/** Where it takes so long to encode the rows that one wonders. */
export function Renewing() {
  const { evolution } = useSession();
  const waiting = useCell(evolution.waiting);
  const model = useCell(evolution.model);
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!waiting) return;
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [waiting, model]);
  if (!waiting || !late) return null;
  return (
    <p class="stage-note" aria-busy="true">
      {say("Encoding the rows by epoch {epoch} …", { epoch: evolution.stop.epoch })}
    </p>
  );
}

/** Goes on when the epoch that is shown has been looked at. */
function usePlayer(runs: boolean, at: number, next: () => void): void {
  const newest = useRef(next);
  newest.current = next;
  useEffect(() => {
    if (!runs) return;
    const timer = setTimeout(() => newest.current(), calm() ? CALM_LOOK : LOOK);
    return () => clearTimeout(timer);
  }, [runs, at]);
}
