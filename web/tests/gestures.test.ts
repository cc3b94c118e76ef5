import { expect, it, vi } from "vitest";
import { listen, type Place } from "../src/map/gestures";

/** An element on which fingers are put by their numbers. */
function touched() {
  const element = Object.assign(new EventTarget(), { setPointerCapture: () => undefined, closest: () => null });
  const meant = {
    panning: () => false,
    probe: vi.fn(),
    lifted: vi.fn(),
    pan: vi.fn(),
    zoom: vi.fn(),
    point: vi.fn(),
    open: vi.fn(),
    tap: vi.fn(),
  };
  const place = (event: MouseEvent): Place => ({ x: event.clientX, y: event.clientY });
  listen(element as unknown as HTMLElement, place, meant);
  const finger = (type: string, pointerId: number, clientX = 0, clientY = 0): void => {
    const about = { pointerId, pointerType: "touch", button: 0, clientX, clientY };
    element.dispatchEvent(Object.assign(new Event(type), about));
  };
  return { meant, finger };
}

it("one finger moves the probe, two move and zoom the map", () => {
  const { meant, finger } = touched();
  finger("pointerdown", 1, 100, 100);
  finger("pointermove", 1, 110, 100);
  expect(meant.probe.mock.calls).toEqual([[{ x: 100, y: 100 }, true], [{ x: 110, y: 100 }, false]]);
  finger("pointerdown", 2, 210, 100);
  expect(meant.lifted.mock.calls).toEqual([[false]]);
  finger("pointermove", 2, 310, 100);
  expect(meant.pan).toHaveBeenLastCalledWith(50, 0);
  expect(meant.zoom).toHaveBeenLastCalledWith({ x: 210, y: 100 }, 2);
  finger("pointerup", 2, 310, 100);
  finger("pointermove", 1, 0, 0);
  expect(meant.probe).toHaveBeenCalledTimes(2);
});

it("a third finger does nothing", () => {
  const { meant, finger } = touched();
  finger("pointerdown", 1, 100, 100);
  finger("pointerdown", 2, 200, 100);
  finger("pointerdown", 3, 500, 500);
  finger("pointermove", 3, 600, 500);
  expect(meant.probe).toHaveBeenCalledTimes(1);
  expect(meant.pan).not.toHaveBeenCalled();
  finger("pointermove", 2, 300, 100);
  expect(meant.zoom).toHaveBeenLastCalledWith({ x: 200, y: 100 }, 2);
  finger("pointerup", 3, 600, 500);
  finger("pointermove", 2, 200, 100);
  expect(meant.zoom).toHaveBeenLastCalledWith({ x: 150, y: 100 }, 0.5);
});
