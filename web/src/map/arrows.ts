/** The directions of traits as arrows on the map's plane: one step of the amount long. */
import type { About } from "../backend/backend";
import { cut, fixed, percent, short } from "../maths/format";
import type { Vector } from "../maths/orthogonal";
import type { Theme } from "../maths/palette";
import { place, shareIn, type Point } from "../maths/plane";
import { tintOf } from "../maths/tints";
import type { Found } from "../session/attributes";
import type { ReadingState } from "../session/readings";
import type { Session } from "../session/session";
import { columnNamed, YEAR } from "../state/columns";
import { isQuantity } from "../state/attributes";
import type { State } from "../state/state";
import { say } from "../words/words";

export interface ArrowMark {
  readonly from: Point;
  readonly to: Point;
  readonly tint: string;
  readonly text: string;
  /** What of the direction the plane shows, where it is not all. */
  readonly note: string;
}

const ALL = 0.995;

type Known = Pick<Session, "directions" | "readings" | "about">;

export function arrowsOf({ directions, readings, about }: Known, state: State, theme: Theme): ArrowMark[] {
  if (state.panel !== "traits") return [];
  const known = readings.bySlot.value;
  return (directions.found.value?.list ?? []).flatMap((found): ArrowMark[] => {
    if (!found.direction) return [];
    const [from, to] = ends(found).map((z) => place(state.plane, about, z)) as [Point, Point];
    const share = shareIn(state.plane, about, found.direction.vector);
    const note = share >= ALL ? "" : say("{share} of it lies in this plane", { share: percent(share) });
    const tint = tintOf(found.attribute.slot, theme);
    return [{ from, to, tint, text: `${nameOf(found, about)}${scoreOf(known.get(found.attribute.slot))}`, note }];
  });
}

/** From the mean without to one step further; of a quantity a step around the mean. */
function ends({ direction, slope, step }: Found): [Vector, Vector] {
  const start = slope ? slope.mean - step / 2 : 0;
  const at = (amount: number): Vector => direction!.origin.map((value, d) => value + amount * direction!.vector[d]!);
  return [at(start), at(start + step)];
}

function nameOf({ attribute, slope, step }: Found, about: About): string {
  const { name, with: has } = attribute;
  if (!slope || !isQuantity(has)) return cut(name, MOST_NAME);
  const unit = columnNamed(about, has.quantity)?.unit;
  const told = unit === YEAR ? say(step === 1 ? "year" : "years") : unit;
  return `${cut(name, MOST_NAME)} +${plain(step)}${unit && !name.includes(unit) ? ` ${told}` : ""}`;
}

/** On the map there is room for so much. */
const MOST_NAME = 28;

/** A step is 1, 2 or 5 times a power of ten. */
const plain = (step: number): string => (step >= 1e6 || step < 1e-4 ? short(step) : String(Number(step.toPrecision(2))));

/** ` · AUC 0.93` */
export function scoreOf(state: ReadingState | undefined): string {
  if (state?.kind !== "known" || !state.answer.best) return "";
  const { measure, best, chance } = state.answer;
  return chance ? ` · ${say("no better than chance")}` : ` · ${measure} ${fixed(best.mean, 2)}`;
}
