/** The pad with its tools, for mouse, finger and keys. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { fromHex, toHex, type Rgb } from "../maths/colour";
import { IconButton, Segments } from "../parts/controls";
import { useSession } from "../session/context";
import { useCell } from "../state/cell";
import { Pad } from "./pad";
import { say } from "../words/words";

interface Props {
  readonly ground: Rgb;
  readonly onReady: (pad: Pad) => void;
  /** A stroke has begun, or goes on. */
  readonly onDrawn: (begins: boolean) => void;
  readonly onCleared: () => void;
}

type Tool = "pen" | "eraser";

const tools = () =>
  [
    { value: "pen", text: say("Pen") },
    { value: "eraser", text: say("Eraser") },
  ] as const;

/** A stroke's width as a share of the picture's: about what a pen leaves on a digit. */
const USUAL_BRUSH = 1 / 12;
const LARGE_STEP = 4;

export function DrawPad({ ground, onReady, onDrawn, onCleared }: Props) {
  const { about } = useSession();
  const pad = useRef<Pad | null>(null);
  const [tool, setTool] = useState<Tool>("pen");
  const [size, setSize] = useState(Math.max(1, Number((about.width * USUAL_BRUSH).toFixed(1))));
  const [ink, setInk] = useState<Rgb>(() => opposite(ground));
  const ready = (made: Pad): void => {
    pad.current = made;
    setInk(opposite(ground));
    onReady(made);
  };
  const stroke = (x: number, y: number): void => {
    const begins = !pad.current!.down;
    pad.current!.stroke({ x, y }, { size, colour: tool === "pen" ? ink : ground });
    onDrawn(begins);
  };
  const clear = (): void => {
    pad.current!.clear();
    onCleared();
  };
  return (
    <div class="pad">
      <Sheet ground={ground} pad={pad} size={size} onReady={ready} onStroke={stroke} />
      <div class="row tools">
        <Segments<Tool> label={say("Tool")} value={tool} choices={tools()} onChoose={setTool} />
        {about.channels >= 3 && <Colour ink={ink} onChoose={setInk} />}
        <IconButton icon="bin" label={say("Clear")} onClick={clear} />
      </div>
      <Range label={say("Brush")} min={1} max={Math.max(4, about.width / 4)} step={0.5} value={size} onSet={setSize} />
      {about.channels < 3 && (
        <Range label={say("Grey")} min={0} max={255} step={1} value={ink[0]} onSet={(part) => setInk([part, part, part])} />
      )}
    </div>
  );
}

interface SheetProps {
  readonly ground: Rgb;
  readonly pad: PadRef;
  readonly size: number;
  readonly onReady: (pad: Pad) => void;
  readonly onStroke: (x: number, y: number) => void;
}

/** What one draws on. */
function Sheet({ ground, pad, size, onReady, onStroke }: SheetProps) {
  const { about, drawing } = useSession();
  const { width, height } = about;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<Position | null>(null);
  const empty = useCell(drawing.picture) === null;
  useLayoutEffect(() => {
    const made = new Pad(canvas.current!, ground);
    made.clear();
    onReady(made);
  }, [ground.join()]);
  return (
    <div class="pad-frame">
      <canvas
        ref={canvas}
        width={width}
        height={height}
        class="pad-canvas"
        tabIndex={0}
        role="application"
        aria-label={say("Drawing pad of {width} by {height} pixels. Arrow keys move the brush, Space puts it down or lifts it.", { width, height })}
        onKeyDown={useKeys(cursor, setCursor, pad, onStroke, about)}
        onBlur={() => setCursor(null)}
        {...usePointer(canvas, pad, onStroke)}
      />
      {cursor && <Cursor {...cursor} size={size} width={width} height={height} />}
      {empty && !cursor && <span class="pad-hint">{say("Draw here")}</span>}
    </div>
  );
}

function opposite([r, g, b]: Rgb): Rgb {
  return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? [255, 255, 255] : [0, 0, 0];
}

interface InkProps {
  readonly ink: Rgb;
  readonly onChoose: (ink: Rgb) => void;
}

function Colour({ ink, onChoose }: InkProps) {
  return (
    <input
      type="color"
      aria-label={say("Colour of the pen")}
      title={say("Colour of the pen")}
      value={toHex(ink)}
      onInput={(event) => onChoose(fromHex(event.currentTarget.value))}
    />
  );
}

interface RangeProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onSet: (value: number) => void;
}

function Range({ label, onSet, ...range }: RangeProps) {
  return (
    <label class="field brush">
      <span>{label}</span>
      <input type="range" {...range} onInput={(event) => onSet(event.currentTarget.valueAsNumber)} />
    </label>
  );
}

type PadRef = { readonly current: Pad | null };

function usePointer(canvas: { current: HTMLCanvasElement | null }, pad: PadRef, stroke: (x: number, y: number) => void) {
  // One pointer draws; a second finger would draw a zigzag between both.
  const drawing = useRef<number | null>(null);
  const draw = (event: PointerEvent): void => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const [across, up] = [canvas.current!.width / width, canvas.current!.height / height];
    stroke((event.clientX - left) * across, (event.clientY - top) * up);
  };
  const lift = ({ pointerId }: PointerEvent): void => {
    if (drawing.current !== pointerId) return;
    drawing.current = null;
    pad.current?.lift();
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || (drawing.current !== null && drawing.current !== event.pointerId)) return;
      canvas.current!.setPointerCapture(event.pointerId);
      drawing.current = event.pointerId;
      draw(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (drawing.current === event.pointerId) draw(event);
    },
    onPointerUp: lift,
    onPointerCancel: lift,
    onLostPointerCapture: lift,
  };
}

interface Position {
  readonly x: number;
  readonly y: number;
  readonly down: boolean;
}

function useKeys(
  cursor: Position | null,
  setCursor: (cursor: Position | null) => void,
  pad: PadRef,
  stroke: (x: number, y: number) => void,
  { width, height }: { width: number; height: number },
) {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  return (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    const now = cursor ?? { x: width / 2, y: height / 2, down: false };
    if (!step) {
      if (now.down) pad.current?.lift();
      else stroke(now.x, now.y);
      setCursor({ ...now, down: !now.down });
      return;
    }
    const by = event.shiftKey ? LARGE_STEP : 1;
    const x = Math.min(width - 0.5, Math.max(0.5, now.x + by * step[0]));
    const y = Math.min(height - 0.5, Math.max(0.5, now.y + by * step[1]));
    if (now.down) stroke(x, y);
    setCursor({ x, y, down: now.down });
  };
}

function Cursor({ x, y, down, size, width, height }: Position & { size: number; width: number; height: number }) {
  const style = {
    left: `${(100 * x) / width}%`,
    top: `${(100 * y) / height}%`,
    width: `${(100 * size) / width}%`,
    height: `${(100 * size) / height}%`,
  };
  return <span class={`pad-cursor ${down ? "down" : ""}`} style={style} />;
}
