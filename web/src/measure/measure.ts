/** For scripts that measure the page, loaded only when its address says `?measure`. */
import type { Session } from "../session/session";
import { frames } from "./frames";
import { Latencies } from "./latencies";

declare global {
  interface Window {
    /** Draws n made-up points for two seconds while zooming. */
    aevumFrames?: typeof frames;
    /** Milliseconds from a pointer's move to the frame that shows what it decodes to, since the last call. */
    aevumLatencies?: () => number[];
  }
}

export function install(session: Session): void {
  const latencies = new Latencies(session);
  window.aevumFrames = frames;
  window.aevumLatencies = () => latencies.take();
}
