/** From the moment that the pointer moved to the frame in which the picture of its place is shown. */
import type { Session } from "../session/session";

export class Latencies {
  #times: number[] = [];
  #moved = new WeakMap<readonly number[], number>();
  #last: number | null = null;

  constructor({ store, decoding }: Session) {
    for (const kind of ["pointerrawupdate", "pointermove"]) {
      addEventListener(kind, (event) => (this.#last = event.timeStamp), { capture: true });
    }
    addEventListener("pointerup", () => (this.#last = null), { capture: true });
    store.state.subscribe(({ z }) => {
      if (this.#last !== null) this.#moved.set(z, this.#last);
    });
    decoding.picture.subscribe((picture) => {
      const moved = picture && this.#moved.get(picture.z);
      // The picture is drawn now and shown by the frame that comes.
      if (moved) requestAnimationFrame(() => this.#times.push(performance.now() - moved));
    });
  }

  take(): number[] {
    const times = this.#times;
    this.#times = [];
    return times;
  }
}
