/** Which run a column shows. */
import type { About } from "../backend/backend";
import { plural } from "../maths/format";
import { Axes } from "../map/toolbar";
import { IconButton } from "../parts/controls";
import { useSession } from "../session/context";
import type { Together } from "../session/together";
import { useCell } from "../state/cell";
import { Learning } from "./learning";
import { say } from "../words/words";

export function ColumnHead({ together, runs }: { together: Together; runs: readonly About[] }) {
  const session = useSession();
  const { id, name, model, latent_dim } = useCell(session.described);
  const { store } = together.sessions[0]!;
  const shown = together.sessions.map((other) => other.about.id);
  const beside = shown.slice(1);
  const compare = (next: readonly string[]): void => store.dispatch({ type: "compared", beside: next });
  const own = id === shown[0];
  const free = runs.filter((run) => run.id === id || !shown.includes(run.id));
  return (
    <div class="column-head">
      {own || free.length === 1 ? (
        <h2 title={name}>{name}</h2>
      ) : (
        <select
          aria-label={say("Run beside")}
          value={id}
          onChange={(event) => compare(beside.map((run) => (run === id ? event.currentTarget.value : run)))}
        >
          {free.map((run) => (
            <option key={run.id} value={run.id}>
              {run.name}
            </option>
          ))}
        </select>
      )}
      <span class="hint">
        {model}, {plural(latent_dim, "latent")}
      </span>
      <Learning />
      <span class="spring" />
      <Axes />
      {!own && <IconButton icon="close" label={say("Close {name}", { name })} onClick={() => compare(beside.filter((run) => run !== id))} />}
    </div>
  );
}
