/** How rate and distortion pull at some rows' codes, while a copy of the model learns: arrows over the map. */
import { LENGTH, onScreen, pulled, type Arrow } from "../maths/arrows";
import { screenX, screenY, type Frame } from "../maths/view";
import { useAppState, useSession } from "../session/context";
import { useCell } from "../state/cell";
import { isOpen } from "../session/training";
import type { Scene } from "./scene";

/** Of an arrow's head, and shorter arrows have none. */
const [HEAD, SHORT] = [5, 3];

export function Pulls({ scene }: { scene: Scene }) {
  const { training } = useSession();
  const active = useCell(training.active);
  const arrows = useCell(training.arrows);
  const open = useAppState(isOpen);
  return active && arrows && open ? <Arrows scene={scene} /> : null;
}

function Arrows({ scene }: { scene: Scene }) {
  const { about, training } = useSession();
  const framed = useCell(scene.framed);
  const shown = useCell(training.lesson, (lesson) => lesson?.shown ?? null);
  const plane = useAppState((state) => state.plane);
  if (!framed || !shown) return null;
  const { rate, distortion, unit } = pulled(plane, about, shown);
  return (
    <svg class="inset pulls" viewBox={`0 0 ${framed.frame.width} ${framed.frame.height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="halo" d={`${pathOf(distortion, unit, framed.frame)}${pathOf(rate, unit, framed.frame)}`} />
      <path class="distortion" d={pathOf(distortion, unit, framed.frame)} />
      <path class="rate" d={pathOf(rate, unit, framed.frame)} />
    </svg>
  );
}

function pathOf(arrows: readonly Arrow[], unit: number, frame: Frame): string {
  return arrows.map((arrow) => arrowPath(arrow, unit, frame)).join("");
}

function arrowPath({ from, by }: Arrow, unit: number, frame: Frame): string {
  const [x, y] = [screenX(frame, from.u), screenY(frame, from.v)];
  const [dx, dy] = onScreen(by, unit, frame.pixelsU, frame.pixelsV);
  const long = Math.hypot(dx, dy);
  const inside = x > -2 * LENGTH && y > -2 * LENGTH && x < frame.width + 2 * LENGTH && y < frame.height + 2 * LENGTH;
  if (long < 1 || !inside) return "";
  const tip = [x + dx, y + dy] as const;
  const shaft = `M${x.toFixed(1)} ${y.toFixed(1)}L${tip[0].toFixed(1)} ${tip[1].toFixed(1)}`;
  if (long < SHORT) return shaft;
  const [ux, uy, head] = [dx / long, dy / long, Math.min(HEAD, long / 2)];
  const barb = (side: number): string =>
    `${(tip[0] - head * (ux - side * 0.6 * uy)).toFixed(1)} ${(tip[1] - head * (uy + side * 0.6 * ux)).toFixed(1)}`;
  return `${shaft}M${barb(1)}L${tip[0].toFixed(1)} ${tip[1].toFixed(1)}L${barb(-1)}`;
}
