/** Chinese: a table a part of the page. */
export type Table = Readonly<Record<string, string>>;

export const CHINESE: Table = {};
