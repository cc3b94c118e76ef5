/** Light or dark: as the system has it, or as the reader chose, remembered in this browser. */
import type { Theme } from "../maths/palette";
import { Cell } from "../state/cell";

const KEY = "aevum-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export const theme = new Cell<Theme>(current());

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // A frame without storage follows the system.
    return null;
  }
}

function current(): Theme {
  const choice = chosen();
  return choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  theme.set(current());
}

export function followTheme(): void {
  apply();
  dark.addEventListener("change", apply);
}

export function toggleTheme(): void {
  const next = current() === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, next);
    apply();
  } catch {
    document.documentElement.dataset.theme = next;
    theme.set(next);
  }
}

/** A colour of the style sheet, for canvases. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
