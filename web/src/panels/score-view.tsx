/** How unusual the drawn picture is, among the scores of the data's rows. */
import { useEffect } from "preact/hooks";
import { percent, short } from "../maths/format";
import { histogram, quantile, shareBelow } from "../maths/percentile";
import { Told } from "../parts/explained";
import { useSession } from "../session/context";
import { useCell } from "../state/cell";
import { told, say } from "../words/words";

const BINS = 40;
const [WIDTH, HEIGHT] = [200, 36];

export function ScoreView() {
  const { about, drawing, cloud } = useSession();
  const picture = useCell(drawing.picture);
  const score = useCell(drawing.score);
  const scores = useCell(cloud.scores);
  useEffect(() => {
    if (picture) cloud.wantScores();
  }, [picture !== null]);
  if (!picture) return null;
  const sorted = scores?.sorted;
  // Far from all data a posterior may be so wide that nothing can be computed with it.
  const beyond = score !== null && !Number.isFinite(score);
  const compared = sorted && score !== null && !beyond && comparison(shareBelow(sorted, score), about.score.higher);
  return (
    <div class="score">
      <p>
        <span class="hint">
          <Told word={about.score.name}>{told(about.score.name)}</Told>
        </span>{" "}
        <strong class="number">{score === null ? "…" : short(score)}</strong> <span class="hint">
          <Told word={about.score.unit}>{told(about.score.unit)}</Told>
        </span>
        {compared && (
          <span>
            {say(", ")}
            {compared}
          </span>
        )}
        {beyond && <span>{say(", beyond what can be computed: the model knows nothing like this picture")}</span>}
      </p>
      {sorted && score !== null && !beyond && <Histogram sorted={sorted} score={score} />}
    </div>
  );
}

/** The share of the rows that score lower, in words; "higher" says what a higher score means. */
function comparison(share: number, higher: string): string {
  const unusual = { higher: told(higher), share: percent(share) };
  if (share > 0.9995) return say("{higher} than all of the rows", unusual);
  return share < 0.0005 ? say("{higher} than none of the rows", unusual) : say("{higher} than {share} of the rows", unusual);
}

/** The rows' scores, and where this one stands. */
function Histogram({ sorted, score }: { sorted: Float32Array; score: number }) {
  const [low, high] = [quantile(sorted, 0.002), quantile(sorted, 0.998)];
  const counts = histogram(sorted, low, high, BINS);
  const tallest = Math.max(...counts, 1);
  const step = WIDTH / BINS;
  const place = Math.min(WIDTH - 1.5, Math.max(1.5, ((score - low) / (high - low || 1)) * WIDTH));
  return (
    <svg class="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {counts.map((count, i) => (
        <rect
          key={i}
          x={i * step + 0.25}
          y={HEIGHT - (HEIGHT - 4) * (count / tallest)}
          width={step - 0.5}
          height={(HEIGHT - 4) * (count / tallest)}
        />
      ))}
      <line x1={place} x2={place} y1="0" y2={HEIGHT} />
    </svg>
  );
}
