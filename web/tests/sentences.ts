/** What the sources say, found in their syntax: the sentences given to `say` and its kin, and text that is not. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const SOURCES = join(import.meta.dirname, "../src");
/** Attributes and properties that a reader reads or hears. */
const TEXTS = new Set(["title", "aria-label", "aria-roledescription", "aria-valuetext", "label", "placeholder", "alt"]);
/** What is no text. */
const NAMES = new Set(["aevum"]);
/** One letter alone is a sign: x, σ, z. */
const LETTERS = /\p{L}{2}/u;

export interface Said {
  readonly file: string;
  readonly line: number;
  readonly sentence: string;
}

export interface Found {
  readonly said: readonly Said[];
  /** Text that a reader sees and nobody says. */
  readonly bare: readonly Said[];
  /** Calls whose sentence is no literal, so that nobody can know what it says. */
  readonly unknown: readonly Said[];
}

export function sources(): string[] {
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.tsx?$/.test(name) && !name.startsWith("words/zh")).map((name) => join(SOURCES, name));
}

export function found(files: readonly string[]): Found {
  const all = files.map((file) => foundIn(relative(SOURCES, file), readFileSync(file, "utf8")));
  return {
    said: all.flatMap(({ said }) => said),
    bare: all.flatMap(({ bare }) => bare),
    unknown: all.flatMap(({ unknown }) => unknown),
  };
}

export function foundIn(file: string, text: string): Found {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const out = { said: [] as Said[], bare: [] as Said[], unknown: [] as Said[] };
  const constants = constantsOf(source);
  const at = (node: ts.Node, sentence: string): Said => {
    return { file, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, sentence };
  };
  const visit = (node: ts.Node): void => {
    const call = ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : "";
    if (call === "say" || call === "saying" || call === "spoken" || call === "plural") {
      const given = (node as ts.CallExpression).arguments[call === "plural" ? 1 : 0];
      const sentences = literals(given) ?? (given && ts.isIdentifier(given) ? (constants.get(given.text) ?? null) : null);
      if (sentences) out.said.push(...sentences.map((one) => at(node, call === "plural" ? `{count} ${one}` : one)));
      else if (given) out.unknown.push(at(node, given.getText()));
    }
    if (file === "panels/panels.ts" && ts.isPropertyAssignment(node) && node.name.getText() === "title") {
      out.said.push(...(literals(node.initializer) ?? []).map((one) => at(node, one)));
    }
    const bare = bareText(node);
    if (bare !== null && LETTERS.test(bare) && !NAMES.has(bare)) out.bare.push(at(node, bare));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return out;
}

/** What names stand for: constants of the file, and the two sides of a trait. */
function constantsOf(source: ts.SourceFile): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>([["side", ["with", "without"]]]);
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const sentences = literals(initializer);
      if (sentences) found.set(name.getText(), sentences);
    }
  }
  return found;
}

/** The text of literals, also of those between which a condition chooses; null for anything else. */
function literals(node: ts.Node | undefined): string[] | null {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return literals(node.expression);
  if (!ts.isConditionalExpression(node)) return null;
  const [a, b] = [literals(node.whenTrue), literals(node.whenFalse)];
  return a && b ? [...a, ...b] : null;
}

/** Literal text between tags, or given to an attribute that is read. */
function bareText(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return node.text.trim();
  if (ts.isJsxExpression(node) && node.parent && !ts.isJsxAttribute(node.parent)) return strings(node.expression);
  if (!ts.isJsxAttribute(node) || !TEXTS.has(node.name.getText()) || !node.initializer) return null;
  if (ts.isStringLiteral(node.initializer)) return node.initializer.text;
  return ts.isJsxExpression(node.initializer) ? strings(node.initializer.expression) : null;
}

/** Text that an expression has in it as it stands: literals and templates, and what stands behind ?, && and ??. */
function strings(node: ts.Expression | undefined): string | null {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return node.text.trim();
  if (ts.isTemplateExpression(node)) return [node.head, ...node.templateSpans.map((span) => span.literal)].map(({ text }) => text).join("").trim();
  if (ts.isParenthesizedExpression(node)) return strings(node.expression);
  if (ts.isConditionalExpression(node)) return [strings(node.whenTrue), strings(node.whenFalse)].filter(Boolean).join(" ");
  return ts.isBinaryExpression(node) ? strings(node.right) : null;
}

/** The `{names}` of a sentence, in their order. */
export function gaps(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
}
