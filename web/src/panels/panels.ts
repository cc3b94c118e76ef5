/** The panels beside the map, in their order. A new one is a line here, and one in state/panels.ts. */
import type { FunctionComponent } from "preact";
import { ConditionPanel } from "./condition";
import { DrawPanel } from "./draw";
import { GeneratePanel } from "./generate";
import { InsidePanel } from "./inside";
import { MorphPanel } from "./morph";
import { SlidersPanel } from "./sliders";
import { TrainingPanel } from "./training";
import { TraitsPanel } from "./traits";
import type { PanelKey } from "../state/panels";

export interface Panel {
  readonly key: PanelKey;
  /** In English: it is said in the reader's language where it is shown. */
  readonly title: string;
  readonly Content: FunctionComponent;
}

export const PANELS: readonly Panel[] = [
  { key: "inside", title: "Inside", Content: InsidePanel },
  { key: "sliders", title: "Sliders", Content: SlidersPanel },
  { key: "morph", title: "Morph", Content: MorphPanel },
  { key: "generate", title: "Generate", Content: GeneratePanel },
  { key: "traits", title: "Traits", Content: TraitsPanel },
  { key: "training", title: "Training", Content: TrainingPanel },
  { key: "condition", title: "Condition", Content: ConditionPanel },
  { key: "draw", title: "Draw", Content: DrawPanel },
];
