/** The panels beside the map, in their order. A new one is a line here. */
import type { FunctionComponent } from "preact";
import type { About } from "../backend/backend";
import { AttributesPanel } from "./attributes";
import { ConditionPanel } from "./condition";
import { DrawPanel } from "./draw";
import { MorphPanel } from "./morph";
import { SlidersPanel } from "./sliders";

export interface Panel {
  readonly key: string;
  readonly title: string;
  readonly Content: FunctionComponent;
  /** Whether a model of this kind has it. */
  readonly fits: (about: About) => boolean;
}

export const PANELS: readonly Panel[] = [
  { key: "sliders", title: "Sliders", Content: SlidersPanel, fits: () => true },
  { key: "morph", title: "Morph", Content: MorphPanel, fits: () => true },
  { key: "attributes", title: "Attributes", Content: AttributesPanel, fits: (about) => about.rows > 0 },
  { key: "condition", title: "Condition", Content: ConditionPanel, fits: (about) => about.conditional },
  { key: "draw", title: "Draw", Content: DrawPanel, fits: (about) => about.kind === "image" },
];
