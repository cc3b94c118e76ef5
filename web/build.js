/**
 * `npm run build [-- --outDir FOLDER]`: the served page in the folder, and in its folder file/ what exported files are
 * made of: script, what unpacks it, style, the page around them, and for networks that need it the runtime's script and
 * .wasm.gz.
 *
 * The build is committed and compared with a fresh one. So the runtime is packed by a library of a pinned version and
 * not by node's own zlib, which gives other bytes in other releases of node.
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzip } from "pako";
import { build } from "vite";

const options = { outDir: { type: "string" }, emptyOutDir: { type: "boolean" } };
const { values } = parseArgs({ options });
const web = fileURLToPath(new URL(".", import.meta.url));
const folder = resolve(web, values.outDir ?? "../src/aevum/server/static");

async function page(configFile, outDir, more = {}) {
  await build({ root: web, configFile: join(web, configFile), ...more, build: { outDir, emptyOutDir: true, ...more.build } });
}

await page("vite.config.ts", folder);
await page("vite.file.config.ts", join(folder, "file"));
for (const mode of ["runtime", "start"]) {
  await page("vite.file.config.ts", join(folder, "file"), { mode, build: { emptyOutDir: false } });
}
const runtime = await readFile(join(web, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"));
await writeFile(join(folder, "file", "runtime.wasm.gz"), gzip(runtime, { level: 9 }));
await copyFile(join(web, "file.html"), join(folder, "file", "page.html"));
for (const name of ["notices.txt", "runtime.txt"]) await copyFile(join(web, "src/file", name), join(folder, "file", name));
