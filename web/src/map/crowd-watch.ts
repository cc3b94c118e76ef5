/** What is asked of the map's crowd of points, by what the state shows of it. */
import type { ColumnValues } from "../backend/backend";
import type { GridIndex } from "../maths/grid-index";
import type { Frame } from "../maths/view";
import type { Session } from "../session/session";
import { columnOfColour } from "../state/columns";
import type { Legend, LegendEntry } from "./colouring";
import { Crowd, type CrowdQuestion } from "./crowd";
import { NAME_FONT } from "./crowd-ink";

/** What rows have in the column that colours them; null for other colours, and while it has not come. */
export function columnShown({ store, about, columns }: Session): ColumnValues | null {
  const { colour } = store.state.value;
  const column = colour.startsWith("column:") ? columnOfColour(about, colour) : null;
  return column && columns.get(column.name);
}

export class CrowdWatch extends Crowd {
  #named: { of: readonly LegendEntry[]; only: readonly number[]; chosen: readonly LegendEntry[] } | null = null;
  #pen: CanvasRenderingContext2D | null = null;

  look(session: Session, grid: GridIndex | null, frame: Frame, legend: Legend): void {
    this.ask(grid && this.#question(session, grid, frame, legend));
  }

  #question(session: Session, grid: GridIndex, frame: Frame, legend: Legend): CrowdQuestion | null {
    const { layers, plane, only, colour } = session.store.state.value;
    const named = layers.includes("names") && legend.kind === "labels";
    const density = layers.includes("density");
    if (plane.kind === "line" || !layers.includes("points") || !(named || density)) return null;
    const own = colour === "label" ? session.cloud.labels.value : (columnShown(session)?.index ?? null);
    const entries = named ? this.#singled(legend.entries, only) : NONE;
    return { grid, frame, labels: named ? own : null, entries, density, widthOf: this.#widthOf };
  }

  /** The same ones for as long as legend and choice are the same. */
  #singled(entries: readonly LegendEntry[], only: readonly number[]): readonly LegendEntry[] {
    if (this.#named?.of !== entries || this.#named.only !== only) {
      const chosen = only.length ? entries.filter(({ label }) => only.includes(label)) : entries;
      this.#named = { of: entries, only, chosen };
    }
    return this.#named.chosen;
  }

  readonly #widthOf = (text: string): number => {
    this.#pen ??= document.createElement("canvas").getContext("2d")!;
    this.#pen.font = NAME_FONT;
    return this.#pen.measureText(text).width;
  };
}

const NONE: readonly LegendEntry[] = [];
