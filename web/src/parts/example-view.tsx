/** An example on a canvas of its own. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Values } from "../backend/arrays";
import { useSession } from "../session/context";
import { useCell } from "../state/cell";
import { drawExample, exampleSize, type Painter } from "./example";
import { colour, theme } from "./theme";

/** How this run's examples are drawn in the page's present theme. */
export function usePainter(): Painter {
  const looks = useCell(useSession().looks);
  const dressed = useCell(theme);
  const painter = useRef<{ key: unknown[]; painter: Painter } | null>(null);
  if (painter.current?.key[0] !== looks || painter.current.key[1] !== dressed) {
    const colours = { above: colour("above"), below: colour("below"), ground: colour("card"), rule: colour("rule") };
    painter.current = { key: [looks, dressed], painter: { looks, colours } };
  }
  return painter.current.painter;
}

interface Props {
  readonly values: Values | null;
  /** Without a label it is decoration: what it shows is said beside it. */
  readonly label?: string;
  readonly class?: string;
  /** Shown as large as fits into so many CSS pixels with all of the picture's pixels of one size. */
  readonly largest?: number;
}

/** So much longer than broad, all of a picture in one scale would be a line: its shorter side is stretched. */
const LONG = 8;

export function ExampleView({ values, label, class: kind, largest }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = usePainter();
  const { width, height } = exampleSize(painter.looks);
  useLayoutEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    if (values) drawExample(context, values, painter);
    else context.clearRect(0, 0, width, height);
  }, [values, painter]);
  const named = label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true };
  const shape = painter.looks.kind === "image" ? "picture" : "glyph";
  const long = shape === "picture" && Math.max(width / height, height / width) > LONG ? "long" : "";
  const scale = largest ? Math.max(1, Math.floor(largest / Math.max(width, height))) : 0;
  const style = scale ? { width: `${Math.min(largest!, scale * width)}px` } : {};
  const kinds = ["example", shape, long, kind].filter(Boolean).join(" ");
  return <canvas ref={canvas} class={kinds} width={width} height={height} style={style} {...named} />;
}
