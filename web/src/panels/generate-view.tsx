/** One run's grid of decoded codes, each with the nearest row and its score; what classes are met, and one line of numbers. */
import { useEffect, useMemo } from "preact/hooks";
import type { About } from "../backend/backend";
import { given, grouped, percent, short } from "../maths/format";
import { Told } from "../parts/explained";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import type { Judged } from "../session/generating";
import { useCell, type Cell } from "../state/cell";
import type { State } from "../state/state";
import { countsOf, isStandard, reached, sentence, type Met } from "./generate-told";
import { WORDS } from "./generate-words";
import { told, say } from "../words/words";
import "../styles/generate.css";

/** More classes than these make no bars that can be read. */
const MOST_CLASSES = 20;
const HEIGHT = 34;

/** By the settings of this state, which may be another run's. */
export function GenerateView({ lead }: { lead: Cell<State> }) {
  const { about, generating } = useSession();
  const found = useCell(generating.found);
  const judged = useCell(generating.judged);
  const y = useAppState((state) => state.y);
  useFollowing(lead);
  const law = !about.can_sample ? WORDS.law.none : isStandard(about) ? WORDS.law.standard : WORDS.law.other;
  const own = judged?.of === found ? judged : null;
  return (
    <div class="generate">
      <p class="hint">
        {law} <Reached /> {about.classes && y && WORDS.under(given(about.classes, y))}
      </p>
      {found && (
        <>
          <ul class="grid" aria-label={WORDS.grid}>
            {found.pictures.map((x, i) => (
              <li key={i}>
                <ExampleView values={x} label={WORDS.picture(i + 1, scoreText(judged, about, i))} />
                <Nearest judged={judged} i={i} />
              </li>
            ))}
          </ul>
          {judged && <Findings judged={judged} waits={own === null} />}
          {!judged && <p class="hint">{WORDS.waiting}</p>}
        </>
      )}
    </div>
  );
}

/** How much of where the rows are N(0, I) can reach. */
function Reached() {
  const { cloud } = useSession();
  const codes = useCell(cloud.codes);
  const complete = useCell(cloud.complete);
  const share = useMemo(() => (codes && complete ? reached(codes) : null), [codes, complete]);
  return <>{share !== null && WORDS.reached(percent(share))}</>;
}

/** Only while it is shown are codes decoded, and on the map. */
function useFollowing(lead: Cell<State>): void {
  const { generating, sown } = useSession();
  useEffect(() => {
    const show = (): void => {
      const { box } = lead.value.generate;
      const codes = generating.found.value?.codes ?? null;
      sown.set(codes || box ? { codes, box } : null);
    };
    const stops = [generating.follow(lead), generating.found.subscribe(show), lead.subscribe(show)];
    show();
    return () => {
      for (const stop of stops) stop();
      sown.set(null);
    };
  }, [lead, generating]);
}

function scoreText(judged: Judged | null, { score }: About, i: number): string | null {
  const value = judged?.scores?.[i];
  return value === undefined ? null : `${told(score.name)} ${short(value)}`;
}

function Nearest({ judged, i }: { judged: Judged | null; i: number }) {
  const { cloud } = useSession();
  const near = judged?.nearest?.[i];
  const score = judged?.scores?.[i];
  return (
    <div class="nearest">
      {near && <ExampleView values={near.x} label={WORDS.nearest(grouped(near.row), cloud.knownLabel(near.row))} />}
      {score !== undefined && <span class="number">{short(score)}</span>}
    </div>
  );
}

function Findings({ judged, waits }: { judged: Judged; waits: boolean }) {
  const session = useSession();
  const { about, cloud, generating } = session;
  const usual = useCell(generating.usual);
  const labels = useCell(cloud.labels);
  const classes = useMemo(() => (labels ? countsOf(about, labels, judged) : null), [labels, judged]);
  return (
    <div class="findings" aria-busy={waits}>
      <p role="status">{sentence(about, judged, usual, classes)}</p>
      {classes && classes.length <= MOST_CLASSES && <Counts classes={classes} count={judged.nearest!.length} />}
      <p class="hint">
        {judged.scores && (
          <>
            <Told word={about.score.name}>{told(about.score.name)}</Told>, <Told word={about.score.unit}>{told(about.score.unit)}</Told>.{" "}
          </>
        )}
        {judged.nearest && WORDS.how} {!judged.scores && about.kind === "table" && WORDS.unscored}
      </p>
    </div>
  );
}

/** Of each class two bars: its share of the pictures, and of the data. */
function Counts({ classes, count }: { classes: readonly Met[]; count: number }) {
  const most = Math.max(...classes.map(({ drawn, data }) => Math.max(drawn, data)), 1e-9);
  const size = (share: number): string => `${(HEIGHT * share) / most}px`;
  const label = classes.map(({ name, drawn, data }) => WORDS.share(name, percent(drawn), percent(data))).join(say("; "));
  return (
    <figure class="counts">
      <div class="counts-bars" role="img" aria-label={WORDS.listed(WORDS.counts(String(count)), label)}>
        {classes.map(({ name, drawn, data }) => (
          <div key={name} title={WORDS.share(name, percent(drawn), percent(data))}>
            <span class="pair" style={{ height: `${HEIGHT}px` }}>
              <span class="drawn" style={{ height: size(drawn) }} />
              <span class="data" style={{ height: size(data) }} />
            </span>
            <span class="name">{name}</span>
          </div>
        ))}
      </div>
      <figcaption class="hint">
        <span class="key drawn" /> {WORDS.key.drawn} <span class="key data" /> {WORDS.key.data}
      </figcaption>
    </figure>
  );
}
