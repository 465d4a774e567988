import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { InputInvalid } from "../kernel/errors.ts";
import type { Dialect, Rules, RuleText } from "../rules/contract.ts";
import { compileRules } from "../rules/engine.ts";
import { loadRules } from "../rules/load.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { writeText } from "./streams.ts";

const BUILT_IN = fileURLToPath(new URL("../../rules", import.meta.url));

/**
 * The rule files below the paths that a person named; `builtin` stands for those that come with the product.
 * @throws InputInvalid for a path that does not exist, or when no rule is below any.
 */
export function rulesBelow(paths: readonly string[]): RuleText[] {
  const folders = paths.map((path) => (path === "builtin" ? BUILT_IN : path));
  for (const path of folders.filter((each) => !existsSync(each))) {
    throw new InputInvalid(`${path} does not exist; name rule files, folders of them, or builtin`);
  }
  const found = loadRules(folders);
  if (found.length === 0) {
    throw new InputInvalid(`no .yml file is below ${paths.join(", ")}; name folders that hold rules`);
  }
  return found;
}

/** Rules of ours are in the platform's dialect, others in the standard's unless said otherwise. */
export function dialectOf(paths: readonly string[], asked: Dialect | undefined): Dialect {
  return asked ?? (paths.every((path) => path === "builtin") ? "platform" : "standard");
}

/** @throws InputInvalid for what is not a dialect. */
export function readDialect(text: string): Dialect {
  if (text !== "standard" && text !== "platform") {
    throw new InputInvalid(`--dialect ${text} is unknown; write standard or platform`);
  }
  return text;
}

/** Compiles rules; what is wrong with some goes to standard error, and the others work anyway. */
export async function usableRules(
  paths: readonly string[],
  asked: Dialect | undefined,
  stderr: Writable,
): Promise<Rules> {
  const { rules, diagnostics } = compileRules(rulesBelow(paths), { dialect: dialectOf(paths, asked) });
  await writeText(stderr, diagnosticsText(diagnostics));
  return rules;
}
