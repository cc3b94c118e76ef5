/** What is on the page, for code that repeats it. */
import type { AttributeQuestion } from "../backend/backend";
import { WITH, WITHOUT } from "../maths/directions";
import { moved, type Plane } from "../maths/plane";
import { gridOf } from "../map/ready";
import type { Found } from "../session/attributes";
import type { Session } from "../session/session";
import type { State } from "../state/state";
import type { AttributeCode, MorphCode, Subject } from "../share/subject";

export function subjectOf(session: Session, state: State): Subject {
  const { about, evolution, drawing } = session;
  const { z, y, plane } = state;
  return {
    about,
    stop: evolution.stop,
    z,
    y,
    plane,
    morph: morphOf(session, state),
    attribute: attributeOf(session, state),
    drawing: drawing.picture.value,
    corners: plane.kind === "pca" ? cornersOf(session, plane, z) : null,
  };
}

function morphOf({ morphing }: Session, { morph }: State): MorphCode | null {
  const [a, b] = [morphing.code(morph.a), morphing.code(morph.b)];
  return a && b ? { a, b, n: morph.n, path: morph.path } : null;
}

/** The attribute whose groups the map shows, or the newest one. */
function attributeOf({ directions }: Session, { attributes }: State): AttributeCode | null {
  const able = directions.found.value?.list.filter(({ direction }) => direction) ?? [];
  const found = able.find(({ attribute }) => attribute.slot === attributes.shown) ?? able.at(-1);
  if (!found) return null;
  // Directions at right angles to each other follow from all of them: the server finds one at a time.
  const question = attributes.orthogonal ? null : questionOf(found);
  return { name: found.attribute.name, vector: found.direction!.vector, question };
}

function questionOf({ attribute, members }: Found): AttributeQuestion {
  const { with: has, without: lacks } = attribute;
  if (lacks === "others" && has !== "others" && "label" in has) return { label: has.label };
  const rows = (bit: number): number[] => Array.from(members.keys()).filter((row) => members[row]! & bit);
  return { with: rows(WITH), without: lacks === "others" ? null : rows(WITHOUT) };
}

/** A lattice through three codes reaches beyond them by a quarter of their distances. */
const MARGIN = 0.25;

/** The codes whose plane holds the points of the map: lower left, lower right, upper left. */
function cornersOf({ about, cloud }: Session, plane: Plane, z: readonly number[]): number[][] | null {
  const codes = cloud.codes.value;
  if (!codes) return null;
  const { left, right, bottom, top } = gridOf(plane, about, codes).bulk;
  const inset = MARGIN / (1 + 2 * MARGIN);
  const [du, dv] = [inset * (right - left), inset * (top - bottom)];
  const at = (u: number, v: number): number[] => moved(plane, about, z, { u, v });
  return [at(left + du, bottom + dv), at(right - du, bottom + dv), at(left + du, top - dv)];
}
