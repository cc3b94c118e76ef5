/** Which language the page speaks: the one that its address asks for, else the reader's choice, else the browser's. */
import { LANGUAGES, language, type Language } from "./words";

const KEY = "aevum-language";

/** As `<html lang>` has them. */
const TAGS: Readonly<Record<Language, string>> = { en: "en", zh: "zh-CN" };

function known(name: string | null | undefined): Language | null {
  const tag = name?.toLowerCase().split("-", 1)[0];
  return LANGUAGES.find(({ value }) => value === tag)?.value ?? null;
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // A frame without storage goes by the browser.
    return null;
  }
}

/** The first of the browser's languages that the page speaks. */
function preferred(languages: readonly string[]): Language {
  return languages.map(known).find((found) => found !== null) ?? "en";
}

export function languageFor(search: string, choice: string | null, languages: readonly string[]): Language {
  return known(new URLSearchParams(search).get("lang")) ?? known(choice) ?? preferred(languages);
}

function speak(next: Language): void {
  document.documentElement.lang = TAGS[next];
  language.set(next);
}

/** Before anything is said. */
export function followLanguage(): void {
  speak(languageFor(location.search, remembered(), navigator.languages ?? [navigator.language]));
}

/** The reader's choice, from now on: an address that asks for another one does so no more. */
export function chooseLanguage(next: Language): void {
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Without storage the choice holds as long as the page.
  }
  const address = new URL(location.href);
  if (address.searchParams.has("lang")) {
    address.searchParams.set("lang", next);
    history.replaceState(history.state, "", address);
  }
  speak(next);
}
