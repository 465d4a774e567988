import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { InputInvalid } from "../kernel/errors.ts";
import { Detection, type DetectionOptions, type RuleSource } from "../local/intake/alerts/detection.ts";
import type { Dialect, Rules, RuleText } from "../rules/contract.ts";
import { compileRules } from "../rules/engine.ts";
import { loadRules } from "../rules/load.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { writeText } from "./streams.ts";

const BUILT_IN = fileURLToPath(new URL("../../rules", import.meta.url));

/** The rules that come with the product. */
export const BUILT_IN_RULES: RuleSource = { paths: [BUILT_IN], dialect: "platform", isBundled: true };

/** For options that may be given several times. */
export function collected(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/**
 * Rules and indicators to hold events against; what is wrong with some goes to standard error, and the others work anyway.
 * @param rules Paths that a person named, `builtin` among them.
 * @throws InputInvalid for a path that does not exist, or when no rule is below any.
 */
export async function usableDetection(
  rules: readonly string[],
  indicators: readonly string[],
  asked: Dialect | undefined,
  stderr: Writable,
): Promise<Detection> {
  const detection = new Detection(detectionOptions(rules, indicators, asked));
  await writeText(stderr, diagnosticsText(detection.diagnostics));
  return detection;
}

/** @throws InputInvalid for a path that does not exist, or when no rule is below any. */
export function detectionOptions(
  rules: readonly string[],
  indicators: readonly string[],
  asked: Dialect | undefined,
): DetectionOptions {
  const others = rules.filter((path) => path !== "builtin");
  if (others.length > 0) {
    rulesBelow(others);
  }
  for (const path of indicators.filter((each) => !existsSync(each))) {
    throw new InputInvalid(`${path} does not exist; name files of indicators, or folders of them`);
  }
  const sources: RuleSource[] = rules.includes("builtin") ? [BUILT_IN_RULES] : [];
  if (others.length > 0) {
    sources.push({ paths: others, dialect: dialectOf(others, asked) });
  }
  return { rules: sources, indicators };
}

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
