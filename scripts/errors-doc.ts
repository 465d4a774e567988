/** Writes docs/errors.md from the error codes' own sentences: `node scripts/errors-doc.ts`. */
import { writeFileSync } from "node:fs";
import { ERROR_CODES } from "../src/kernel/errors.ts";

/** The page as Markdown. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return [
    "# Error codes\n",
    "Generated from `src/kernel/errors.ts`: `node scripts/errors-doc.ts`. A line of the log carries the code in",
    "`fields.code`, and its message says to which thing it happened and what to do.\n",
    "| code | what happened |\n|---|---|",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
}
