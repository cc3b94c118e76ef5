/** Draw or bring a picture: where the model puts it, what it makes of it, and how unusual it finds it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sentenceOf, type About } from "../backend/backend";
import type { Rgb } from "../maths/colour";
import { layoutOf, levelsOf, nearestLevels, writePixels } from "../maths/pixels";
import type { Values } from "../backend/arrays";
import { Button, FileButton } from "../parts/controls";
import { dropTarget } from "../parts/drop";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import type { Session } from "../session/session";
import { useCell } from "../state/cell";
import { drawnText } from "../state/drawn";
import { useGesture } from "../state/gesture";
import { DrawPad } from "./draw-pad";
import { Uncertainty } from "./uncertainty";
import { ScoreView } from "./score-view";
import { Pad, groundOf } from "./pad";
import { say } from "../words/words";
import "../styles/draw.css";

export function DrawPanel() {
  const session = useSession();
  const { about, store } = session;
  const stroke = useGesture("stroke");
  const [pad, setPad] = useState<Pad | null>(null);
  usePosterior(session);
  const keep = useDrawn(pad);
  const changed = (begins: boolean): void => {
    if (begins) stroke.begin();
    keep(levelsOf(pad!.rgba, layoutOf(about)), stroke.name);
  };
  const bring = (values: Values): void => {
    store.dispatch({ type: "drawn", drawn: drawnText(nearestLevels(values, layoutOf(about))) });
  };
  const bringDecoded = (): void => {
    const decoded = session.decoding.picture.value;
    if (decoded) bring(decoded.x);
  };
  // Ink on paper for a model of light on a dark ground.
  const invert = (): void => {
    store.dispatch({ type: "drawn", drawn: drawnText(levelsOf(pad!.rgba, layoutOf(about)).map((level) => 255 - level)) });
  };
  const clear = (): void => store.dispatch({ type: "drawn", drawn: null });
  const load = useFile(bring);
  usePaste(load);
  return (
    <div class="draw" {...dropTarget(load)}>
      <div class="draw-pair">
        <DrawPad ground={useGround()} onReady={setPad} onDrawn={changed} onCleared={clear} />
        <Reconstruction onDecoded={bringDecoded} onFile={load} onInvert={about.channels === 4 ? null : invert} />
      </div>
      <ScoreView />
      <Uncertainty />
    </div>
  );
}

/** The pad shows the state's picture, and what is drawn on it is kept there by the function that is returned. */
function useDrawn(pad: Pad | null): (levels: Uint8Array, gesture: string) => void {
  const { about, store, drawing } = useSession();
  const drawn = useAppState((state) => state.drawn);
  const shown = useRef<string | null>(null);
  useLayoutEffect(() => {
    // A pad that was just made is empty.
    shown.current = null;
  }, [pad]);
  useLayoutEffect(() => {
    if (!pad || drawn === shown.current) return;
    shown.current = drawn;
    if (drawing.picture.value) pad.show(rgbaOf(drawing.picture.value, about));
    else pad.clear();
  }, [pad, drawn]);
  return (levels, gesture) => {
    shown.current = drawnText(levels);
    store.dispatch({ type: "drawn", drawn: shown.current }, gesture);
  };
}

interface ReconstructionProps {
  readonly onDecoded: () => void;
  readonly onFile: (file: File) => void;
  /** Null where a picture has an opacity, which has no opposite. */
  readonly onInvert: (() => void) | null;
}

/** What the model makes of the picture, and other pictures to begin with. */
function Reconstruction({ onDecoded, onFile, onInvert }: ReconstructionProps) {
  const session = useSession();
  const encoded = useCell(session.drawing.encoded);
  const picture = useCell(session.drawing.picture);
  return (
    <figure class="reconstruction">
      <ExampleView class="thumb" values={encoded?.reconstruction ?? null} label={say("Reconstruction")} />
      <figcaption class="hint">{say("Reconstruction")}</figcaption>
      <Button icon="target" disabled={!encoded} onClick={() => session.move(encoded!.mean)}>
        {say("Go there")}
      </Button>
      <Button icon="pencil" onClick={onDecoded}>
        {say("Draw on the decoded")}
      </Button>
      <FileButton label={say("Picture …")} onFile={onFile} />
      <span class="hint">{say("or drop or paste one")}</span>
      {onInvert && (
        <Button icon="contrast" disabled={!picture} onClick={onInvert}>
          {say("Invert")}
        </Button>
      )}
    </figure>
  );
}

/** Only while the panel is open is its posterior on the map. */
function usePosterior({ drawing, posterior }: Session): void {
  useEffect(() => {
    const show = (): void => posterior.set(drawing.encoded.value);
    show();
    const stop = drawing.encoded.subscribe(show);
    return () => {
      stop();
      posterior.set(null);
    };
  }, [drawing]);
}

/** The colour of the rim of the first decoded picture: most pictures of the data have it. */
function useGround(): Rgb {
  const { about, decoding, drawing } = useSession();
  const picture = useCell(decoding.picture);
  if (picture) drawing.ground ??= groundOf(rgbaOf(picture.x, about), about.width, about.height);
  return drawing.ground ?? [0, 0, 0];
}

function rgbaOf(values: Values, about: About): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * about.width * about.height);
  writePixels(values, layoutOf(about), rgba);
  return rgba;
}

/** Reads a file into the pad by the backend's own rules for pictures. */
function useFile(bring: (values: Values) => void): (file: Blob) => void {
  const { backend, tellOfFile } = useSession();
  const newest = useRef(0);
  return (file) => {
    const asked = ++newest.current;
    backend.upload(file).then(
      ({ x }) => {
        if (asked !== newest.current) return;
        tellOfFile(null);
        bring(x.data);
      },
      (error) => tellOfFile(say("The picture could not be read: {why}", { why: sentenceOf(error) })),
    );
  };
}

function usePaste(load: (file: Blob) => void): void {
  const newest = useRef(load);
  newest.current = load;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const file = event.clipboardData?.files[0];
      if (file) newest.current(file);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}
