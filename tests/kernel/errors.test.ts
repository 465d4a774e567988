import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorsPage } from "../../scripts/errors-doc.ts";

test("docs/errors.md explains every error code", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  expect(page, "run node scripts/errors-doc.ts").toBe(errorsPage());
});
