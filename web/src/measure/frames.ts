/** How fast the map draws points, measured with its own code on a canvas as large as the map's. */
import { gridIndex } from "../maths/grid-index";
import { labelColours } from "../maths/palette";
import { quantile } from "../maths/percentile";
import { normal, seeded } from "../maths/random";
import { fitted, frameOf, zoomed, type View } from "../maths/view";
import { byLabel } from "../map/colouring";
import { PointLayer, type Points } from "../map/point-layer";

export interface FrameTimes {
  readonly points: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Milliseconds between frames, as the browser showed them. */
  readonly median: number;
  readonly percentile95: number;
  readonly longest: number;
  /** Milliseconds of a frame that drawing the points took. */
  readonly drawing: number;
}

const KINDS = 10;
const DURATION = 2000;
const WARM_UP = 10;

export async function frames(count: number, milliseconds = DURATION): Promise<FrameTimes> {
  const plot = document.querySelector<HTMLElement>(".plot")!;
  const canvas = document.createElement("canvas");
  canvas.className = "measured";
  plot.append(canvas);
  const { clientWidth: width, clientHeight: height } = plot;
  const layer = new PointLayer(canvas);
  layer.resize(width, height, devicePixelRatio);
  const times = await run(layer, synthetic(count), width, height, milliseconds);
  canvas.remove();
  return { points: count, width, height, ...times };
}

/** Zooms in to eight times and out again, each second. */
async function run(layer: PointLayer, points: Points, width: number, height: number, milliseconds: number) {
  const fit = fitted(points.grid.bulk, width, height, 1);
  // The first frames wait for the browser to take up the new canvas and to compile the loops.
  for (let i = 0; i < WARM_UP; i++) {
    layer.draw(points, frameOf(fit, width, height, 1));
    await nextFrame();
  }
  const start = await nextFrame();
  const [between, drawing]: [number[], number[]] = [[], []];
  for (let last = start; last - start < milliseconds; ) {
    const factor = 8 ** (0.5 - 0.5 * Math.cos((2 * Math.PI * (last - start)) / 1000));
    const view: View = zoomed(fit, frameOf(fit, width, height, 1), width * 0.45, height * 0.55, factor, fit);
    const begun = performance.now();
    layer.draw(points, frameOf(view, width, height, 1));
    drawing.push(performance.now() - begun);
    const now = await nextFrame();
    between.push(now - last);
    last = now;
  }
  const at = (values: number[], share: number): number => quantile(Float32Array.from(values).sort(), share);
  return {
    frames: between.length,
    median: at(between, 0.5),
    percentile95: at(between, 0.95),
    longest: at(between, 1),
    drawing: at(drawing, 0.5),
  };
}

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** Clusters such as a model's classes make. */
function synthetic(count: number): Points {
  const uniform = seeded(1);
  const [xs, ys, labels] = [new Float32Array(count), new Float32Array(count), new Int32Array(count)];
  for (let i = 0; i < count; i++) {
    const kind = Math.floor(uniform() * KINDS);
    labels[i] = kind;
    xs[i] = 1.6 * Math.cos(kind * 2.4) * Math.sqrt(kind / KINDS) + 0.35 * normal(uniform);
    ys[i] = 1.6 * Math.sin(kind * 2.4) * Math.sqrt(kind / KINDS) + 0.35 * normal(uniform);
  }
  const grid = gridIndex(xs, ys);
  const names = labelColours(KINDS, "light").map((_, i) => String(i));
  const { kinds, layers } = byLabel(labels, names, [], "light");
  return { grid, layers, kinds: Uint8Array.from(grid.order, (row) => kinds[row]!) };
}
