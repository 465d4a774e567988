import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** Rows of three columns whose last is a file of tests in backquotes. */
const rows = [...read("docs/reliability.md").matchAll(/^\|[^|]*\| ([^|]+) \| `(tests\/[^`]+)` \|$/gm)].map(
  ([, name = "", file = ""]) => ({ name, file }),
);

test("the page of what was promised names its tests", () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)("$file has the test `$name`", ({ name, file }) => {
  expect(read(file)).toContain(name);
});
