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

/** What the server gave: a few words are known, such as units, and sentences with numbers; all else stays as it came. */
export function told(word: string): string {
  if (language.value !== "zh") return word;
  if (Object.hasOwn(SERVERS, word)) return SERVERS[word]!;
  for (const [english, chinese] of Object.entries(SERVERS)) {
    const [before, after] = english.split("{count}");
    if (after === undefined || !word.startsWith(before!) || !word.endsWith(after)) continue;
    const count = word.slice(before!.length, word.length - after.length);
    if (/^[\d,]+$/.test(count)) return chinese.replace("{count}", count);
  }
  return word;
}
