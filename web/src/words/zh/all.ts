/** Chinese: a table a part of the page. */
import { FILE } from "./file";

export type Table = Readonly<Record<string, string>>;

export const CHINESE: Table = { ...FILE };
