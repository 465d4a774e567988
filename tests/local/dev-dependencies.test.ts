import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
let folder: string;

/** The local stack in a place where no package is installed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "no-packages-"));
  for (const part of ["kernel", "local"]) {
    await cp(join("src", part), join(folder, "src", part), { recursive: true });
  }
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
});
afterAll(() => rm(folder, { recursive: true }));

test("without azurite the local storage says what to install", async () => {
  const call = "(await import('./src/local/storage/azurite.ts')).startStorage()";
  const script = `await ${call}.catch(({ code, message }) => console.log(code, message))`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder });
  expect(stdout).toMatch(/^DEV_DEPENDENCY_MISSING .* needs the package azurite, .*`npm install azurite`/);
});
