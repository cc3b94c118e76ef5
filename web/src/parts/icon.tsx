/** The page's signs, drawn as lines on a square of twenty. */

const PATHS = {
  undo: "M8 4 4 8l4 4M4 8h8a4 4 0 0 1 0 8H8",
  redo: "m12 4 4 4-4 4M16 8H8a4 4 0 0 0 0 8h4",
  link: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1",
  check: "m4 10.5 4 4 8-9",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 1.8v1.7M10 16.5v1.7M1.8 10h1.7M16.5 10h1.7M4.2 4.2l1.2 1.2M14.6 14.6l1.2 1.2M4.2 15.8l1.2-1.2M14.6 5.4l1.2-1.2",
  moon: "M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3Z",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM13 13l4 4",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  fit: "M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13",
  reset: "M4.5 4v3.5H8M4.7 7.4A6.3 6.3 0 1 1 3.7 11",
  dice: "M4 4h12v12H4zM7.3 7.3h.01M12.7 7.3h.01M10 10h.01M7.3 12.7h.01M12.7 12.7h.01",
  play: "M6.5 4.5v11l9-5.5z",
  pause: "M6.5 4.5v11M13.5 4.5v11",
  upload: "M10 13V3.5M6 7.5l4-4 4 4M3.5 13.5v3h13v-3",
  pencil: "M12.8 4.2 15.8 7.2 7 16H4v-3zM11 6l3 3",
  bin: "M4 6h12M8 6V4h4v2M5.5 6l.8 10.5h7.4L14.5 6M8.5 9v4.5M11.5 9v4.5",
  swap: "M4 7h11M12 4l3 3-3 3M16 13H5M8 10l-3 3 3 3",
  target: "M10 4.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM10 9.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6Z",
  contrast: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM10 3.5v13M10 6h3.8M10 8.7h6M10 11.3h6M10 14h3.8",
  columns: "M3 4h6v12H3zM11 4h6v12h-6z",
  share: "M13.5 6.5 6.5 10l7 3.5M15.5 3.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM4.5 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM15.5 12.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  download: "M10 3.5V13M6 9l4 4 4-4M3.5 13.5v3h13v-3",
  copy: "M7 7h9v9.5H7zM13 7V3.5H4V13h3",
  lasso: "M10 3c4 0 7 1.8 7 4.2s-3 4.3-7 4.3-7-1.9-7-4.3S6 3 10 3ZM6.8 11.2c-1.6.4-2.3 1.6-1.6 2.6.8 1.1 2.8.7 3-.7.1-.8-.3-1.4-.9-1.8M6 14.3c.2 1.5-.3 2.5-1.2 3.2",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM10 7.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6Z",
  back: "m12 4-6 6 6 6",
  forward: "m8 4 6 6-6 6",
  flag: "M5.5 17V3.5M5.5 4h9.5l-2.2 3.3L15 10.5H5.5",
  close: "m5 5 10 10M15 5 5 15",
  warning: "M10 3 18 16.5H2zM10 8v4M10 14.3h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
