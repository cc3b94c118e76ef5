import { defineConfig } from "vitest/config";

// The build is committed and compared with a fresh one, so its files have plain names and nothing in them depends on
// the machine: no hashes, no source maps, no file inlined by its size.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/aevum/server/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: { entryFileNames: "app.js", chunkFileNames: "[name].js", assetFileNames: "app[extname]" },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
