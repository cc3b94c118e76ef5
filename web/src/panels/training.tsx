/** Training that can be watched and held: a copy of the model learns on from its weights. */
import { LENGTH, pulled } from "../maths/arrows";
import { plain } from "../maths/curves";
import { fixed, grouped, short } from "../maths/format";
import { Button, IconButton, Segments, Toggle } from "../parts/controls";
import { NumberField } from "../parts/number-field";
import { useAppState, useSession } from "../session/context";
import { markOf, type Lesson, type Pace } from "../session/training";
import { useCell } from "../state/cell";
import { useGesture } from "../state/gesture";
import { MOST_BETA, betaAt, placeOf } from "../state/teaching";
import { say } from "../words/words";
import { Charts } from "./training-charts";
import { Strip } from "./training-strip";
import "../styles/training.css";

export function TrainingPanel() {
  const { training } = useSession();
  const lesson = useCell(training.lesson);
  const why = useCell(training.why);
  if (!lesson) {
    return (
      <p class="hint" role="status">
        {why === null ? say("Copying the model …") : say("This model does not learn on here: {why}.", { why: why.replace(/\.$/, "") })}
      </p>
    );
  }
  return (
    <div class="training">
      <Controls lesson={lesson} />
      {why !== null && (
        <p class="warning" role="alert">
          {why}
        </p>
      )}
      <Numbers lesson={lesson} />
      <Charts lesson={lesson} />
      <ArrowsLegend lesson={lesson} />
      <Strip lesson={lesson} />
      <Notes lesson={lesson} />
    </div>
  );
}

function Controls({ lesson: { now } }: { lesson: Lesson }) {
  const { training } = useSession();
  const playing = useCell(training.playing);
  const pace = useCell(training.pace);
  return (
    <div class="training-controls">
      <div class="row">
        <Button icon={playing ? "pause" : "play"} onClick={() => (playing ? training.pause() : training.play())}>
          {playing ? say("Pause") : say("Play")}
        </Button>
        <Button disabled={playing} onClick={() => void training.once()}>
          {say("Step")}
        </Button>
        <Segments<Pace>
          label={say("At once")}
          value={pace}
          choices={[
            { value: "step", text: say("1 step"), title: say("One step of the optimizer, on one batch") },
            { value: "epoch", text: say("1 epoch"), title: say("Once over the rows: {steps} steps", { steps: now.stepsPerEpoch }) },
            { value: "epochs", text: "10", title: say("Ten epochs") },
          ]}
          onChoose={(value) => training.pace.set(value)}
        />
        <IconButton icon="reset" label={say("Back to the run’s weights")} onClick={() => void training.restart()} />
      </div>
      {now.weighsRate && <Beta now={now} />}
      <Switches now={now} />
    </div>
  );
}

function Beta({ now }: { now: Lesson["now"] }) {
  const { store } = useSession();
  const beta = useAppState((state) => state.teaching.beta) ?? now.ownBeta;
  const gesture = useGesture("beta");
  const set = (value: number, name: string | null): void => {
    const kept = Math.min(MOST_BETA, Math.max(0, value));
    store.dispatch({ type: "taught", teaching: { beta: kept === now.ownBeta ? null : kept } }, name);
  };
  return (
    <div class="beta">
      <label for="beta">β</label>
      <input
        id="beta"
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={placeOf(beta)}
        aria-label={say("Weight β of the rate")}
        aria-valuetext={short(beta)}
        onPointerDown={gesture.begin}
        onFocus={gesture.begin}
        onInput={(event) => set(betaAt(event.currentTarget.valueAsNumber), gesture.name)}
      />
      <NumberField value={beta} most={MOST_BETA} label={say("Weight β of the rate, value")} onSet={(value) => set(value, null)} />
    </div>
  );
}

function Switches({ now }: { now: Lesson["now"] }) {
  const { store, training } = useSession();
  const noise = useAppState((state) => state.teaching.noise);
  const beta = useAppState((state) => state.teaching.beta) ?? now.ownBeta;
  const arrows = useCell(training.arrows);
  return (
    <div class="row">
      {now.weighsRate &&
        (beta > 0 ? (
          <Button onClick={() => training.takeAway()}>{say("Take the KL away")}</Button>
        ) : (
          <Button onClick={() => training.putBack()}>{say("Put the KL back")}</Button>
        ))}
      {now.hasNoise && (
        <Toggle
          on={noise}
          title={say("Off: ε = 0 and no rate, an auto-encoder of the same networks")}
          onToggle={(on) => store.dispatch({ type: "taught", teaching: { noise: on } })}
        >
          {say("Noise σ·ε")}
        </Toggle>
      )}
      <Toggle on={arrows} title={say("Arrows on the map: how some rows’ codes are pulled")} onToggle={(on) => training.arrows.set(on)}>
        {say("Pulls")}
      </Toggle>
    </div>
  );
}

