/**
 * What the page says, in the reader's language. The English sentence is the key, as with gettext, so that the code reads
 * as the page does: `say("{count} rows", { count })`. Each language is a table from these sentences to its own.
 */
import { Cell } from "../state/cell";
import { CHINESE } from "./zh/all";
import { SERVERS } from "./zh/server";

export type Language = "en" | "zh";
export interface Spoken {
  readonly value: Language;
  readonly text: string;
  /** Where there is room for a sign only. */
  readonly sign: string;
}

export const LANGUAGES: readonly Spoken[] = [
  { value: "en", text: "English", sign: "EN" },
  { value: "zh", text: "中文", sign: "ZH" },
];

export type Values = Readonly<Record<string, string | number>>;

/** The language that the page speaks. */
export const language = new Cell<Language>("en");

/** A sentence in the page's language, with its gaps; one that has no translation is said in English. */
export function spoken(sentence: string): string {
  return language.value === "zh" && Object.hasOwn(CHINESE, sentence) ? CHINESE[sentence]! : sentence;
}

/** A sentence in the page's language; `{name}` stands for a value. */
export function say(sentence: string, values: Values = {}): string {
  return spoken(sentence).replace(/\{(\w+)\}/g, (gap, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : gap));
}

/** A word that the server gave: a few of them are known, such as units; all others stay as they came. */
export function told(word: string): string {
  return language.value === "zh" && Object.hasOwn(SERVERS, word) ? SERVERS[word]! : word;
}
