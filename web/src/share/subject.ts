/** What is on the page, as far as code that repeats it has to know. */
import type { Values } from "../backend/arrays";
import type { About, AttributeQuestion, PathKind } from "../backend/backend";
import type { Plane } from "../maths/plane";
import type { Stop } from "../session/evolution";

export interface Subject {
  readonly about: About;
  /** The epoch whose model is shown. */
  readonly stop: Stop;
  readonly z: readonly number[];
  readonly y: readonly number[] | null;
  readonly plane: Plane;
  readonly morph: MorphCode | null;
  readonly attribute: AttributeCode | null;
  /** The picture that was drawn, as it was encoded. */
  readonly drawing: Values | null;
  /** Where the codes lie on principal axes: three corners of their plane. */
  readonly corners: readonly (readonly number[])[] | null;
}

export interface MorphCode {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly n: number;
  readonly path: PathKind;
}

export interface AttributeCode {
  readonly name: string;
  readonly vector: ArrayLike<number>;
  /** What the server finds it by; null where it can't. */
  readonly question: AttributeQuestion | null;
}

export type What = "picture" | "morph" | "lattice" | "attribute" | "classes" | "drawing";

/** Rows and columns of a lattice. */
export const ACROSS = 20;

/** What there is to copy of this subject. */
export function choices({ about, morph, attribute, drawing, plane, corners }: Subject): What[] {
  const there: Readonly<Record<What, boolean>> = {
    picture: true,
    morph: morph !== null,
    lattice: about.latent_dim > 1 && (plane.kind !== "pca" || corners !== null),
    attribute: attribute !== null,
    classes: about.conditional && (about.classes?.length ?? 0) > 1,
    drawing: drawing !== null,
  };
  return (Object.keys(there) as What[]).filter((what) => there[what]);
}
