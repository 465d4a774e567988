import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileRules, loadRules, loadTests, testRules } from "../../src/rules/index.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const root = new URL("../../", import.meta.url);
const texts = loadRules([new URL("rules", root).pathname]);
const { rules, diagnostics } = compileRules(texts, { dialect: "platform" });

test("the built-in rules compile without a word", () => {
  expect(diagnostics).toEqual([]);
  expect(rules.infos.map(({ name }) => name).sort()).toEqual([
    "intelligence_feed",
    "intune_non_compliant_device",
    "intune_policy_change",
    "ryuk_martinstevens",
  ]);
});

test.each(texts.map((text) => ({ name: text.name.replace(/.*\//, ""), text })))(
  "the tests beside $name pass",
  ({ text }) => {
    const { cases } = testRules(text, loadTests(text.name), "platform");
    expect(cases.length).toBeGreaterThan(5);
    expect(cases.filter(({ problem }) => problem !== undefined)).toEqual([]);
  },
);

test.each([
  { sample: "audit_delete_app_assignment", fired: [] },
  { sample: "audit_rename_device", fired: [] },
  { sample: "device_compliance_org", fired: [] },
  { sample: "devices", fired: [] },
  { sample: "operational_compliance", fired: ["intune_non_compliant_device"] },
])("of the format's sample $sample fires $fired", ({ sample, fired }) => {
  const file = new URL(`formats/microsoft-intune/tests/${sample}.json`, root);
  const { expected } = JSON.parse(readFileSync(file, "utf8"));
  const matches = rules.match(expected, { now: NOW, logsource: { product: "azure", service: "intune" } });
  expect(matches.map(({ rule }) => rule.name)).toEqual(fired);
});
