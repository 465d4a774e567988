import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = new URL("../../src/", import.meta.url).pathname;

test("no source of ours gives anything a field named retryable, which the SDK takes for `skip this batch`", () => {
  const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  expect(sources.length).toBeGreaterThan(100);
  const guilty = sources.filter((name) =>
    // A comment may name it, code may not.
    readFileSync(join(SRC, name), "utf8")
      .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
      .includes("retryable"),
  );
  expect(guilty).toEqual([]);
});
