/** The same as a request to the server's JSON interface. */
import { float32 } from "../backend/arrays";
import { latticeCodes } from "../map/lattice-layer";
import { vectorText } from "./numbers";
import type { Subject, What } from "./subject";

/** Shells take no longer words. */
const MOST_LETTERS = 100_000;

/** A command for a shell, or two that ask about the same; the token, which opens the server, is not in it. Null where no single request does the same. */
export function requestOf(subject: Subject, what: What, server: string): string | null {
  const asked = bodyOf(subject, what);
  if (!asked || asked.body.length > MOST_LETTERS) return null;
  return asked.operations.map((operation) => commandOf(subject.stop.id, operation, asked.body, server)).join("\n");
}

function commandOf(run: string, operation: string, body: string, server: string): string {
  const address = new URL(`api/runs/${encodeURIComponent(run)}/${operation}`, server);
  return [
    `curl '${address.href}' \\`,
    `  -H "Authorization: Bearer $TOKEN" \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body.replaceAll("'", "'\\''")}'`,
    "",
  ].join("\n");
}

function bodyOf(subject: Subject, what: What): { operations: readonly string[]; body: string } | null {
  const { z, y, morph, plane, about, attribute, drawing, lattice } = subject;
  if (what === "picture") return { operations: ["decode"], body: object({ z: rows(z), y: y && rows(y) }) };
  if (what === "morph") {
    const { a, b, n, path } = morph!;
    const ends = { a: vectorText(a), b: vectorText(b) };
    return { operations: ["path"], body: object({ ...ends, n: String(n), path: JSON.stringify(path), y: y && rows(y) }) };
  }
  if (what === "attribute") {
    const body = JSON.stringify(attribute!.question);
    return attribute!.question ? { operations: ["attribute"], body } : null;
  }
  if (what === "classes") {
    const each = about.classes!.map((_, i) => i);
    const weights = each.map((i) => vectorText(each.map((j) => Number(i === j))));
    return { operations: ["decode"], body: object({ z: list(each.map(() => vectorText(z))), y: list(weights) }) };
  }
  if (what === "drawing") {
    const x = nestedText(float32(drawing!), [1, ...about.event]);
    return { operations: ["encode", "score"], body: object({ x, y: y && rows(y) }) };
  }
  const codes = latticeCodes(lattice!, plane, about, z);
  return { operations: ["decode"], body: object({ z: list(codes.map((code) => vectorText(code))), y: y && rows(y) }) };
}

const list = (texts: readonly string[]): string => `[${texts.join(", ")}]`;
const rows = (values: readonly number[]): string => `[${vectorText(values)}]`;

/** Written as they are: these are not rounded to float32 before the model scales them. */
function nestedText(values: Float32Array, shape: readonly number[]): string {
  if (shape.length <= 1) return vectorText(values, String);
  const size = values.length / shape[0]!;
  const parts = Array.from({ length: shape[0]! }, (_, i) => values.subarray(i * size, (i + 1) * size));
  return `[${parts.map((part) => nestedText(part, shape.slice(1))).join(", ")}]`;
}

/** JSON of values that are JSON already; those that are null are left out. */
function object(values: Readonly<Record<string, string | null>>): string {
  const kept = Object.entries(values).filter((entry) => entry[1] !== null);
  return `{${kept.map(([name, text]) => `"${name}": ${text}`).join(", ")}}`;
}
