/**
 * What scripts may ask of the page as `window.aevum`: `await aevum.decode([[0, 0]])` gives what codes decode to by the
 * model that is shown, `aevum.state()` all that the page's address holds, `aevum.frame()` what the map shows, and `aevum.drawing()` what the model makes of
 * the picture that was drawn, and `aevum.generated()` what codes without rows decode to.
 */
import { float32, rowsOf, stacked } from "../backend/arrays";
import type { Backend, Host } from "../backend/backend";
import type { Frame } from "../maths/view";
import type { Session } from "../session/session";
import type { State } from "../state/state";

type Rows = readonly (readonly number[])[];

export interface Hook {
  readonly host: Host;
  /** What codes decode to under y, one flat list each; of the run that is shown where none is named. */
  decode(z: Rows, y?: Rows | null, run?: string): Promise<number[][]>;
  /** Null while no run is shown. */
  state(): State | null;
  /** The part of the plane that the map shows, in pixels: x = originX + u · pixelsU; null while there is no map. */
  frame(): Frame | null;
  /** The codes of the rows as the map shows them, a flat list; null before they have come. */
  codes(): number[] | null;
  /** The codes whose pictures stand as a grid, flat lists each, with the nearest rows; null while there are none. */
  generated(): { readonly codes: number[][]; readonly x: number[][]; readonly rows: number[]; readonly scores: number[] } | null;
  /** Null while nothing is drawn, or it is not encoded and scored yet. */
  drawing(): Record<"x" | "mean" | "deviation" | "reconstruction", number[]> & { readonly score: number } | null;
}

declare global {
  interface Window {
    aevum?: Hook;
  }
}

export function hookOf(host: Host, session: Session | null = null): Hook {
  const shown = async (): Promise<Backend> => session?.backend ?? host.backend((await host.catalogue()).runs[0]!.id);
  return {
    host,
    async decode(z, y = null, run) {
      const backend = run === undefined ? await shown() : host.backend(run);
      const x = await backend.decode(stacked(z), y && stacked(y));
      return rowsOf(x).map((row) => Array.from(float32(row)));
    },
    state: () => session?.store.state.value ?? null,
    frame: () => session?.frame.value ?? null,
    codes: () => (session?.cloud.codes.value ? Array.from(session.cloud.codes.value.data) : null),
    generated() {
      const [found, judged] = [session?.generating.found.value, session?.generating.judged.value];
      if (!found || judged?.of !== found) return null;
      const lists = (rows: readonly ArrayLike<number>[]): number[][] => rows.map((row) => Array.from(row));
      const rows = judged.nearest?.map(({ row }) => row) ?? [];
      return { codes: lists(rowsOf(found.codes)), x: lists(found.pictures), rows, scores: Array.from(judged.scores ?? []) };
    },
    drawing() {
      const [encoded, score] = [session?.drawing.encoded.value, session?.drawing.score.value];
      if (!encoded || encoded.x !== session?.drawing.picture.value || typeof score !== "number") return null;
      const list = (values: ArrayLike<number>): number[] => Array.from(values);
      const { x, mean, deviation, reconstruction } = encoded;
      return { x: list(x), mean: list(mean), deviation: list(deviation), reconstruction: list(reconstruction), score };
    },
  };
}
