import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testFormats } from "../../src/ecs/conformance.ts";
import { corpusFolder } from "./corpus.ts";
import { fuzzFormats } from "./fuzz.ts";

/** Dates without a year are expected in the year in which the corpus was collected. */
const NOW = new Date("2026-11-24T00:00:00Z");
const folder = corpusFolder();
const ratchet = JSON.parse(readFileSync(new URL("ratchet.json", import.meta.url), "utf8"));

// The corpus is not part of the project; without it there is nothing to measure.
test.runIf(folder !== undefined)(
  "the public formats pass as many cases as recorded",
  { timeout: 120_000 },
  () => {
    const failed: string[] = [];
    let passed = 0;
    for (const { name, cases } of testFormats(folder === undefined ? [] : [folder], { now: NOW })) {
      for (const { name: testCase, differences } of cases) {
        const [difference] = differences;
        if (difference === undefined) {
          passed++;
        } else {
          failed.push(`${name}/${testCase}: ${difference.path}`);
        }
      }
    }
    expect(passed, failed.join("\n")).toBeGreaterThanOrEqual(ratchet.passed);
  },
);

test.runIf(folder !== undefined)(
  "mutated events of the public formats neither throw nor take long",
  { timeout: 120_000 },
  () => {
    const report = fuzzFormats(folder ?? "", { events: 3000, seed: 7, now: NOW });
    expect(report.thrown).toEqual([]);
    expect(report.events).toBeGreaterThan(0);
  },
);
