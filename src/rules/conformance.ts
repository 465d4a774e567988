/** Runs the tests that rules bring along: events that fire and near misses. */
import type { Diagnostic, Dialect, RuleEvent, RuleText } from "./contract.ts";
import { compileIndicators, compileRules } from "./engine.ts";

export type RuleTestResult = { readonly name: string; readonly problem: string | undefined };

export type RuleFileResult = {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly cases: readonly RuleTestResult[];
};

type Case = {
  readonly name: string;
  readonly fires: boolean;
  readonly events: readonly RuleEvent[];
  readonly now: Date;
};

const DEFAULT_NOW = "2026-01-01T00:00:00Z";

/**
 * @param tests JSON: `cases`, each with `name`, `fires`, `event` or `events` (the last one is what must fire), `now`; and
 * `indicators`, a STIX bundle.
 */
export function testRules(file: RuleText, tests: RuleText | undefined, dialect: Dialect): RuleFileResult {
  const { rules, diagnostics } = compileRules([file], { dialect });
  if (tests === undefined) {
    return { file: file.name, diagnostics, cases: [] };
  }
  const read = readTests(tests);
  if (typeof read === "string") {
    return { file: file.name, diagnostics, cases: [{ name: tests.name, problem: read }] };
  }
  const { indicators } = compileIndicators(read.indicators);
  const cases = read.cases.map(({ name, fires, events, now }) => {
    const correlator = rules.correlator();
    const fired =
      events.map((event) => correlator.take(event, { now, indicators }).length > 0).at(-1) ?? false;
    const expectation = fires ? "was expected to fire and did not" : "fired, and was expected not to";
    return { name, problem: fired === fires ? undefined : expectation };
  });
  return { file: file.name, diagnostics, cases };
}

function readTests({ name, text }: RuleText): { cases: Case[]; indicators: RuleText[] } | string {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isObject(root) || !Array.isArray(root["cases"])) {
    return "has no list `cases`";
  }
  const cases: Case[] = [];
  for (const item of root["cases"]) {
    const events = isObject(item) ? (item["events"] ?? [item["event"]]) : undefined;
    const now = new Date(isObject(item) && typeof item["now"] === "string" ? item["now"] : DEFAULT_NOW);
    if (
      !isObject(item) ||
      typeof item["fires"] !== "boolean" ||
      !isEvents(events) ||
      Number.isNaN(now.getTime())
    ) {
      return `has a case ${JSON.stringify(item).slice(0, 80)} without \`fires\`, an \`event\` or a valid \`now\``;
    }
    cases.push({ name: String(item["name"] ?? "a case"), fires: item["fires"], events, now });
  }
  const bundle = root["indicators"];
  return { cases, indicators: bundle === undefined ? [] : [{ name, text: JSON.stringify(bundle) }] };
}

function isEvents(value: unknown): value is RuleEvent[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
