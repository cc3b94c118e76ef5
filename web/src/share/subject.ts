/** What is on the page, as far as code that repeats it has to know. */
import type { Values } from "../backend/arrays";
import type { About, AttributeQuestion, PathKind } from "../backend/backend";
import type { Plane } from "../maths/plane";
import type { Bounds } from "../maths/view";
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
  /** The lattice of the map as it is, whether or not it is shown; null where there is no map. */
  readonly lattice: LatticeCode | null;
}

/** Cells that cover a part of the plane. */
export interface LatticeCode {
  readonly columns: number;
  readonly rows: number;
  readonly bounds: Bounds;
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

/** What there is to copy of this subject. */
export function choices({ about, morph, attribute, drawing, lattice }: Subject): What[] {
  const there: Readonly<Record<What, boolean>> = {
    picture: true,
    morph: morph !== null,
    lattice: lattice !== null,
    attribute: attribute !== null,
    classes: about.conditional && (about.classes?.length ?? 0) > 1,
    drawing: drawing !== null,
  };
  return (Object.keys(there) as What[]).filter((what) => there[what]);
}
