/** The map: the data as the model sees it, and the probe that is moved over it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { grouped, percent } from "../maths/format";
import { axisNames } from "../maths/plane";
import { IconButton } from "../parts/controls";
import { usePainter } from "../parts/example-view";
import { followRatio } from "../parts/ratio";
import { colour, theme } from "../parts/theme";
import { useAppState, useSession } from "../session/context";
import type { Session } from "../session/session";
import { useCell } from "../state/cell";
import { HoverCard } from "./card";
import { Epochs, Renewing } from "./epochs";
import { Emphasis } from "./emphasis";
import { Find } from "./find";
import { listen } from "./gestures";
import { enlargement } from "./large";
import { Lasso } from "./lasso-pad";
import { Legend } from "./legend";
import type { Gutters, Ink } from "./overlay";
import { Pulls } from "./pulls";
import { Scene, type Dress } from "./scene";
import { Steering } from "./steering";
import { Toolbar } from "./toolbar";
import { say, told } from "../words/words";

const GUTTERS: Gutters = { left: 52, bottom: 42 };

interface Made {
  readonly scene: Scene;
  readonly steering: Steering;
}

function useDress(): Dress {
  const painter = usePainter();
  const ink: Ink = {
    text: colour("ink"),
    soft: colour("soft"),
    rule: colour("edge"),
    paper: colour("paper"),
    second: colour("second"),
    alarm: colour("bad"),
  };
  return { theme: theme.value, ink, accent: colour("accent"), painter };
}

interface MapProps {
  readonly label?: string;
  /** In the place of the toolbar. */
  readonly head?: preact.ComponentChildren;
}

export function LatentMap({ label = say("Map"), head }: MapProps) {
  const session = useSession();
  const plot = useRef<HTMLDivElement>(null);
  const lattice = useRef<HTMLCanvasElement>(null);
  const points = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const live = useRef<SVGSVGElement>(null);
  const [made, setMade] = useState<Made | null>(null);
  const dress = useDress();
  useLayoutEffect(() => {
    const layers = { lattice: lattice.current!, points: points.current!, overlay: overlay.current!, live: live.current! };
    const scene = new Scene(session, layers, dress);
    const steering = new Steering(session, scene);
    setMade({ scene, steering });
    session.snapshot.set(scene.snapshot);
    const strip = furnish(plot.current!, live.current!, session, scene, steering);
    return () => {
      session.snapshot.set(null);
      session.frame.set(null);
      strip();
    };
  }, [session]);
  useLayoutEffect(() => made?.scene.dressAs(dress), [made, dress.painter]);
  const mode = made && <Mode steering={made.steering} plot={plot} />;
  return (
    <section class="map surface" aria-label={label}>
      {head ?? <Toolbar steering={made?.steering ?? null} />}
      <div class="stage">
        <Plot plot={plot} name={label} steering={made?.steering ?? null}>
          <canvas ref={lattice} class="inset" aria-hidden="true" />
          <canvas ref={points} class="inset" aria-hidden="true" />
          {made && <Emphasis scene={made.scene} />}
          <canvas ref={overlay} aria-hidden="true" />
          {made && <Pulls scene={made.scene} />}
          <svg ref={live} class="inset live" preserveAspectRatio="none" aria-hidden="true" />
        </Plot>
        <Waiting />
        <Find />
        {made && <Lasso scene={made.scene} steering={made.steering} />}
        {made && <HoverCard steering={made.steering} left={GUTTERS.left} />}
        {made && <Zoom steering={made.steering} />}
      </div>
      {made && <Legend legend={made.scene.legend} among={made.scene.among} />}
      <Epochs />
      {mode}
    </section>
  );
}

interface PlotProps {
  readonly name: string;
  readonly plot: { current: HTMLDivElement | null };
  readonly steering: Steering | null;
  readonly children: preact.ComponentChildren;
}

function Plot({ plot, name, steering, children }: PlotProps) {
  const { about } = useSession();
  const plane = useAppState((state) => state.plane);
  const [across, up] = axisNames(plane, about);
  return (
    <div
      ref={plot}
      class="plot"
      role="application"
      aria-roledescription={say("map")}
      aria-label={say("{name} of the latent space: {across} to the right, {up} upwards. Arrow keys move the probe.", { name, across, up })}
      tabIndex={0}
      onKeyDown={(event) => {
        if (steering?.key(event)) event.preventDefault();
      }}
    >
      {children}
    </div>
  );
}

/** The scene follows the element's size, and gestures on it. */
function furnish(plot: HTMLElement, live: SVGElement, { store }: Session, scene: Scene, steering: Steering): () => void {
  const large = (): number => enlargement(store.state.value);
  const fit = (): void => {
    const [width, height] = [plot.clientWidth / large(), plot.clientHeight / large()];
    live.setAttribute("viewBox", `0 0 ${Math.max(1, width - GUTTERS.left)} ${Math.max(1, height - GUTTERS.bottom)}`);
    scene.resize(width, height, devicePixelRatio * large(), GUTTERS);
  };
  let last = large();
  const refit = store.state.subscribe(() => {
    if (large() !== last) fit();
    last = large();
  });
  const observer = new ResizeObserver(fit);
  observer.observe(plot);
  const unfollow = followRatio(fit);
  fit();
  const stop = listen(
    plot,
    (event) => {
      const { left, top } = plot.getBoundingClientRect();
      return { x: (event.clientX - left) / large() - GUTTERS.left, y: (event.clientY - top) / large() };
    },
    steering,
  );
  return () => {
    observer.disconnect();
    refit();
    unfollow();
    stop();
    scene.stop();
  };
}

/** The pointer's shape tells what dragging does. */
function Mode({ steering, plot }: { steering: Steering; plot: { current: HTMLElement | null } }) {
  const mode = useCell(steering.mode);
  useLayoutEffect(() => void plot.current?.setAttribute("data-mode", mode), [mode]);
  return null;
}

function Waiting() {
  const { about, cloud } = useSession();
  const come = useCell(cloud.come);
  const complete = useCell(cloud.complete);
  if (about.rows === 0) {
    const why = (about.no_data === null ? say("there are no rows to show") : told(about.no_data)).replace(/[.。\s]*$/, "");
    return <p class="stage-note">{say("{why}.", { why: why[0]!.toUpperCase() + why.slice(1) })} {say("The map shows the prior instead.")}</p>;
  }
  if (complete) return <Renewing />;
  return <Loading come={come} rows={about.rows} />;
}

/** Said at quarters, so that whoever hears it is not told all the time. */
const SAID = 4;

function Loading({ come, rows }: { come: number; rows: number }) {
  const share = come / rows;
  const told = say("Encoding rows: {come} of {rows}", { come: grouped(come), rows: grouped(rows) });
  return (
    <div class="stage-note loading" aria-busy="true">
      <span>{told}</span>
      <progress max={rows} value={come} aria-label={say("Rows encoded so far")} />
      <span class="unseen" role="status">
        {say("Encoding {rows} rows: {share}", { rows: grouped(rows), share: percent(Math.floor(share * SAID) / SAID) })}
      </span>
    </div>
  );
}

function Zoom({ steering }: { steering: Steering }) {
  return (
    <div class="zoom" role="group" aria-label={say("Zoom")}>
      <IconButton icon="plus" label={say("Zoom in")} keys="+" onClick={() => steering.zoomBy(1.5)} />
      <IconButton icon="minus" label={say("Zoom out")} keys="−" onClick={() => steering.zoomBy(1 / 1.5)} />
      <IconButton icon="fit" label={say("Show all")} keys="0" onClick={() => steering.showAll()} />
    </div>
  );
}
