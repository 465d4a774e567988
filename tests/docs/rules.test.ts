import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileRules, loadRules, type RuleEvent } from "../../src/rules/index.ts";
import { FIELDS_OF_KIND } from "../../src/rules/indicators/index.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/rules.md", root), "utf8");
const EXAMPLE = /```yaml\n(.*?)```\s+Fires:\s+```json\n(.*?)```\s+Does not fire:\s+```json\n(.*?)```/gs;
const examples = [...page.matchAll(EXAMPLE)].map(([, text = "", fires = "", quiet = ""]) => ({
  text,
  fires,
  quiet,
}));

test("each rule of docs/rules.md has an event that fires and one that does not", () => {
  expect(examples).toHaveLength(page.split("```yaml").length - 1);
});

test.each(examples)("the example of docs/rules.md does as it says: $text", ({ text, fires, quiet }) => {
  const { rules, diagnostics } = compileRules([{ name: "docs/rules.md", text }], { dialect: "standard" });
  expect(diagnostics).toEqual([]);
  const lastFires = (json: string): boolean => {
    const events: RuleEvent[] = [JSON.parse(json)].flat();
    const correlator = rules.correlator();
    return events.map((event) => correlator.take(event, { now: new Date() }).length > 0).at(-1) ?? false;
  };
  expect(lastFires(fires)).toBe(true);
  expect(lastFires(quiet)).toBe(false);
});

test("docs/rules.md lists the built-in rules as they are", () => {
  const texts = loadRules([new URL("rules", root).pathname]);
  for (const { title, level, effort, tags } of compileRules(texts, { dialect: "platform" }).rules.infos) {
    const techniques = tags
      .filter((tag) => /^attack\.t\d/.test(tag))
      .map((tag) => tag.slice("attack.".length).toUpperCase());
    expect(page).toContain(`| ${title} | ${level} | ${effort} | ${techniques.join(", ")} |\n`);
  }
});

test("docs/rules.md lists the fields of indicators as they are", () => {
  for (const [kind, fields] of FIELDS_OF_KIND) {
    expect(page).toContain(`| ${kind} | ${fields.join(", ")} |\n`);
  }
});
