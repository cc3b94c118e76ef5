/** Files that the page hands to the browser to be saved, and text for the clipboard. */
import { say } from "../words/words";

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Browsers read it after the click, some of them late.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(say("the picture is too large for this browser")))));
  });
}

/** Rejects where the browser does not let the page copy. */
export async function copy(text: string): Promise<void> {
  if (!navigator.clipboard) throw new Error(say("the browser does not let the page copy"));
  await navigator.clipboard.writeText(text);
}

export function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
