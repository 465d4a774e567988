import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const BESIDE_REPOSITORY = "../shared/corpus";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of public formats, from the variable ECS_CORPUS or beside the repository; undefined where there is none. */
export function corpusFolder(): string | undefined {
  const folder = process.env["ECS_CORPUS"] ?? resolve(ROOT, BESIDE_REPOSITORY);
  return existsSync(folder) ? folder : undefined;
}
