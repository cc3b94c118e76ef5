/** The frames of a morph, and their playback: each frame is a place of the probe, so that the whole page follows. */
import { useState } from "preact/hooks";
import { rowsOf } from "../backend/arrays";
import { IconButton } from "../parts/controls";
import { Frames } from "../parts/frames";
import { usePlayback } from "../parts/playback";
import { useAppState, useSession } from "../session/context";
import type { Walk } from "../session/morphing";
import { useGesture } from "../state/gesture";
import { roundedCode } from "../state/state";
import { say } from "../words/words";

const FRAME_TIME = 90;

export function Filmstrip({ walk, busy }: { walk: Walk; busy: boolean }) {
  const session = useSession();
  const pictures = rowsOf(walk.x);
  const codes = rowsOf(walk.z).map((z) => roundedCode(Array.from(z), session.about));
  const at = useAppState((state) => codes.findIndex((code) => code.every((value, d) => value === state.z[d])));
  const [playing, setPlaying] = useState(false);
  const gesture = useGesture("film");
  const show = (frame: number): void => session.move(codes[frame]!, gesture.name);
  usePlayback(playing, codes.length, Math.max(at, 0), FRAME_TIME, show);
  const play = (on: boolean): void => {
    gesture.begin();
    setPlaying(on);
  };
  const choose = (frame: number): void => {
    if (playing) play(false);
    show(frame);
  };
  return (
    <div class="film" aria-busy={busy}>
      <Transport count={codes.length} at={at} playing={playing} onPlay={play} onChoose={choose} />
      <Frames label={say("Frames")} class="filmstrip" pictures={pictures} at={at} onChoose={choose} />
    </div>
  );
}

interface TransportProps {
  readonly count: number;
  readonly at: number;
  readonly playing: boolean;
  readonly onPlay: (on: boolean) => void;
  readonly onChoose: (frame: number) => void;
}

function Transport({ count, at, playing, onPlay, onChoose }: TransportProps) {
  const shown = Math.max(at, 0);
  return (
    <div class="row transport">
      <IconButton icon={playing ? "pause" : "play"} label={playing ? say("Pause") : say("Play")} onClick={() => onPlay(!playing)} />
      <input
        type="range"
        aria-label={say("Frame")}
        min="0"
        max={count - 1}
        step="1"
        value={shown}
        aria-valuetext={say("frame {frame} of {count}", { frame: shown + 1, count })}
        onInput={(event) => onChoose(event.currentTarget.valueAsNumber)}
      />
      <span class="number hint">
        {at < 0 ? "–" : at + 1} / {count}
      </span>
    </div>
  );
}
