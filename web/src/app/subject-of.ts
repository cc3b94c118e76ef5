/** What is on the page, for code that repeats it. */
import type { AttributeQuestion } from "../backend/backend";
import { WITH, WITHOUT } from "../maths/directions";
import { latticeOf } from "../map/lattice-layer";
import type { Found } from "../session/attributes";
import type { Session } from "../session/session";
import { isLassoed } from "../state/attributes";
import type { State } from "../state/state";
import type { AttributeCode, MorphCode, Subject } from "../share/subject";

export function subjectOf(session: Session, state: State): Subject {
  const { about, evolution, drawing, frame, looks } = session;
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
    lattice: frame.value && latticeOf(frame.value, looks.value, about),
  };
}

function morphOf({ morphing }: Session, { morph }: State): MorphCode | null {
  const [a, b] = [morphing.code(morph.a), morphing.code(morph.b)];
  return a && b ? { a, b, n: morph.n, path: morph.path } : null;
}

/** The attribute whose groups the map shows, or the newest one. */
function attributeOf({ directions, described }: Session, { attributes }: State): AttributeCode | null {
  const able = directions.found.value?.list.filter(({ direction }) => direction) ?? [];
  const found = able.find(({ attribute }) => attribute.slot === attributes.shown) ?? able.at(-1);
  if (!found) return null;
  // Directions at right angles to each other follow from all of them: the server finds one at a time.
  const question = attributes.orthogonal || found.slope ? null : questionOf(found, described.value.unlabelled ?? false);
  return { name: found.attribute.name, vector: found.direction!.vector, question };
}

function questionOf({ attribute, members }: Found, unlabelled: boolean): AttributeQuestion {
  const { with: has, without: lacks } = attribute;
  if (lacks === "others" && has !== "others" && "label" in has && !unlabelled) return { label: has.label };
  const rows = (bit: number): number[] => Array.from(members.keys()).filter((row) => members[row]! & bit);
  return { with: rows(WITH), without: lacks === "others" && isLassoed(has) ? null : rows(WITHOUT) };
}
