/**
 * What the page says, in the reader's language. The English sentence is the key, as with gettext, so that the code reads
 * as the page does: `say("{count} rows", { count })`. Each language is a table from these sentences to its own.
 */
import { Cell } from "../state/cell";
import { CHINESE } from "./zh/all";

export type Language = "en" | "zh";
export const LANGUAGES: readonly { readonly value: Language; readonly text: string }[] = [
  { value: "en", text: "English" },
  { value: "zh", text: "中文" },
];

export type Values = Readonly<Record<string, string | number>>;

/** The language that the page speaks. */
export const language = new Cell<Language>("en");

/** A sentence in the page's language; `{name}` stands for a value. One that has no translation is said in English. */
export function say(sentence: string, values: Values = {}): string {
  const said = language.value === "zh" ? (CHINESE[sentence] ?? sentence) : sentence;
  return said.replace(/\{(\w+)\}/g, (gap, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : gap));
}
