/** Plays frames there and back again. */
import { useEffect, useRef } from "preact/hooks";
import { calm } from "./calm";

/** For readers who asked for less motion: a slide show. */
const CALM_FRAME_TIME = 800;

/** While it is playing, the next frame is shown each time that so many milliseconds have passed. */
export function usePlayback(playing: boolean, count: number, at: number, pace: number, show: (frame: number) => void): void {
  const newest = useRef({ at, show });
  newest.current = { at, show };
  const direction = useRef(1);
  useEffect(() => {
    if (!playing) return;
    const step = (): void => {
      const { at: now, show: goTo } = newest.current;
      if (now + direction.current >= count) direction.current = -1;
      if (now + direction.current < 0) direction.current = 1;
      goTo(now + direction.current);
    };
    const timer = setInterval(step, calm() ? CALM_FRAME_TIME : pace);
    return () => clearInterval(timer);
  }, [playing, count]);
}
