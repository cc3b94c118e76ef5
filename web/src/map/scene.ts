/**
 * The map as layers of canvases: what the model makes of each place, the points, and the marks over them. Each is drawn
 * again only when something that it shows has changed, at most once a frame.
 */
import { fromHex } from "../maths/colour";
import { nearest, nearestAnywhere } from "../maths/grid-index";
import type { Theme } from "../maths/palette";
import { aspect, place, type Point } from "../maths/plane";
import {
  bounded,
  fitted,
  frameOf,
  including,
  pointAt,
  widened,
  type Bounds,
  type Frame,
  type View,
} from "../maths/view";
import type { Painter } from "../parts/example";
import type { Session, Snapshot } from "../session/session";
import { Cell } from "../state/cell";
import type { State } from "../state/state";
import { arrowsOf } from "./arrows";
import { coloursOf, type Colours, type Legend } from "./colouring";
import { CrowdWatch, columnShown } from "./crowd-watch";
import { LatticeLayer } from "./lattice-layer";
import { LiveLayer } from "./live-layer";
import { bare, gaussianOf, marksOf, priorOf } from "./marks";
import { drawOverlay, type Gutters, type Ink, type Marks } from "./overlay";
import { PointLayer, type Points } from "./point-layer";
import { around, gridOf, pointsOf } from "./ready";
import { pictureOf } from "./snapshot";
import { ALL, Thinner, type Drawn } from "./thinning";

export interface Layers {
  readonly lattice: HTMLCanvasElement;
  readonly points: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
  readonly live: SVGSVGElement;
}

/** From the costliest to draw to the cheapest. */
type Part = "points" | "overlay" | "live";

export interface Dress {
  readonly theme: Theme;
  readonly ink: Ink;
  readonly accent: string;
  readonly painter: Painter;
}

const REACH = 14;
/** Where there are no points, what the prior draws nearly all of. */
const PRIOR_DEVIATIONS = 3.2;
/** CSS pixels to the map's edge of a probe that is outside of the points: in a corner are the buttons that zoom. */
const PROBE_ROOM = 72;

/** What the map has drawn last, for what lies over it. */
export interface Framed {
  readonly frame: Frame;
  /** Device pixels of a CSS pixel. */
  readonly ratio: number;
  readonly grid: Points["grid"] | null;
}

export class Scene {
  readonly legend = new Cell<Legend>({ kind: "none" });
  readonly framed = new Cell<Framed | null>(null);
  /** One of how many points is drawn: over a lattice they leave room for it. */
  readonly among = new Cell(1);
  #session: Session;
  #lattice: LatticeLayer;
  #points: PointLayer;
  #overlay: HTMLCanvasElement;
  #live: LiveLayer;
  #dress: Dress;
  #gutters: Gutters = { left: 0, bottom: 0 };
  #size = { width: 1, height: 1, ratio: 1 };
  #grid: Points["grid"] | null = null;
  /** Where points have been since all were shown last: the map stays while they move. */
  #bulk: Bounds | null = null;
  /** Where the probe was then. */
  #start: Point;
  #ready: Points | null = null;
  readonly #thinner = new Thinner();
  readonly #crowd = new CrowdWatch(() => this.#redraw("overlay"));
  #colours: Colours | null = null;
  #dirty: Record<Part, boolean> = { points: true, overlay: true, live: true };
  #scheduled = 0;
  #stops: (() => void)[] = [];

  constructor(session: Session, layers: Layers, dress: Dress) {
    this.#session = session;
    this.#dress = dress;
    this.#start = this.#probe;
    this.#overlay = layers.overlay;
    this.#live = new LiveLayer(layers.live);
    this.#points = new PointLayer(layers.points);
    const arrived = (): void => this.#redraw("points");
    this.#lattice = new LatticeLayer(layers.lattice, session, () => this.#dress.painter, arrived);
    this.#listen();
    this.#place();
  }

  /** The map's frame without the axes' gutters, in CSS pixels. */
  get frame(): Frame {
    const { width, height } = this.#size;
    return frameOf(this.view, width, height, this.aspect);
  }

  get view(): View {
    const { view } = this.#state;
    return view ? bounded(view, this.fit) : this.fit;
  }

  get fit(): View {
    const { width, height } = this.#size;
    return fitted(this.#bounds(), width, height, this.aspect);
  }

  get aspect(): number {
    const { oneScale, about } = this.#session;
    const { plane } = this.#state;
    return oneScale.value && plane.kind !== "line" ? 1 : aspect(plane, about);
  }

  get #state(): State {
    return this.#session.store.state.value;
  }

