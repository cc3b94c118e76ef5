/** Codes that move to other ones: the eye can follow a point that it would lose in a jump. */
import type { Codes } from "../backend/backend";

export const DURATION = 300;
/** More points than these can't be placed anew in each frame. */
const MOST_POINTS = 200_000;

export interface Clock {
  readonly still: () => boolean;
  readonly frame: (draw: (time: number) => void) => number;
  readonly cancel: (frame: number) => void;
}

export class Motion {
  readonly #clock: Clock;
  readonly #show: (codes: Codes) => void;
  #frame = 0;

  constructor(clock: Clock, show: (codes: Codes) => void) {
    this.#clock = clock;
    this.#show = show;
  }

  /** Shows codes between these two, and the last ones when it arrives. What has moved before stops where it is. */
  start(from: Codes | null, to: Codes, arrived: () => void): void {
    this.stop();
    const alike = from !== null && from.data.length === to.data.length;
    if (!alike || this.#clock.still() || to.shape[0]! > MOST_POINTS) {
      this.#show(to);
      arrived();
      return;
    }
    let begun: number | null = null;
    const step = (time: number): void => {
      begun ??= time;
      const share = Math.min(1, (time - begun) / DURATION);
      this.#show(share < 1 ? between(from, to, eased(share)) : to);
      if (share < 1) this.#frame = this.#clock.frame(step);
      else arrived();
    };
    this.#frame = this.#clock.frame(step);
  }

  stop(): void {
    this.#clock.cancel(this.#frame);
  }
}

export function between(from: Codes, to: Codes, share: number): Codes {
  const data = new Float32Array(to.data.length);
  for (let i = 0; i < data.length; i++) data[i] = from.data[i]! + share * (to.data[i]! - from.data[i]!);
  return { data, shape: to.shape };
}

/** Slow at both ends. */
export const eased = (share: number): number => share * share * (3 - 2 * share);
