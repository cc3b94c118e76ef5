/** Tells those who do not see the map where the probe has come to rest, and what is near. */
import { useEffect, useState } from "preact/hooks";
import { fixed, given, plural, short } from "../maths/format";
import { place, type Plane } from "../maths/plane";
import { useSession } from "../session/context";
import type { Session } from "../session/session";
import type { Vicinity } from "../session/vicinity";
import { say } from "../words/words";

const REST = 600;

export function Announcer() {
  const session = useSession();
  const [text, setText] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => setText(sentence(session)), REST);
    };
    later();
    const stops = [session.store.state.subscribe(later), session.vicinity.found.subscribe(later)];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [session]);
  return (
    <div class="unseen" role="status" aria-live="polite" aria-label={say("Position")}>
      {text}
    </div>
  );
}

export function sentence({ store, about, vicinity }: Pick<Session, "store" | "about" | "vicinity">): string {
  const { plane, z, y, row } = store.state.value;
  const { u, v } = place(plane, about, z);
  const [across, up] = names(plane);
  const at = { across, u: fixed(u, 2) };
  const where = up ? say("{across} is {u}, {up} is {v}.", { ...at, up, v: fixed(v, 2) }) : say("{across} is {u}.", at);
  const as = about.classes && y ? say("Decoded as {y}.", { y: given(about.classes, y) }) : "";
  const found = vicinity.found.value;
  // What was near where the probe has been is not told of where it is: the answer may be late, or never come.
  const here = found?.z.every((value, d) => value === z[d]) ? found : null;
  return [where, row === null ? "" : say("At row {row}.", { row }), as, near(here)].filter(Boolean).join(" ");
}

function names(plane: Plane): [string, string | null] {
  if (plane.kind === "pca") return [say("Axis 1"), say("axis 2")];
  return plane.kind === "line" ? [`z[${plane.x}]`, null] : [`z[${plane.x}]`, `z[${plane.y}]`];
}

function near(found: Vicinity | null): string {
  if (!found) return "";
  if (found.mean !== null) {
    const neighbours = plural(found.votes, "neighbour");
    return say("Label nearby {mean}, the mean of {neighbours}.", { mean: short(found.mean), neighbours });
  }
  if (found.label === null) return say("Nearest row {row}.", { row: found.row });
  const { label, votes, asked } = found;
  return say("Nearest class {label}, {votes} of {asked} neighbours.", { label, votes, asked });
}
