/**
 * A tour: steps of a title, a text and a state of the page. A text is plain, but for links in it that move the page:
 * `[the threes](#only=3&panel=morph)`. A file may come from anyone, so that nothing in it is more than text and states.
 */
import { cut } from "../maths/format";
import { STEPS } from "../state/state";
import { LANGUAGES, language, say, type Language } from "../words/words";

/** A text, or one a language. */
export type Worded = string | Readonly<Partial<Record<Language, string>>>;

export interface Step {
  readonly title: Worded;
  readonly text: Worded;
  /** What the page shows: the part of its address after #. */
  readonly state: string;
}

export interface Tour {
  readonly title: Worded;
  readonly steps: readonly Step[];
}

/** What is wrong with a file, in a sentence for its author. */
export class TourError extends Error {}

export const VERSION = 1;
/** Bytes of a file, steps, and characters of their parts. A state may hold a picture that was drawn. */
export const MOST = { bytes: 262_144, steps: STEPS, title: 200, text: 4000, state: 40_000, link: 4000 } as const;

/** A text in the page's language, else in the one that it has. */
export function worded(text: Worded): string {
  if (typeof text === "string") return text;
  const order = [language.value, ...LANGUAGES.map(({ value }) => value)];
  return order.map((one) => text[one]).find((found) => found?.trim()) ?? "";
}

// -------------------------------------------------------------------- what a text is made of

export type Piece = string | { readonly words: string; readonly link: string };

/** Characters of what is wrong. */
const SHOWN = 60;
const PARAGRAPHS = /\n\s*\n/;
const LINK = /\[([^[\]]*)\]\(([^()\s]*)\)/g;
/** Keys and values, as an address of the page has them. */
const STATE = /^([a-z]+=[^&#\s]*)(&[a-z]+=[^&#\s]*)*$/;

/** Paragraphs of words, and of links with the state that they lead to. */
export function pieces(text: string): Piece[][] {
  const paragraphs = text.split(PARAGRAPHS).map((one) => one.replace(/\s+/g, " ").trim());
  return paragraphs.filter(Boolean).map((paragraph) => {
    const found: Piece[] = [];
    let at = 0;
    for (const match of paragraph.matchAll(LINK)) {
      found.push(paragraph.slice(at, match.index), { words: match[1]!, link: match[2]!.slice(1) });
      at = match.index + match[0].length;
    }
    return [...found, paragraph.slice(at)].filter((piece) => piece !== "");
  });
}

/** A text without its links' targets. */
export function plain(text: string): string {
  return pieces(text).map((paragraph) => paragraph.map((piece) => (typeof piece === "string" ? piece : piece.words)).join("")).join(" ");
}

/** What can't stand between the brackets of a link is spelt as addresses spell it. */
export function linkText(words: string, state: string): string {
  const escaped = state.replace(/[()\s]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `[${words.replace(/[[\]]/g, "")}](#${escaped})`;
}

// -------------------------------------------------------------------- files

/** The file's text. */
export function written({ title, steps }: Tour): string {
  return `${JSON.stringify({ aevum: "tour", version: VERSION, title, steps }, null, 2)}\n`;
}

/** Raises a {@link TourError} for what is no tour. */
export function read(text: string): Tour {
  if (new TextEncoder().encode(text).length > MOST.bytes) throw new TourError(say("it has more than {size} kB", { size: MOST.bytes / 1024 }));
  const found = objectOf(parsed(text));
  if (found?.aevum !== "tour") throw new TourError(say("it is no tour: a tour begins with \"aevum\": \"tour\""));
  if (found.version !== VERSION) throw new TourError(say("it is not of version {version}", { version: VERSION }));
  if (!Array.isArray(found.steps) || found.steps.length === 0) throw new TourError(say("it has no steps"));
  if (found.steps.length > MOST.steps) throw new TourError(say("it has more than {most} steps", { most: MOST.steps }));
  const title = wordedOf(found.title, MOST.title);
  if (title === null) throw new TourError(say("its title is no text of at most {most} characters", { most: MOST.title }));
  return { title, steps: found.steps.map((step, i) => stepOf(step, i + 1)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new TourError(say("it is no JSON"));
  }
}

function stepOf(given: unknown, step: number): Step {
  const found = objectOf(given);
  if (!found) throw new TourError(say("step {step} is no object with title, text and state", { step }));
  const [title, text] = [wordedOf(found.title, MOST.title), wordedOf(found.text, MOST.text)];
  if (title === null) throw new TourError(say("step {step}: its title is no text of at most {most} characters", { step, most: MOST.title }));
  if (text === null) throw new TourError(say("step {step}: its text is no text of at most {most} characters", { step, most: MOST.text }));
  for (const one of typeof text === "string" ? [text] : Object.values(text)) checkLinks(one, step);
  const state = found.state ?? "";
  if (!isState(state, MOST.state)) throw new TourError(say("step {step}: its state is none that an address of the page has", { step }));
  return { title, text, state: state.replace(/^#/, "") };
}

function checkLinks(text: string, step: number): void {
  // As it is shown: in paragraphs, of which what looks like a part of a link and is none would be seen as it stands.
  for (const paragraph of text.split(PARAGRAPHS)) {
    const left = paragraph.replace(LINK, (whole, words: string) => (words.trim() ? "" : whole));
    if (!left.includes("](")) continue;
    throw new TourError(say("step {step}: “{words}” is no link: write [words](#panel=morph), and %28, %29, %20 for brackets and blanks in its state", { step, words: cut(left.slice(Math.max(0, left.lastIndexOf("[", left.indexOf("](")))).trim(), SHOWN) }));
  }
  for (const [, words = "", link = ""] of text.matchAll(LINK)) {
    if (link.startsWith("#") && isState(link, MOST.link)) continue;
    throw new TourError(say("step {step}: “{words}” links to “{link}”, and links can only move the page: #panel=morph", { step, words: cut(words, SHOWN), link: cut(link, SHOWN) }));
  }
}


function isState(value: unknown, most: number): value is string {
  if (typeof value !== "string" || value.length > most) return false;
  const state = value.replace(/^#/, "");
  return state === "" || STATE.test(state);
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** Null for what is no text with something in it, or too long a one. */
function wordedOf(value: unknown, most: number): Worded | null {
  const fits = (text: unknown): text is string => typeof text === "string" && text.trim() !== "" && text.length <= most;
  if (fits(value)) return value;
  const found = objectOf(value);
  const known = LANGUAGES.map((one) => one.value).filter((one) => found && Object.hasOwn(found, one));
  if (!found || known.length === 0 || known.length < Object.keys(found).length) return null;
  return known.every((one) => fits(found[one])) ? Object.fromEntries(known.map((one) => [one, found[one] as string])) : null;
}
