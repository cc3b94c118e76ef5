/** Chinese: a table a part of the page. */
import { TRAITS } from "./traits";

export type Table = Readonly<Record<string, string>>;

export const CHINESE: Table = { ...TRAITS };
