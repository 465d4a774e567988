import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

/**
 * Compiles src/connector/scan/assembly/text.ts and writes it as src/connector/scan/wasm.ts: `npm run wasm`. With `--print`
 * the module's text goes to stdout instead, so that a test can tell whether the committed one is up to date.
 */
const SOURCE = "src/connector/scan/assembly/text.ts";
const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "wasm-"));
const target = path.join(folder, "text.wasm");
const compiler = path.join(
  path.dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")),
  "bin/asc.js",
);
// Nothing is allocated in the memory, and no check beyond those of the source is wanted.
const options = [
  "--runtime",
  "stub",
  "--noAssert",
  "-O3",
  "--enable",
  "simd",
  "--importMemory",
  "--initialMemory",
  "1",
];
execFileSync(process.execPath, [compiler, SOURCE, "-o", target, ...options], { cwd: root, stdio: "inherit" });
const module = `/** Made of assembly/text.ts by \`npm run wasm\`. */
export const TEXT_WASM = "${readFileSync(target).toString("base64")}";
`;
rmSync(folder, { recursive: true });
if (process.argv.includes("--print")) {
  process.stdout.write(module);
} else {
  writeFileSync(path.join(root, "src/connector/scan/wasm.ts"), module);
}
