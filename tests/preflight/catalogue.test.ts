import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { troubleshootingPage } from "../../scripts/troubleshooting-doc.ts";
import { CAUSES, fill } from "../../src/preflight/causes.ts";
import { CHECKS } from "../../src/preflight/checks.ts";
import { CHECK_IDS } from "../../src/preflight/contract.ts";
import { GUIDE_STEPS } from "../../src/preflight/guide.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** A machine whose name servers are silent cannot be had without being that machine's master. */
const NOT_PRODUCED = ["NAMES_NOT_RESOLVED"];

test("docs/troubleshooting.md is what the checks say", () => {
  expect(read("docs/troubleshooting.md"), "run node scripts/troubleshooting-doc.ts").toBe(
    troubleshootingPage(),
  );
});

test("every cause is produced for real by a test of this folder", () => {
  const folder = new URL(".", import.meta.url);
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("catalogue"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  const missing = Object.keys(CAUSES).filter((code) => !tests.includes(`"${code}"`));
  expect(missing).toEqual(NOT_PRODUCED);
});

test.each(Object.entries(CAUSES))("%s is one sentence of cause and one of fix", (_code, { cause, fix }) => {
  for (const sentence of [cause, fix]) {
    expect(sentence).not.toMatch(/[.!]$|\. |\n/);
    expect(sentence.length).toBeLessThan(200);
  }
  // A fix may not know more than its cause was told, but for the setting and the server it names.
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const known = new Set([...places(cause), "setting", "host", "port"]);
  expect(places(fix).filter((name) => !known.has(name ?? ""))).toEqual([]);
});

test("every check comes after those it needs", () => {
  for (const [index, id] of CHECK_IDS.entries()) {
    for (const needed of CHECKS[id].needs) {
      expect(CHECK_IDS.indexOf(needed)).toBeLessThan(index);
    }
  }
});

test("every step that a check names is in the setup guide", () => {
  const guide = read("docs/setup-intune.md").toLowerCase();
  for (const step of Object.values(GUIDE_STEPS)) {
    expect(guide).toContain(step.toLowerCase().replace(", ", ": "));
  }
});

test("a place without a value stays as it is, and a value is not filled again", () => {
  expect(fill("{a} and {b}", { a: "{b}" })).toBe("{b} and {b}");
});
