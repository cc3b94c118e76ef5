import { describe, expect, it } from "vitest";
import { byLabel } from "../src/map/colouring";
import { HIDDEN } from "../src/map/points";
import { toHex } from "../src/maths/colour";
import { otherColour } from "../src/maths/palette";

const colourAt = (packed: number): string => toHex([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255]);

describe.each([3, 12, 255, 300, 600])("of %d labels", (count) => {
  const names = Array.from({ length: count }, (_, i) => String(i));
  // The last row has none.
  const labels = Int32Array.from({ length: count + 1 }, (_, i) => (i < count ? i : -1));

  /** The row's colours, from the lowest layer to the highest. */
  function shown({ kinds, layers }: ReturnType<typeof byLabel>, row: number): (string | null)[] {
    return layers.map((layer) => layer[kinds[row]!]!).map((colour) => (colour === HIDDEN ? null : colourAt(colour)));
  }

  it("each has the colour of its legend", () => {
    const colours = byLabel(labels, names, [], "light");
    const entries = colours.legend.kind === "labels" ? colours.legend.entries : [];
    expect(entries.length).toBe(count);
    for (const { label, colour } of entries) expect(shown(colours, label)).toEqual([colour]);
    expect(shown(colours, count)).toEqual([toHex(otherColour("light"))]);
  });

  it("those that are singled out lie above all others, which are grey", () => {
    const only = [0, count - 1];
    const colours = byLabel(labels, names, only, "dark");
    const entries = colours.legend.kind === "labels" ? colours.legend.entries : [];
    const grey = toHex(otherColour("dark"));
    for (const [row, label] of labels.entries()) {
      const expected = only.includes(label) ? [null, entries[label]!.colour] : [grey, null];
      expect(shown(colours, row)).toEqual(expected);
    }
  });
});
