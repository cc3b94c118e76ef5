/** One example inside of the model: x, its posterior, the noise, the code, what that decodes to, and what it costs. */
import { useEffect } from "preact/hooks";
import { sentenceOf } from "../backend/backend";
import { given, grouped } from "../maths/format";
import { layoutOf, nearestLevels } from "../maths/pixels";
import { rowsOf } from "../backend/arrays";
import { Button, FileButton, Segments } from "../parts/controls";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import { codeOf, type Passage, type Source } from "../session/inside";
import type { Session } from "../session/session";
import { useCell } from "../state/cell";
import { drawnText } from "../state/drawn";
import type { Inside } from "../state/state";
import { Diagram } from "./inside-diagram";
import { Noise, useNoise } from "./inside-noise";
import { Glossary, Terms } from "./inside-terms";
import { WORDS } from "./inside-words";
import "../styles/inside.css";

/** So many of the draws are shown decoded. */
const SHOWN = 20;

export function InsidePanel() {
  const session = useSession();
  const { insides } = session;
  const passage = useCell(insides.passage);
  usePosterior(session);
  return (
    <div class="inside">
      {passage ? (
        <>
          <Head passage={passage} />
          <Diagram passage={passage} />
          <Terms passage={passage} />
          <Noise passage={passage} />
          <Decoded />
        </>
      ) : (
        <p class="hint" role="status">
          {WORDS.waiting}
        </p>
      )}
      <Glossary />
      <Choice />
    </div>
  );
}

/** Which example goes through: only where pictures can be drawn is there a choice. */
function Choice() {
  const session = useSession();
  const { about, store } = session;
  const of = useAppState((state) => state.inside.of);
  const drawn = useAppState((state) => state.drawn !== null);
  if (about.kind !== "image") return <p class="hint">{WORDS.how}</p>;
  const load = (file: File): void => void bring(session, file);
  return (
    <div class="row">
      {drawn && (
        <Segments<Inside["of"]>
          label={WORDS.choice.label}
          value={of}
          choices={[
            { value: "probe", text: WORDS.choice.probe },
            { value: "drawing", text: WORDS.choice.drawing },
          ]}
          onChoose={(value) => store.dispatch({ type: "noised", inside: { of: value } })}
        />
      )}
      <FileButton label={WORDS.choice.file} onFile={load} />
      <span class="hint">{WORDS.how}</span>
    </div>
  );
}

async function bring({ backend, store, about, tellOfFile }: Session, file: File): Promise<void> {
  try {
    const { x } = await backend.upload(file);
    tellOfFile(null);
    store.dispatch({ type: "drawn", drawn: drawnText(nearestLevels(x.data, layoutOf(about))) });
    store.dispatch({ type: "noised", inside: { of: "drawing" } });
  } catch (error) {
    tellOfFile(WORDS.unread(sentenceOf(error)));
  }
}

function Head({ passage: { of, answer } }: { passage: Passage }) {
  const { about, insides } = useSession();
  const set = useNoise();
  return (
    <div class="inside-head">
      <div>
        <strong>{useName(of)}</strong>
        <p class="equation">{WORDS.equation[answer.kind]}</p>
      </div>
      {answer.kind !== "point" && (
        <div class="row">
          <Button icon="dice" onClick={() => set(insides.drawnNoise(), null)}>
            {WORDS.resample}
          </Button>
          <Button icon="reset" onClick={() => set(null, null)}>
            {WORDS.still}
          </Button>
        </div>
      )}
      {of.y && <p class="hint">{about.classes ? WORDS.condition(given(about.classes, of.y)) : WORDS.conditionOnNumbers}</p>}
    </div>
  );
}

function useName({ kind, row }: Source): string {
  const { cloud } = useSession();
  useCell(cloud.labels);
  if (row === null || kind === "probe" || kind === "drawing") return kind === "drawing" ? WORDS.source.drawing : WORDS.source.probe;
  return WORDS.source[kind](grouped(row), cloud.label(row));
}

/** Many codes of one x, decoded: what the distortion is an average over. */
function Decoded() {
  const { insides } = useSession();
  const draws = useCell(insides.draws);
  const passage = useCell(insides.passage);
  if (!draws || draws.of !== passage?.of) return null;
  const pictures = rowsOf(draws.answer.x).slice(0, SHOWN);
  return (
    <details>
      <summary>{WORDS.draws(pictures.length)}</summary>
      <ul class="draws" aria-label={WORDS.draws(pictures.length)}>
        {pictures.map((x, i) => (
          <li key={i}>
            <ExampleView values={x} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** While the panel is open, the posterior, its draws and the code are on the map. */
function usePosterior({ insides, posterior, drawnCode }: Session): void {
  useEffect(() => {
    const show = (): void => {
      const [passage, draws] = [insides.passage.value, insides.draws.value];
      drawnCode.set(passage && codeOf(passage));
      const last = posterior.value;
      if (!passage) return posterior.set(null);
      const { mean, deviation, kind } = passage.answer;
      const codes = draws?.of === passage.of ? draws.answer.z : null;
      // While only the noise changes, nothing of it has to be drawn anew.
      if (last && last.draws === codes && same(last.mean, mean) && same(last.deviation, deviation)) return;
      posterior.set({ mean: Array.from(mean), deviation: Array.from(deviation), draws: codes, gaussian: kind !== "other" });
    };
    show();
    const stops = [insides.passage.subscribe(show), insides.draws.subscribe(show)];
    return () => {
      for (const stop of stops) stop();
      posterior.set(null);
      drawnCode.set(null);
    };
  }, [insides]);
}

const same = (a: readonly number[], b: Float32Array): boolean => a.every((value, d) => value === b[d]);
