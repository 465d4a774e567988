import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { functionsPage } from "../../../scripts/functions-doc.ts";

test("docs/functions.md is what the functions say of themselves", () => {
  const page = readFileSync(new URL("../../../docs/functions.md", import.meta.url), "utf8");
  expect(page, "run node scripts/functions-doc.ts").toBe(functionsPage());
});
