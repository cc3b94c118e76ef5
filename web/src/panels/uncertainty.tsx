/** Draws from the posterior of the drawn picture, and where they differ. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { packed } from "../maths/colour";
import { short } from "../maths/format";
import { sequential } from "../maths/palette";
import { deviationPicture, layoutOf } from "../maths/pixels";
import { Button } from "../parts/controls";
import { ExampleView } from "../parts/example-view";
import { theme } from "../parts/theme";
import { useSession } from "../session/context";
import type { Resampled } from "../session/drawing";
import { useCell } from "../state/cell";
import { say } from "../words/words";

const SHOWN = 11;

export function Uncertainty() {
  const { drawing } = useSession();
  const encoded = useCell(drawing.encoded);
  const resampled = useCell(drawing.resampled);
  if (!encoded) return null;
  const certain = encoded.deviation.every((deviation) => deviation === 0);
  if (certain) return <p class="hint">{say("This model encodes to a point: there is no posterior to draw from.")}</p>;
  return (
    <div class="uncertainty">
      <Button icon="dice" onClick={() => void drawing.resample()}>
        {say("Resample from the posterior")}
      </Button>
      {resampled && <Draws resampled={resampled} />}
    </div>
  );
}

function Draws({ resampled }: { resampled: Resampled }) {
  const { about } = useSession();
  const spread = deviationPicture(resampled.pictures, layoutOf(about));
  const most = spread.reduce((largest, value) => Math.max(largest, value), 0);
  return (
    <>
      <ul class="draws" aria-label={say("Draws, decoded")}>
        {resampled.pictures.slice(0, SHOWN).map((x, i) => (
          <li key={i}>
            <ExampleView values={x} />
          </li>
        ))}
        <li>
          <HeatView values={spread} most={most} />
        </li>
      </ul>
      <p class="hint">
        {say("Last: the deviation of each pixel over {count} draws, at most {most} of {range}.", {
          count: resampled.pictures.length,
          most: short(most),
          range: short(layoutOf(about).limits[1] - layoutOf(about).limits[0]),
        })}
      </p>
    </>
  );
}

function HeatView({ values, most }: { values: Float32Array; most: number }) {
  const { about } = useSession();
  const dressed = useCell(theme);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const scale = Uint32Array.from(sequential("dark"), packed);
    const image = new ImageData(about.width, about.height);
    const pixels = new Uint32Array(image.data.buffer);
    values.forEach((value, i) => (pixels[i] = scale[Math.round((255 * value) / (most || 1))]!));
    canvas.current!.getContext("2d")!.putImageData(image, 0, 0);
  }, [values, dressed]);
  return (
    <canvas
      ref={canvas}
      class="example picture"
      width={about.width}
      height={about.height}
      role="img"
      aria-label={say("Deviation of each pixel, at most {most}", { most: short(most) })}
    />
  );
}
