/** Distortion and rate as bars that add up to −ELBO, and what these words mean. */
import { fixed, short } from "../maths/format";
import { useSession } from "../session/context";
import type { Passage } from "../session/inside";
import { useCell } from "../state/cell";
import type { InsideAnswer } from "../backend/backend";
import { TERMS, meaningOf } from "../words/glossary";
import { WORDS } from "./inside-words";

const { terms, noRate } = WORDS;

export function Terms({ passage }: { passage: Passage }) {
  const { insides } = useSession();
  const draws = useCell(insides.draws);
  const { answer } = passage;
  const many = draws?.of === passage.of ? draws.answer : null;
  const rated = answer.rate !== null && answer.kind !== "point";
  const [distortion, rate] = [answer.distortion[0]!, rated ? answer.rate![0]! : 0];
  if (!Number.isFinite(distortion + rate)) return <p class="hint">{passage.of.kind === "probe" ? terms.noRow : terms.beyond}</p>;
  const unit = terms.unit[answer.unit];
  const total = distortion + rate;
  const label = rated ? terms.label(number(distortion), number(rate), number(total)) : terms.alone(number(distortion), unit);
  return (
    <section class="terms" aria-label={terms.title}>
      <Bars distortion={distortion} rate={rate} label={label} rated={rated} />
      <p class="terms-sum">
        <Term kind="distortion" name={answer.unit === "nats" ? terms.distortion : terms.squares} value={distortion} />
        {rated && (
          <>
            <span aria-hidden="true">+</span>
            <Term kind="rate" name={terms.rate} value={rate} />
            <span aria-hidden="true">=</span>
            <Term kind="total" name={terms.total} value={total} />
          </>
        )}
        <span class="hint">{unit}</span>
      </p>
      {many && rated && <Mean answer={many} />}
      {!answer.exact && <p class="hint">{noRate.estimated}</p>}
      {answer.unit !== "nats" ? <p class="hint">{noRate.squares}</p> : answer.kind === "point" && <p class="hint">{noRate.point}</p>}
    </section>
  );
}

const number = (value: number): string => (Math.abs(value) < 1000 ? fixed(value, 1) : short(value));

function Term({ kind, name, value }: { kind: string; name: string; value: number }) {
  return (
    <span class={`term ${kind}`}>
      <span>{name}</span> <strong class="number">{number(value)}</strong>
    </span>
  );
}

/** From 0 to the distortion, and from there on the rate: where that ends is −ELBO. Densities can make either negative. */
function Bars({ distortion, rate, label, rated }: { distortion: number; rate: number; label: string; rated: boolean }) {
  const total = distortion + rate;
  const [low, high] = [Math.min(0, distortion, total), Math.max(0, distortion, total)];
  const place = (value: number): number => (100 * (value - low)) / (high - low || 1);
  const from = (a: number, b: number) => ({ left: `${place(Math.min(a, b))}%`, width: `${Math.abs(place(b) - place(a))}%` });
  return (
    <div class="terms-bars" role="img" aria-label={label}>
      <span class="share distortion" style={from(0, distortion)} />
      {rated && <span class="share rate" style={from(distortion, total)} />}
      {rated && <span class="mark" style={{ left: `${place(total)}%` }} />}
    </div>
  );
}

/** One draw's −ELBO is an estimate; this is what it is one of. */
function Mean({ answer: { distortion, rate } }: { answer: InsideAnswer }) {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [d, r] = [mean(distortion), mean(rate!)];
  return (
    <p class="hint">
      {terms.sum(terms.mean(distortion.length), `${number(d)} + ${number(r)}`, <strong class="number">{number(d + r)}</strong>)}
    </p>
  );
}

export function Glossary() {
  return (
    <details class="glossary">
      <summary>{WORDS.glossary}</summary>
      <dl>
        {TERMS.map(meaningOf).map(({ name, meaning }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
