import { defineConfig, type Plugin } from "vite";

/** The runtime names its WebAssembly by an address. The file carries it in another way, so nothing is emitted for it. */
const withoutRuntime: Plugin = {
  name: "without-runtime",
  generateBundle(_, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith(".wasm")) delete bundle[name];
  },
};

/** By mode: its source and its name. */
const SCRIPTS: Readonly<Record<string, readonly [source: string, name: string]>> = {
  start: ["start.ts", "start.js"],
  runtime: ["runtime.ts", "runtime.js"],
  production: ["main.tsx", "page.js"],
};

// What exported files hold: the page as one script and one style, since such a file has no others to load, in mode
// `runtime` the script that runs ONNX beside it, and in mode `start` the one that unpacks them, which runs at once.
export default defineConfig(({ mode }) => ({
  build: {
    outDir: "../src/aevum/server/static/file",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: `src/file/${SCRIPTS[mode]![0]}`,
      output: {
        format: mode === "start" ? "iife" : "es",
        entryFileNames: SCRIPTS[mode]![1],
        assetFileNames: "page[extname]",
        codeSplitting: false,
      },
    },
  },
  plugins: [withoutRuntime],
}));
