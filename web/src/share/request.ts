/** The same as a request to the server's JSON interface. */
import { vectorText } from "./numbers";
import { ACROSS, type Subject, type What } from "./subject";

/** Shells take no longer words. */
const MOST_LETTERS = 100_000;

/** A command for a shell; the token, which opens the server, is not in it. Null where no single request does the same. */
export function requestOf(subject: Subject, what: What, server: string): string | null {
  const asked = bodyOf(subject, what);
  if (!asked) return null;
  const address = new URL(`api/runs/${encodeURIComponent(subject.stop.id)}/${asked.operation}`, server);
  return [
    `curl '${address.href}' \\`,
    `  -H "Authorization: Bearer $TOKEN" \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${asked.body.replaceAll("'", "'\\''")}'`,
    "",
  ].join("\n");
}

function bodyOf(subject: Subject, what: What): { operation: string; body: string } | null {
  const { z, y, morph, plane, about, attribute } = subject;
  if (what === "picture") return { operation: "decode", body: object({ z: rows(z), y: y && rows(y) }) };
  if (what === "morph") {
    const { a, b, n, path } = morph!;
    const ends = { a: vectorText(a), b: vectorText(b) };
    return { operation: "path", body: object({ ...ends, n: String(n), path: JSON.stringify(path), y: y && rows(y) }) };
  }
  if (what === "attribute") {
    const body = JSON.stringify(attribute!.question);
    return attribute!.question && body.length < MOST_LETTERS ? { operation: "attribute", body } : null;
  }
  if (plane.kind !== "dims") return null;
  const at = about.latent_dim > 2 ? vectorText(z) : null;
  const dims = `[${plane.x}, ${plane.y}]`;
  return { operation: "manifold", body: object({ n: String(ACROSS), dims, at, y: y && rows(y) }) };
}

const rows = (values: readonly number[]): string => `[${vectorText(values)}]`;

/** JSON of values that are JSON already; those that are null are left out. */
function object(values: Readonly<Record<string, string | null>>): string {
  const kept = Object.entries(values).filter((entry) => entry[1] !== null);
  return `{${kept.map(([name, text]) => `"${name}": ${text}`).join(", ")}}`;
}
