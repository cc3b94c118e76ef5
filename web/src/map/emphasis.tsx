/** The rows of an attribute's groups on the map, bright over a veil, with the outlines that were drawn around them. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { fromHex, packed } from "../maths/colour";
import { WITH, WITHOUT } from "../maths/directions";
import type { GridIndex } from "../maths/grid-index";
import type { Plane, Point } from "../maths/plane";
import { tintOf } from "../maths/tints";
import { screenX, screenY, type Frame } from "../maths/view";
import { colour, theme } from "../parts/theme";
import { useAppState, useSession } from "../session/context";
import { SIDES, freeSlot, isLassoed, type Attribute, type Side } from "../state/attributes";
import { useCell } from "../state/cell";
import { samePlane } from "./lasso";
import { PointLayer } from "./point-layer";
import { HIDDEN } from "./points";
import type { Framed, Scene } from "./scene";
import { say } from "../words/words";

/** Half of what an outline's name takes. */
const NAME = 28;

interface Outline {
  readonly side: Side;
  readonly points: readonly Point[];
}

/** The groups of each of the grid's points as bits, and the groups' colours; null for one that stays in the dark. */
interface Bright {
  readonly kinds: Uint8Array;
  readonly colours: Readonly<Record<Side, string | null>>;
}

interface Emphasised {
  readonly bright: Bright | null;
  readonly outlines: readonly Outline[];
  readonly tint: string;
}

export function Emphasis({ scene }: { scene: Scene }) {
  const framed = useCell(scene.framed);
  const drawing = useDrawing();
  const shown = useShown(framed?.grid ?? null);
  const emphasised = drawing ?? shown;
  if (!framed || !emphasised) return null;
  const { bright, outlines, tint } = emphasised;
  return (
    <>
      {bright && <BrightPoints framed={framed} bright={bright} />}
      <svg class="inset outlines" viewBox={`0 0 ${framed.frame.width} ${framed.frame.height}`} preserveAspectRatio="none" aria-hidden="true" style={{ "--tint": tint }}>
        {outlines.map((outline) => (
          <Drawn key={outline.side} frame={framed.frame} {...outline} />
        ))}
      </svg>
    </>
  );
}

function BrightPoints({ framed, bright }: { framed: Framed; bright: Bright }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<PointLayer | null>(null);
  const { frame, ratio, grid } = framed;
  useLayoutEffect(() => {
    layer.current = new PointLayer(canvas.current!);
    layer.current.resize(frame.width, frame.height, ratio);
  }, [frame.width, frame.height, ratio]);
  useLayoutEffect(() => {
    const { kinds, colours } = bright;
    const layers = [table(WITHOUT, colours.without), table(WITH, colours.with)];
    layer.current!.draw(grid && { grid, kinds, layers }, frame);
  }, [framed, bright]);
  return <canvas ref={canvas} class="inset bright" aria-hidden="true" />;
}

/** The colour of each kind of point: this one for kinds with the bit. */
function table(bit: number, shown: string | null): Int32Array {
  const value = shown === null ? HIDDEN : packed(fromHex(shown)) & 0xffffff;
  return Int32Array.from({ length: 256 }, (_, kind) => (kind & bit ? value : HIDDEN));
}

function Drawn({ frame, side, points }: Outline & { frame: Frame }) {
  const places = points.map(({ u, v }) => [screenX(frame, u), screenY(frame, v)] as const);
  const corners = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
  return (
    <g class={`outline ${side}`}>
      <polygon points={corners} />
      <text x={within(middle, NAME, frame.width - NAME)} y={within(Math.min(...ys) - 7, 14, frame.height - 6)}>
        {side === "with" ? say("with") : say("without")}
      </text>
    </g>
  );
}

const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** While a group is lassoed: the points inside so far, and the outline of its other group. */
function useDrawing(): Emphasised | null {
  const { lassoing } = useSession();
  const task = useCell(lassoing.task);
  const drawn = useCell(lassoing.drawn);
  const attributes = useAppState((state) => state.attributes);
  const plane = useAppState((state) => state.plane);
  const dressed = useCell(theme);
  return useMemo(() => {
    if (!task) return null;
    const tint = tintOf(task.slot ?? freeSlot(attributes), dressed);
    const attribute = attributes.list.find(({ slot }) => slot === task.slot);
    const others = outlinesOf(attribute, plane).filter(({ side }) => side !== task.side);
    if (!drawn) return { bright: null, outlines: others, tint };
    const colours = { with: task.side === "with" ? tint : colour("ink"), without: null };
    const outlines = [...others, { side: task.side, points: drawn.outline }];
    return { bright: { kinds: drawn.inside, colours }, outlines, tint };
  }, [task, drawn, attributes, plane, dressed]);
}

/** The attribute that is to be seen, as long as its panel is open. */
function useShown(grid: GridIndex | null): Emphasised | null {
  const { directions } = useSession();
  const found = useCell(directions.found);
  const slot = useAppState((state) => (state.panel === "traits" ? state.attributes.shown : null));
  const plane = useAppState((state) => state.plane);
  const dressed = useCell(theme);
  const one = found?.list.find(({ attribute }) => attribute.slot === slot);
  const members = one?.members;
  const kinds = useMemo(() => (members && grid ? inOrder(members, grid) : null), [members, grid]);
  return useMemo(() => {
    if (!one || !kinds || slot === null) return null;
    const tint = tintOf(slot, dressed);
    const colours = { with: tint, without: one.attribute.without === "others" ? null : colour("ink") };
    return { bright: { kinds, colours }, outlines: outlinesOf(one.attribute, plane), tint };
  }, [one, kinds, slot, plane, dressed]);
}

/** The outlines of its groups that were drawn on this plane. */
function outlinesOf(attribute: Attribute | undefined, plane: Plane): Outline[] {
  return SIDES.flatMap((side) => {
    const group = attribute?.[side];
    return group && isLassoed(group) && samePlane(group.plane, plane) ? [{ side, points: group.outline }] : [];
  });
}

function inOrder(members: Uint8Array, { order }: GridIndex): Uint8Array {
  const kinds = new Uint8Array(order.length);
  for (let i = 0; i < order.length; i++) kinds[i] = members[order[i]!] ?? 0;
  return kinds;
}
