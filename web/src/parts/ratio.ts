/** Tells when a CSS pixel is another number of device pixels: after a zoom, or on another screen. */
export function followRatio(changed: () => void): () => void {
  let query: MediaQueryList;
  const listen = (): void => {
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", look, { once: true });
  };
  const look = (): void => {
    listen();
    changed();
  };
  listen();
  return () => query.removeEventListener("change", look);
}
