/** Chinese: a table a part of the page. */
import { FILE } from "./file";
import { INSIDE } from "./inside";
import { MAP } from "./map";
import { NOTICES } from "./notices";
import { PAGE } from "./page";
import { PANELS } from "./panels";
import { SHARE } from "./share";
import { TOUR } from "./tour";
import { TRAINING } from "./training";
import { TRAITS } from "./traits";

export type Table = Readonly<Record<string, string>>;

export const CHINESE: Table = {
  ...PAGE,
  ...SHARE,
  ...MAP,
  ...PANELS,
  ...INSIDE,
  ...NOTICES,
  ...FILE,
  ...TOUR,
  ...TRAINING,
  ...TRAITS,
};
