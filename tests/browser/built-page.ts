import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";

/** Builds the page as a release does, into a folder of its own. */
export async function buildPage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "studio-page-"));
  await build({
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true, reportCompressedSize: false },
  });
  return folder;
}
