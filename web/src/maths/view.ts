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
/** Codes that are as good as one place are shown in as much of the plane as one deviation of the prior. */
const NARROWEST = 0.01;
/** A point that lies farther from the others than so many times their extent would make a speck of them. */
const FARTHEST_POINT = 3;
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

/** These bounds, or where they are a single place, ones of this size around it. */
export function widened(bounds: Bounds, across: number, up: number): Bounds {
  const [left, right] = atLeast(bounds.left, bounds.right, across);
  const [bottom, top] = atLeast(bounds.bottom, bounds.top, up);
  return { left, right, bottom, top };
}

function atLeast(low: number, high: number, size: number): [number, number] {
  if (high - low > NARROWEST * size) return [low, high];
  const middle = (low + high) / 2;
  return [middle - size / 2, middle + size / 2];
}

/** These bounds and a point outside of them, this share of all away from the edge, unless it is far away. */
export function including(bounds: Bounds, { u, v }: Point, share: number): Bounds {
  const { left, right, bottom, top } = bounds;
  const [width, height] = [right - left, top - bottom];
  const outside = Math.max((left - u) / width, (u - right) / width, (bottom - v) / height, (v - top) / height);
  if (!(outside > 0 && outside <= FARTHEST_POINT)) return bounds;
  const [low, high] = reaching(left, right, u, share);
  const [lower, upper] = reaching(bottom, top, v, share);
  return { left: low, right: high, bottom: lower, top: upper };
}

function reaching(low: number, high: number, value: number, share: number): [number, number] {
  const room = (share / (1 - share)) * (Math.max(high, value) - Math.min(low, value));
  if (value < low) return [value - room, high];
  return [low, value > high ? value + room : high];
}

export interface Exit {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
}

/**
 * Where the way from the map's middle to a point that is off the map leaves it, so far from its edges, of which those on
 * the right and below may need more room; null for a point that is on it.
 */
export function exitTo(frame: Frame, { u, v }: Point, inset: number, end = inset): Exit | null {
  const [x, y] = [screenX(frame, u), screenY(frame, v)];
  const { width, height } = frame;
  if (x >= 0 && x <= width && y >= 0 && y <= height) return null;
  const [dx, dy] = [x - width / 2, y - height / 2];
  const room = (half: number, d: number): number => (half - (d > 0 ? end : inset)) / Math.abs(d);
  const reach = Math.min(room(width / 2, dx), room(height / 2, dy));
  return { x: width / 2 + reach * dx, y: height / 2 + reach * dy, angle: Math.atan2(dy, dx) };
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
