import { defineConfig, type Plugin } from "vite";

/** The runtime names its WebAssembly by an address. The file carries it in another way, so nothing is emitted for it. */
const withoutRuntime: Plugin = {
  name: "without-runtime",
  generateBundle(_, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith(".wasm")) delete bundle[name];
  },
};

// What exported files hold: the page as one script and one style, since such a file has no others to load, and in mode
// `runtime` the script that runs ONNX beside it.
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
      input: mode === "runtime" ? "src/file/runtime.ts" : "src/file/main.tsx",
      output: {
        entryFileNames: mode === "runtime" ? "runtime.js" : "page.js",
        assetFileNames: "page[extname]",
        codeSplitting: false,
      },
    },
  },
  plugins: [withoutRuntime],
}));
