import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { skeletonFiles } from "../../src/cli/format-skeleton.ts";
import { testFormats } from "../../src/ecs/conformance.ts";
import { fieldsOf, parseWith } from "../ecs/support/format.ts";

const PAGE = readFileSync(new URL("../../docs/format-language.md", import.meta.url), "utf8");
const FILES = [...PAGE.matchAll(/^```(?:yaml|json) (\S+)\n(.*?)^```$/gms)].map(
  ([, name = "", text = ""]) => ({ name, text }),
);
const ROWS = [...PAGE.matchAll(/^\| `(\{.*?)` \| `(.*)` \| (?:`(.*)`|not set) \|$/gm)].map(
  ([, event = "", template = "", result]) => ({ event, template: template.replaceAll("\\|", "|"), result }),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "format-language-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page's files are those of a new format, which passes its test without a warning", () => {
  const skeleton = skeletonFiles("acme-gate");
  expect(FILES.map(({ name }) => name)).toEqual(
    [...skeleton.keys()].filter((name) => name !== "_meta/manifest.yml"),
  );
  for (const { name, text } of FILES) {
    expect(text, name).toBe(skeleton.get(name));
  }
  for (const [name, text] of skeleton) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [result] = [...testFormats([folder], { now: new Date("2026-01-31T00:00:00Z") })];
  expect(result?.diagnostics).toEqual([]);
  expect(result?.cases).toEqual([expect.objectContaining({ name: "login", differences: [] })]);
});

test("the page has examples of templates", () => {
  expect(ROWS.length).toBeGreaterThan(15);
});

test.each(ROWS)("$template with $event", ({ event, template, result }) => {
  const type = result?.startsWith("[") ? "list" : result?.startsWith('"') ? "text" : "dict";
  const fields = fieldsOf(parseWith(`- set: { x.${type}: ${JSON.stringify(template)} }`, event));
  expect(fields).toEqual(result === undefined ? {} : { x: { [type]: JSON.parse(result) } });
});
