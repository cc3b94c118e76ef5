/** Chinese: a table a part of the page. */
import { TRAINING } from "./training";

export type Table = Readonly<Record<string, string>>;

export const CHINESE: Table = { ...TRAINING };
