/**
 * Lets `npx eventhub-intake` run this clone, as it runs the package elsewhere; `npm install` ends with it. npx looks for its own
 * package in node_modules/.bin, where npm puts the commands of every package but this one.
 */
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
// Windows needs a file of its own for each shell; there `npm run -s cli --` does the same.
if (process.platform !== "win32" && existsSync(folder)) {
  const link = `${folder}/eventhub-intake`;
  rmSync(link, { force: true });
  symlinkSync("../../bin/eventhub-intake.js", link);
}
