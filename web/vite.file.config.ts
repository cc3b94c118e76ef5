import { defineConfig, type Plugin } from "vite";

/** The runtime names its WebAssembly by an address. The file carries it in another way, so nothing is emitted for it. */
const withoutRuntime: Plugin = {
  name: "without-runtime",
  generateBundle(_, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith(".wasm")) delete bundle[name];
  },
};

// The script and the style that exported files hold: one of each, since such a file has no others to load.
export default defineConfig({
  build: {
    outDir: "../src/aevum/server/static/file",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: "src/file/main.tsx",
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]", codeSplitting: false },
    },
  },
  plugins: [withoutRuntime],
});
