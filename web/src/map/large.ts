/**
 * In front of a room all that is drawn on the map is larger, points, lines and type alike: a pixel of the map's own is so
 * many of the page's.
 */
import type { State } from "../state/state";

const LARGE = 1.4;

export function enlargement({ presenting }: State): number {
  return presenting ? LARGE : 1;
}