const number = (value: number): string => (Math.abs(value) < 1000 ? fixed(value, 1) : short(value));

/** The terms now; told to those who do not see them when the copy rests. */
function Numbers({ lesson: { now } }: { lesson: Lesson }) {
  const { training } = useSession();
  const playing = useCell(training.playing);
  const mark = markOf(now);
  const values = {
    epoch: fixed(mark.epoch, mark.step % now.stepsPerEpoch ? 2 : 0),
    step: grouped(now.step),
    distortion: number(now.noise || !now.sigma ? now.distortion : now.still),
    rate: number(now.rate),
    total: number(now.distortion + now.rate),
  };
  const rated = now.hasRate;
  const told = !rated ? say("Epoch {epoch}: distortion {distortion} nats", values)
    : !now.noise ? say("Epoch {epoch}: distortion {distortion} nats without noise", values)
    : say("Epoch {epoch}: distortion {distortion} plus rate {rate} are {total} nats", values); // prettier-ignore
  return (
    <>
      <p class="terms-sum">
        <span>{say("Epoch {epoch}, step {step}", values)}</span>
        <Term kind="distortion" name={say("distortion")} value={values.distortion} />
        {rated && now.noise && <span aria-hidden="true">+</span>}
        {rated && <Term kind="rate" name={now.noise ? say("rate") : say("rate, not in the loss")} value={values.rate} />}
        {rated && now.noise && (
          <>
            <span aria-hidden="true">=</span>
            <Term kind="total" name={say("−ELBO")} value={values.total} />
          </>
        )}
        <span class="hint">{say("nats")}</span>
      </p>
      <p class="unseen" role="status" aria-label={say("Training")}>
        {playing ? say("Learning …") : told}
      </p>
    </>
  );
}

function Term({ kind, name, value }: { kind: string; name: string; value: string }) {
  return (
    <span class={`term ${kind}`}>
      <span>{name}</span> <strong class="number">{value}</strong>
    </span>
  );
}

function ArrowsLegend({ lesson: { shown, now } }: { lesson: Lesson }) {
  const { about, training } = useSession();
  const plane = useAppState((state) => state.plane);
  if (!useCell(training.arrows)) return null;
  const { unit } = pulled(plane, about, shown);
  return (
    <p class="hint pulls-legend">
      <span>{say("Pulls on the map:")}</span>
      <span class="key distortion">{say("of the distortion")}</span>
      {now.hasRate && <span class="key rate">{say("of the rate, times β")}</span>}
      <span>
        {say("Arrows as long as these bars are pulls of so many nats per unit of z:")}{" "}
        <span class="key-length" style={{ width: `${LENGTH / 2}px` }} /> {plain(unit / 4)}{" "}
        <span class="key-length" style={{ width: `${LENGTH}px` }} /> {plain(unit)}
      </span>
    </p>
  );
}

function Notes({ lesson: { now } }: { lesson: Lesson }) {
  const { about } = useSession();
  const count = grouped(now.rows);
  const all = now.rows === about.rows;
  return (
    <div class="hint notes">
      <p>
        {all
          ? say("A copy of the model learns on from its weights, on all {count} rows and by the objective of its fit. The run stays as it is: leave this panel, and map and picture are the run’s again.", { count })
          : say("A copy of the model learns on from its weights, on {count} of the {all} rows, which alone are on the map now, and by the objective of its fit. The run stays as it is: leave this panel, and map and picture are the run’s again.", { count, all: grouped(about.rows) })}
      </p>
      <p>
        {say("Its learning rate stays at the peak of the fit’s, {rate}, so that the terms lie a little above where the fit had cooled down.", { rate: short(now.learningRate) })}
      </p>
      {!now.weighsRate && <p>{say("β has no place here: the objective of this model has no rate that it could weigh.")}</p>}
      {!now.hasNoise && <p>{say("A code of this model is a point: there is no σ, and no noise that could be taken away.")}</p>}
      {now.objective === "ImportanceWeightedBound" && (
        <p>{say("What is minimised is the importance-weighted bound, of which the terms shown, those of the ELBO, are no parts: the pulls need not balance.")}</p>
      )}
    </div>
  );
}
