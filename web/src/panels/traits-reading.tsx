/** How well a trait is read off the codes, in words, and how much of its direction the map shows. */
import type { About, HeldOut, TraitAnswer } from "../backend/backend";
import type { Direction } from "../maths/directions";
import { fixed, grouped, percent } from "../maths/format";
import { shareIn } from "../maths/plane";
import { useAppState } from "../session/context";
import type { ReadingState } from "../session/readings";
import type { Attribute } from "../state/attributes";
import { say } from "../words/words";

/** Of R²: a walk along the direction of a quantity that is told less of changes other things more. */
const SMALL_PART = 0.25;

export function ReadingView({ state, attribute }: { state: ReadingState | undefined; attribute: Attribute }) {
  if (!state || state.kind === "waiting") {
    return (
      <p class="reading hint" aria-busy="true">
        {say("Reading it off the codes of held-out rows …")}
      </p>
    );
  }
  if (state.kind === "failed") {
    return <p class="reading hint">{say("How well it is read off the codes is not known: {why}.", { why: state.sentence.replace(/\.$/, "") })}</p>;
  }
  return <Known answer={state.answer} name={attribute.name} />;
}

function Known({ answer, name }: { answer: TraitAnswer; name: string }) {
  const { best, along, measure, chance, measured } = answer;
  if (!best || !along) return <p class="reading hint">{say("Too few rows to tell how well it is read off the codes.")}</p>;
  const what = measure === "AUC" ? say("AUC: 1 tells all rows apart, 0.5 is chance") : say("R²: 1 tells it all, 0 is no better than the mean");
  const weak = measure === "R²" && best.mean < SMALL_PART;
  return (
    <div class={chance ? "reading chance" : "reading"} role="group" aria-label={say("How well {name} is read off the codes", { name })}>
      <Bar measure={measure} score={best} />
      <p>
        <strong title={what}>
          {measure} {withSpread(best)}
        </strong>{" "}
        {chance ? <strong class="verdict">{say("no better than chance")}</strong> : weak && <strong class="verdict">{say("a small part of it")}</strong>}{" "}
        <span class="hint">
          {say("on held-out rows, by a linear model of all latents; along this direction alone {score}. {rows} rows, cross-validated.", {
            score: withSpread(along),
            rows: grouped(measured),
          })}
        </span>
      </p>
    </div>
  );
}

const withSpread = ({ mean, deviation }: HeldOut): string => `${fixed(mean, 2)} ± ${fixed(deviation, 2)}`;

/** From chance to all that there is to tell. */
function Bar({ measure, score: { mean, deviation } }: { measure: TraitAnswer["measure"]; score: HeldOut }) {
  const low = measure === "AUC" ? 0.5 : 0;
  const share = (value: number): number => 100 * Math.min(1, Math.max(0, (value - low) / (1 - low)));
  const [from, to] = [share(mean - deviation), share(mean + deviation)];
  return (
    <svg class="reading-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="room" width="100" height="8" />
      <rect class="read" width={share(mean)} height="8" />
      <rect class="between" x={from} width={Math.max(0.6, to - from)} y="3" height="2" />
    </svg>
  );
}

const ALL = 0.995;

/** What of a direction lies in the plane of the map: of the rest the arrow there says nothing. */
export function InPlane({ direction, about }: { direction: Direction; about: About }) {
  const plane = useAppState((state) => state.plane);
  const share = shareIn(plane, about, direction.vector);
  if (share >= ALL) return null;
  return <p class="hint in-plane">{say("{share} of the direction lies in the plane of the map.", { share: percent(share) })}</p>;
}
