/** The way from A to B in one run, as a strip of what it decodes to, and how evenly that changes. */
import { rowsOf } from "../backend/arrays";
import { short } from "../maths/format";
import { unevenness } from "../maths/steps";
import { Frames } from "../parts/frames";
import { useAppState, useSession } from "../session/context";
import type { Together } from "../session/together";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import { saying } from "../words/saying";

export function Way({ together }: { together: Together }) {
  const { about, morphing } = useSession();
  const walk = useCell(morphing.walk);
  const failed = useCell(morphing.failed);
  const finding = useCell(morphing.finding);
  const frame = useCell(together.frame);
  const chosen = useAppState(({ morph }) => morph.a !== null && morph.b !== null);
  const own = useCell(together.sessions[0]!.store.state, ({ morph }) => morph.a !== null && morph.b !== null);
  if (failed) return <p class="way problem">{say("No way from A to B: {why}", { why: failed })}</p>;
  if (own && !chosen) return <p class="way hint">{say("This run does not know A and B: it has other rows and other latents.")}</p>;
  if (!walk || !chosen) return null;
  const pictures = rowsOf(walk.x);
  const ratio = unevenness(pictures);
  return (
    <div class="way" aria-busy={finding !== null}>
      <Frames
        label={say("Way of {name}", { name: about.name })}
        class="way-strip"
        pictures={pictures}
        at={frame}
        onChoose={(i) => together.goTo(i, true)}
      />
      <p class="hint" role="status" aria-live="polite">
        {finding === "geodesic" ? say("Finding the geodesic …") : ratio !== null && <Evenness ratio={ratio} />}
      </p>
    </div>
  );
}

function Evenness({ ratio }: { ratio: number }) {
  return (
    <>{saying("Largest step: {ratio} × the mean one", { ratio: <strong class="number">{short(ratio)}</strong> })}</>
  );
}
