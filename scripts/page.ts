/** Builds the studio's page when it is missing or older than its sources, for the commands that open it. */
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const SOURCES = [
  "src/studio/ui",
  "src/studio/contract",
  "src/studio/contract.ts",
  "vite.config.ts",
  "package-lock.json",
];

const builtAtMs = changedAtMs(new URL("dist/studio/page/index.html", root));
const newestMs = Math.max(...SOURCES.map((path) => newestIn(new URL(path, root))));
if (builtAtMs < newestMs) {
  const why = builtAtMs === 0 ? "is missing" : "is older than its sources";
  process.stderr.write(`the studio's page ${why}: building it, which takes a few seconds\n`);
  const { build } = await import("vite");
  await build({ logLevel: "error", configFile: fileURLToPath(new URL("vite.config.ts", root)) });
}

function newestIn(place: URL): number {
  if (!statSync(place).isDirectory()) {
    return changedAtMs(place);
  }
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  return Math.max(
    ...entries
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs),
  );
}

/** 0 where there is no such file. */
function changedAtMs(place: URL): number {
  return statSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
