/** The page says every sentence in each of its languages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { languageFor } from "../src/words/language";
import { language, say, told } from "../src/words/words";
import { CHINESE } from "../src/words/zh/all";
import { plural } from "../src/maths/format";
import { found, foundIn, gaps, sources } from "./sentences";

/** What is said by what it is given: the functions of `words/`, a count's noun, and the titles of tabs. */
const PASSING = new Set(["words/words.ts", "words/saying.ts", "maths/format.ts", "app/workspace.tsx"]);
const all = found(sources());
const place = ({ file, line, sentence }: { file: string; line: number; sentence: string }): string => `${file}:${line} ${sentence}`;

test("all text goes through say", () => {
  expect(all.bare.map(place)).toEqual([]);
  expect(all.unknown.filter(({ file }) => !PASSING.has(file)).map(place)).toEqual([]);
});

test("every sentence has its Chinese, with the same gaps", () => {
  const lacking = all.said.filter(({ sentence }) => !Object.hasOwn(CHINESE, sentence));
  expect([...new Set(lacking.map(place))]).toEqual([]);
  const other = Object.entries(CHINESE).filter(([english, chinese]) => gaps(english).join() !== gaps(chinese).join());
  expect(other).toEqual([]);
});

test("no Chinese is left over", () => {
  const said = new Set(all.said.map(({ sentence }) => sentence));
  expect(Object.keys(CHINESE).filter((sentence) => !said.has(sentence))).toEqual([]);
});

test("text that nobody says is found", () => {
  const bare = (text: string): string[] => foundIn("some.tsx", text).bare.map(({ sentence }) => sentence);
  expect(bare("const a = <p>Some text</p>;")).toEqual(["Some text"]);
  expect(bare('const a = <p title="Some">{on && "Text"}</p>;')).toEqual(["Some", "Text"]);
  expect(bare("const a = <p aria-label={on ? `Row ${row}` : say(`Row`)}>{row}</p>;")).toEqual(["Row"]);
  expect(bare('const a = <p class="bar">{say("Some text")}</p>;')).toEqual([]);
  const said = (text: string): string[] => foundIn("some.ts", text).said.map(({ sentence }) => sentence);
  expect(said('const NONE = "No rows";\nconst a = () => say(on ? "On" : "Off") + say(NONE) + plural(2, "row");')).toEqual(["On", "Off", "No rows", "{count} row"]);
  expect(foundIn("some.ts", "const a = (text) => say(text);").unknown).toHaveLength(1);
});

test("a sentence is said in the language that is chosen", () => {
  language.set("zh");
  expect(say("Row {row}", { row: 3 })).toBe("第 3 行");
  expect(plural(1, "row")).toBe("1 行");
  expect(say("Not a sentence of the page, {name}", { name: "x" })).toBe("Not a sentence of the page, x");
  language.set("en");
  expect(say("Row {row}", { row: 3 })).toBe("Row 3");
  expect([plural(1, "row"), plural(2, "row")]).toEqual(["1 row", "2 rows"]);
});

test("what the server calls the scores is said in Chinese, and sentences of it that have numbers", () => {
  const named = (file: string): string[] => {
    const text = readFileSync(join(import.meta.dirname, "../../src/aevum/server", file), "utf8");
    return [...text.matchAll(/"(?:name|unit|higher)": "([^"]+)"|name = "([^"]+)" if [^\n]*else "([^"]+)"/g)].flatMap((one) => one.slice(1)).filter(Boolean);
  };
  const words = new Set([...named("page_scores.py"), ...named("about.py")]);
  expect(words.size).toBeGreaterThan(5);
  language.set("zh");
  expect([...words].filter((word) => word !== "−ELBO" && told(word) === word)).toEqual([]);
  expect(told("1,234 different labels are too many to be told apart by colours")).toBe("1,234 种不同的标签太多，无法用颜色区分");
  expect(told("many different labels are too many to be told apart by colours")).toMatch(/^many/);
  language.set("en");
  expect(told("distortion")).toBe("distortion");
});

test("the address goes before the choice, and the choice before the browser", () => {
  expect(languageFor("?lang=zh", "en", ["en"])).toBe("zh");
  expect(languageFor("", "zh", ["en"])).toBe("zh");
  expect(languageFor("", null, ["fr", "zh-TW", "en"])).toBe("zh");
  expect(languageFor("?lang=xx", null, ["de"])).toBe("en");
});
