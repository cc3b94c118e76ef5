/** What part of the plane the map shows. A view does not know the map's size, so that it can be shared in a link. */
import type { Point } from "./plane";

export interface View {
  readonly u: number;
  readonly v: number;
  /** How many of the horizontal axis's units the map's shorter side shows. */
  readonly span: number;
}

/** A view on a map of this many pixels. Pixels grow downwards, the plane upwards. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly pixelsU: number;
  readonly pixelsV: number;
  readonly originX: number;
  readonly originY: number;
}

export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

const MARGIN = 1.08;
export const CLOSEST = 1e-3;
export const FARTHEST = 50;

export function frameOf(view: View, width: number, height: number, aspect: number): Frame {
  const pixelsU = Math.max(1, Math.min(width, height)) / view.span;
  const pixelsV = pixelsU / aspect;
  return {
    width,
    height,
    pixelsU,
    pixelsV,
    originX: width / 2 - view.u * pixelsU,
    originY: height / 2 + view.v * pixelsV,
  };
}

export const screenX = (frame: Frame, u: number): number => frame.originX + u * frame.pixelsU;
export const screenY = (frame: Frame, v: number): number => frame.originY - v * frame.pixelsV;

export function pointAt(frame: Frame, x: number, y: number): Point {
  return { u: (x - frame.originX) / frame.pixelsU, v: (frame.originY - y) / frame.pixelsV };
}

export function boundsOf(frame: Frame): Bounds {
  const topLeft = pointAt(frame, 0, 0);
  const bottomRight = pointAt(frame, frame.width, frame.height);
  return { left: topLeft.u, right: bottomRight.u, bottom: bottomRight.v, top: topLeft.v };
}

/** The view that shows all of this, with a margin. */
export function fitted(bounds: Bounds, width: number, height: number, aspect: number): View {
  const shorter = Math.max(1, Math.min(width, height));
  const spanU = ((bounds.right - bounds.left) * shorter) / Math.max(1, width);
  const spanV = ((bounds.top - bounds.bottom) * shorter) / Math.max(1, height) / aspect;
  return {
    u: (bounds.left + bounds.right) / 2,
    v: (bounds.bottom + bounds.top) / 2,
    span: Math.max(spanU, spanV, 1e-12) * MARGIN,
  };
}

/** The view, neither closer nor farther than makes sense where this one shows all. */
export function bounded(view: View, fit: View): View {
  const span = Math.min(Math.max(view.span, fit.span * CLOSEST), fit.span * FARTHEST);
  return span === view.span ? view : { ...view, span };
}

/** Closer by this factor, with the point under these pixels staying there. */
export function zoomed(view: View, frame: Frame, x: number, y: number, factor: number, fit: View): View {
  const { span } = bounded({ ...view, span: view.span / factor }, fit);
  const real = view.span / span;
  const at = pointAt(frame, x, y);
  return { u: at.u + (view.u - at.u) / real, v: at.v + (view.v - at.v) / real, span };
}

export function panned(view: View, frame: Frame, dx: number, dy: number): View {
  return { ...view, u: view.u - dx / frame.pixelsU, v: view.v + dy / frame.pixelsV };
}

/** The view moved so that this point can be seen, or as it is where it can. */
export function showing(view: View, frame: Frame, point: Point, inset: number): View {
  const { left, right, bottom, top } = boundsOf(frame);
  const [du, dv] = [inset / frame.pixelsU, inset / frame.pixelsV];
  const u = Math.max(0, point.u - (right - du)) + Math.min(0, point.u - (left + du));
  const v = Math.max(0, point.v - (top - dv)) + Math.min(0, point.v - (bottom + dv));
  return u || v ? { ...view, u: view.u + u, v: view.v + v } : view;
}
