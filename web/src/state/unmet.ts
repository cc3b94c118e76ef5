/** What a link asks for that is not here: a reader who is shown something else is to know it. */
import type { About } from "../backend/backend";
import { grouped } from "../maths/format";
import { VERSION, decoded, parts, runOf } from "./url";
import { say } from "../words/words";

/** A sentence; null where there is all of it, or where the address says nothing of a state. */
export function unmet(hash: string, about: About, runs: readonly About[]): string | null {
  const found = parts(hash);
  if (!found.has("v")) return null;
  const instead = say("What is shown is {name}, as it starts.", { name: about.name });
  if (found.get("v") !== VERSION) return `${say("This link is of another version of the page.")} ${instead}`;
  const run = runOf(hash);
  if (run !== null && run !== about.id) return `${say("This link shows the run {run}, which is not open here.", { run })} ${instead}`;
  const missing = [...besides(found, runs), ...within(found, about)];
  return missing.length ? say("Not all that this link shows is here: {missing}.", { missing: missing.join(say(", ")) }) : null;
}

/** The part after # of a link to a page, wherever that page was; null for what is none. */
export function hashOf(link: string): string | null {
  const found = parts(link.trim().replace(/^[^#]*#/, ""));
  found.delete("token");
  return found.has("v") && found.has("run") ? [...found].map(([key, text]) => `${key}=${text}`).join("&") : null;
}

function besides(found: ReadonlyMap<string, string>, runs: readonly About[]): string[] {
  const names = (found.get("beside") ?? "").split(",").filter(Boolean).map(decoded);
  return names.filter((name) => !runs.some(({ id }) => id === name)).map((name) => say("the run {run} beside it", { run: name }));
}

function within(found: ReadonlyMap<string, string>, about: About): string[] {
  const { epoch: last, checkpoints = [], rows, latent_dim: latents } = about;
  const [epoch, row, z] = ["epoch", "row", "z"].map((key) => found.get(key));
  const kept = [...checkpoints.map((stop) => stop.epoch), last].map(String);
  return [
    epoch && !kept.includes(epoch) && say("epoch {epoch}, which was not kept", { epoch }),
    row && !(Number(row) < rows) && say("row {row} of {rows}", { row: grouped(Number(row)), rows: grouped(rows) }),
    z && z.split(",").length > latents && say("a code of {count} latents", { count: z.split(",").length }),
  ].filter((text): text is string => Boolean(text));
}
