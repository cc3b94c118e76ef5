/** The panels beside the map by their names in an address, and which models have them. */
import type { About } from "../backend/backend";

const FITS = {
  inside: ({ posterior }: About) => Boolean(posterior),
  sliders: () => true,
  training: ({ rows }: About) => rows > 0,
  morph: () => true,
  generate: () => true,
  traits: ({ rows }: About) => rows > 0,
  condition: ({ conditional }: About) => conditional,
  draw: ({ kind }: About) => kind === "image",
} as const;

/** As links of earlier versions call them. */
const EARLIER: Readonly<Record<string, string>> = { attributes: "traits" };

export function panelNow(key: string): string {
  return Object.hasOwn(EARLIER, key) ? EARLIER[key]! : key;
}

export type PanelKey = keyof typeof FITS;

export function panelFits(key: string, about: About): boolean {
  return Object.hasOwn(FITS, key) && FITS[key as PanelKey](about);
}