  resize(width: number, height: number, ratio: number, gutters: Gutters): void {
    const [w, h] = [Math.max(1, width - gutters.left), Math.max(1, height - gutters.bottom)];
    this.#size = { width: w, height: h, ratio };
    this.#gutters = gutters;
    this.#points.resize(w, h, ratio);
    for (const [canvas, across, up] of [
      [this.#overlay, width, height],
      [this.#lattice.canvas, w, h],
    ] as const) {
      canvas.width = Math.round(across * ratio);
      canvas.height = Math.round(up * ratio);
    }
    this.#redraw("points");
  }

  dressAs(dress: Dress): void {
    this.#dress = dress;
    this.#lattice.clear();
    this.#colour();
  }

  /** The row of the point at these pixels, or −1. */
  rowAt(x: number, y: number, reach = REACH): number {
    if (!this.#grid || !this.#state.layers.includes("points")) return -1;
    const { frame } = this;
    const { u, v } = pointAt(frame, x, y);
    return nearest(this.#grid, u, v, reach / frame.pixelsU, this.aspect);
  }

  /** The row whose point is nearest to the probe; −1 without points. */
  rowAtProbe(): number {
    const { u, v } = this.#probe;
    // How far up a point is spread out on a line says nothing: no height is a distance.
    const tall = this.#state.plane.kind === "line" ? Infinity : this.aspect;
    return this.#grid ? nearestAnywhere(this.#grid, u, v, tall) : -1;
  }

  /** Adds a place to the trail; a new one begins where a new gesture does. */
  leaveTrail(point: Point, begins: boolean): void {
    if (begins) this.#live.clear();
    this.#live.extend(this.frame, point);
  }

  clearTrail(): void {
    this.#live.clear();
  }

  /** Forgets where points have been: what shows all of them is found anew. */
  refit(): void {
    this.#bulk = this.#grid?.count ? this.#grid.bulk : null;
    this.#start = this.#probe;
    this.#redraw("points");
  }

  /** The map as a picture of its own. */
  readonly snapshot: Snapshot = ({ ratio, size, codes, law, caption }) => {
    const { about } = this.#session;
    const { width, height } = size ?? this.#size;
    const { plane, layers, view } = this.#state;
    const fit = fitted(this.#bounds(), width, height, this.aspect);
    const grid = codes && gridOf(plane, about, codes);
    const marks = this.#marks();
    const points = grid && this.#colours ? pointsOf(grid, this.#colours) : this.#ready;
    const frame = frameOf(view ? bounded(view, fit) : fit, width, height, this.aspect);
    return pictureOf({
      frame,
      gutters: this.#gutters,
      size: { width, height, ratio },
      ...(codes && layers.includes("points") ? { points, ...ALL } : this.#shown(points, frame)),
      lattice: layers.includes("lattice") && !codes ? this.#lattice.canvas : null,
      marks: codes ? bare(marks, law && layers.includes("prior") ? priorOf(plane, about, law) : marks.prior) : marks,
      ink: this.#dress.ink,
      probe: codes ? null : this.#probe,
      trail: codes ? [] : this.#live.trail,
      accent: this.#dress.accent,
      legend: this.legend.value,
      only: this.#state.only,
      caption: caption ?? null,
    });
  };

  stop(): void {
    cancelAnimationFrame(this.#scheduled);
    this.#crowd.stop();
    for (const stop of this.#stops) stop();
  }

  #listen(): void {
    const { columns, directions, readings, training } = this.#session;
    const { store, cloud, inspection, morphing, posterior, drawnCode, sown, oneScale, looks, evolution, described, laws } = this.#session;
    const overlay = (): void => this.#redraw("overlay");
    let last = store.state.value;
    this.#stops = [
      store.state.subscribe((state) => {
        const before = last;
        last = state;
        this.#follow(before, state);
      }),
      cloud.codes.subscribe(() => this.#place()),
      cloud.labels.subscribe(() => this.#colour()),
      cloud.values.subscribe(() => this.#colour()),
      columns.changed.subscribe(() => this.#colour()),
      directions.found.subscribe(overlay),
      readings.bySlot.subscribe(overlay),
      cloud.scores.subscribe(() => this.#colour()),
      inspection.row.subscribe(() => this.#redraw("live")),
      morphing.walk.subscribe(overlay),
      posterior.subscribe(overlay),
      sown.subscribe(overlay),
      oneScale.subscribe(() => this.#redraw("points")),
      drawnCode.subscribe(() => this.#redraw("live")),
      looks.subscribe(() => this.#lattice.clear()),
      // The lattice is decoded by another model, and axes say what they carry.
      evolution.model.subscribe(() => this.#redraw("points")),
      training.active.subscribe(() => this.#renewed()),
      training.playing.subscribe((plays) => plays || this.#renewed()),
      described.subscribe(overlay),
      laws.law.subscribe(overlay),
    ];
  }

  /** Other weights decode the lattice; where a copy that learned is left, points are back where they were. */
  #renewed(): void {
    this.#lattice.clear();
    if (this.#session.training.active.value) this.#redraw("points");
    else this.refit();
  }

  #follow(before: State, state: State): void {
    if (state.plane !== before.plane) {
      this.#live.clear();
      this.#lattice.clear();
      this.#bulk = null;
      this.#start = this.#probe;
      this.#place();
    } else if (state.colour !== before.colour || state.only !== before.only) {
      this.#colour();
    }
    const seen = state.view !== before.view || state.layers !== before.layers;
    // The lattice lies on the plane through z: it changes with what the plane does not show of z, and with y.
    const lattice = state.layers.includes("lattice") && (state.z !== before.z || state.y !== before.y);
    const overlay = state.morph !== before.morph || state.panel !== before.panel;
    this.#redraw(seen || lattice ? "points" : overlay ? "overlay" : "live");
  }

  #place(): void {
    const codes = this.#session.cloud.codes.value;
    if (codes) {
      this.#grid = gridOf(this.#state.plane, this.#session.about, codes);
      this.#bulk = this.#bulk ? around(this.#bulk, this.#grid.bulk) : this.#grid.bulk;
    }
    this.#colour();
  }

  #colour(): void {
    const { about, cloud } = this.#session;
    if (this.#state.colour === "score") cloud.wantScores();
    const column = columnShown(this.#session);
    const known = { labels: cloud.labels.value, values: cloud.values.value, scores: cloud.scores.value, column };
    this.#colours = coloursOf(about, known, this.#state, this.#dress.theme);
    this.#ready = this.#grid && pointsOf(this.#grid, this.#colours);
    this.legend.set(this.#colours.legend);
    this.#redraw("points");
  }

  #marks(): Marks {
    const { density, names: classNames } = this.#crowd.marks;
    const arrows = arrowsOf(this.#session, this.#state, this.#dress.theme);
    return { ...marksOf(this.#session, this.#state), density, classNames, arrows };
  }

  #redraw(what: Part): void {
    this.#dirty[what] = true;
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { frame } = this;
    const { layers, plane } = this.#state;
    if (this.#dirty.points) {
      this.#lattice.draw(frame, plane, layers.includes("lattice"), layers.includes("points"));
      const { points, among, halo } = this.#shown(this.#ready, frame);
      this.among.set(among);
      this.#points.draw(points, frame, halo);
    }
    if (this.#dirty.points || this.#dirty.overlay) {
      const context = this.#overlay.getContext("2d")!;
      context.setTransform(this.#size.ratio, 0, 0, this.#size.ratio, 0, 0);
      this.#crowd.look(this.#session, this.#grid, frame, this.legend.value);
      drawOverlay(context, frame, this.#gutters, this.#marks(), this.#dress.ink);
      this.#live.place(frame);
      this.#session.frame.set(frame);
      this.framed.set({ frame, ratio: this.#size.ratio, grid: this.#grid });
    }
    this.#live.draw(frame, { probe: this.#probe, hovered: this.#hovered, drawn: this.#drawn });
    this.#dirty = { points: false, overlay: false, live: false };
  }

  /** What is drawn of these points, and how: over a lattice fewer of them, with a rim of the page's colour. */
  #shown(all: Points | null, frame: Frame): Drawn {
    const { layers } = this.#state;
    if (!all || !layers.includes("points")) return { points: null, ...ALL };
    if (!layers.includes("lattice")) return { points: all, ...ALL };
    const { points, among } = this.#thinner.of(all, frame);
    return { points, among, halo: fromHex(this.#dress.ink.paper) };
  }

  get #probe(): Point {
    return place(this.#state.plane, this.#session.about, this.#state.z);
  }

  get #drawn(): Point | null {
    const code = this.#session.drawnCode.value;
    return code && place(this.#state.plane, this.#session.about, code);
  }

  get #hovered(): Point | null {
    const code = this.#session.cloud.code(this.#session.inspection.row.value);
    return code && place(this.#state.plane, this.#session.about, code);
  }

  /** Of the points, or without them of what the prior draws; and of the probe. */
  #bounds(): Bounds {
    const { about } = this.#session;
    const { mean, covariance: spread } = gaussianOf(this.#state.plane, about, about.prior);
    const around = PROBE_ROOM / Math.max(2 * PROBE_ROOM, Math.min(this.#size.width, this.#size.height));
    const [across, up] = [Math.sqrt(spread.uu) || 1, Math.sqrt(spread.vv) || 1];
    if (this.#grid?.count && this.#bulk) return including(widened(this.#bulk, across, up), this.#start, around);
    const [du, dv] = [PRIOR_DEVIATIONS * across, PRIOR_DEVIATIONS * up];
    const drawn = { left: mean.u - du, right: mean.u + du, bottom: mean.v - dv, top: mean.v + dv };
    return including(drawn, this.#start, around);
  }
}
