/** That a model still learns, and how far it is. */
import { useSession } from "../session/context";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import { saying } from "../words/saying";

export function Learning() {
  const { described } = useSession();
  const { version, epoch } = useCell(described);
  if (typeof version !== "number") return null;
  return (
    <span class="learning">
      <span class="learning-dot" aria-hidden="true" />
      <span>
        <span class="wide-only">{say("learning,")} </span>
        {saying("epoch {epoch}", { epoch: <span class="number">{epoch}</span> })}
      </span>
    </span>
  );
}
