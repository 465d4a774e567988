import { expect, test } from "vitest";
import { compileRules } from "../../src/rules/index.ts";
import { compileNaively } from "../rules/support/naive.ts";
import { placeholdersOf, rulesCorpus } from "./rules-corpus.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
const TIMEOUT = { timeout: 300_000 };
/** Of all cases; each that does not pass is explained in docs/conformance.md. */
const PASSED = 4_427;

const corpus = rulesCorpus();
// The rules are not part of the project; without them there is nothing to measure.
const measured = test.runIf(corpus !== undefined);

measured("every rule that can be read compiles, and each other is refused with a reason", TIMEOUT, () => {
  const { fine, refused } = corpus?.rules() ?? { fine: [], refused: [] };
  const compiled = compileRules(fine, { dialect: "standard", placeholders: placeholdersOf(fine) });
  expect(compiled.diagnostics).toEqual([]);
  expect(new Set(compiled.rules.infos.map(({ file }) => file)).size).toBe(fine.length);
  for (const text of refused) {
    const { diagnostics } = compileRules([text], { dialect: "standard" });
    expect(diagnostics.filter(({ severity }) => severity === "error").length, text.name).toBeGreaterThan(0);
  }
});

measured("as many cases are judged as recorded", TIMEOUT, () => {
  const failed: string[] = [];
  const cases = corpus?.cases() ?? [];
  for (const { id, rule, event, expected } of cases) {
    const text = corpus?.text(rule) ?? { name: "", text: "" };
    const { rules } = compileRules([text], { dialect: "standard" });
    if (rules.match(event, { now: NOW }).length > 0 !== expected) {
      failed.push(id);
    }
  }
  expect(cases.length - failed.length, failed.join("\n")).toBeGreaterThanOrEqual(PASSED);
});

measured("all rules at once find for each event what each rule finds alone", TIMEOUT, () => {
  const { fine } = corpus?.rules() ?? { fine: [] };
  const options = { dialect: "standard", placeholders: placeholdersOf(fine) } as const;
  const { rules } = compileRules(fine, options);
  const naive = compileNaively(fine, options);
  for (const { id, event } of (corpus?.cases() ?? []).filter((_, index) => index % 20 === 0)) {
    const titles = rules.match(event, { now: NOW }).map(({ rule }) => rule.title);
    expect(titles, id).toEqual(naive.match(event));
  }
});

measured("every stream makes its correlation fire where it is expected to", TIMEOUT, () => {
  for (const { id, rule, title, events, expected_at: expected } of corpus?.streams() ?? []) {
    const { rules } = compileRules([corpus?.text(rule) ?? { name: "", text: "" }], { dialect: "standard" });
    const correlator = rules.correlator();
    const fired = events.flatMap(({ t, event }, index) => {
      const matches = correlator.take(event, { now: new Date(t * 1_000) });
      return matches.some((match) => match.rule.title === title) ? [index] : [];
    });
    expect(fired, id).toEqual(expected);
  }
});
