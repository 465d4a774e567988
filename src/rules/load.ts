/** Rules, indicators and rules' tests from folders. The library's rooms never read files themselves. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RuleText } from "./contract.ts";

const RULE_FILE = /\.ya?ml$/i;
const INDICATOR_FILE = /\.(?:json|csv)$/i;

/**
 * The texts of all rules below the paths.
 * @param paths Folders, looked through at any depth, or single files.
 * @throws when a path does not exist or cannot be read.
 */
export function loadRules(paths: readonly string[]): RuleText[] {
  return load(paths, RULE_FILE);
}

/** The texts of all STIX bundles (`.json`) and CSV files below the paths. */
export function loadIndicators(paths: readonly string[]): RuleText[] {
  return load(paths, INDICATOR_FILE);
}

/** Changes when a file below the paths is added, changed or removed: time to load again. */
export function fingerprintOf(paths: readonly string[]): string {
  return paths
    .flatMap((path) => (existsSync(path) ? filesBelow(path, /./) : []))
    .map((path) => {
      const { size, mtimeMs } = statSync(path);
      return `${path}:${size}:${mtimeMs}`;
    })
    .join("\n");
}

/** The tests that lie beside a rule file; undefined when there are none. */
export function loadTests(ruleFile: string): RuleText | undefined {
  const name = ruleFile.replace(RULE_FILE, ".test.json");
  return existsSync(name) ? { name, text: readFileSync(name, "utf8") } : undefined;
}

function load(paths: readonly string[], wanted: RegExp): RuleText[] {
  return paths
    .flatMap((path) => filesBelow(path, wanted))
    .map((name) => ({ name, text: readFileSync(name, "utf8") }));
}

function filesBelow(path: string, wanted: RegExp): string[] {
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .flatMap((entry) => {
      const below = join(path, entry.name);
      return entry.isDirectory() ? filesBelow(below, wanted) : wanted.test(entry.name) ? [below] : [];
    })
    .sort();
}
