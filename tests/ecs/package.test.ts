import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** All that the library needs, with what those need; none of them is the connector's. */
const PACKAGES = ["re2js", "saxes", "tldts", "tldts-core", "xmlchars", "yaml"];
const INSTALLED = join("node_modules", "eventhub-intake");

let folder: string;

/** Packs the project from a copy, so that no test writes into it, and unpacks it where only `PACKAGES` are. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ecs-package-"));
  const project = join(folder, "project");
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  for (const file of ["package.json", "README.md", "LICENSE", ...manifest.files]) {
    if (file !== "dist") {
      cpSync(join(ROOT, file), join(project, file), { recursive: true });
    }
  }
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const build = ["-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(project, "dist")];
  await run(process.execPath, [compiler, ...build]);
  const pack = ["pack", "--offline", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: project });
  mkdirSync(join(folder, INSTALLED), { recursive: true });
  await run("tar", ["-xzf", stdout.trim(), "--strip-components=1", "-C", INSTALLED], { cwd: folder });
  for (const name of PACKAGES) {
    const path = join("node_modules", name);
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a module in the folder and gives what it prints. */
async function printed(code: string): Promise<unknown> {
  const file = join(folder, "consumer.mjs");
  writeFileSync(file, code);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  return JSON.parse(stdout);
}

test("the packed library parses an event where no package of the connector is", async () => {
  const sample = join(INSTALLED, "formats", "microsoft-intune", "tests", "devices.json");
  const { input, expected } = JSON.parse(readFileSync(join(folder, sample), "utf8"));
  const code = `
    import { compileFormat, describeEvent, loadFormat, readDescriptions, toJson, toPlain } from "eventhub-intake/ecs";
    import { readFileSync } from "node:fs";
    const folder = "${INSTALLED}/formats/microsoft-intune";
    const { format, diagnostics } = compileFormat(loadFormat(folder));
    const { event, warnings } = format.parse(${JSON.stringify(input)}, { now: new Date("2026-01-31T00:00:00Z") });
    const file = readFileSync(folder + "/_meta/smart-descriptions.json", "utf8");
    const line = describeEvent(toPlain(event), readDescriptions(JSON.parse(file)));
    console.log(JSON.stringify({ diagnostics, warnings, line, event: JSON.parse(toJson(event)) }));
  `;
  expect(await printed(code)).toEqual({
    diagnostics: [],
    warnings: [],
    line: expect.stringMatching(/^Device .* is Compliant$/),
    event: expected,
  });
});

test("README's snippet compiles strictly, and runs", async () => {
  const snippet = /```ts\n(import [^`]*eventhub-intake\/ecs.*?)```/s.exec(
    readFileSync(join(ROOT, "README.md"), "utf8"),
  )?.[1];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "snippet.ts"), snippet ?? "");
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2024",
    types: [],
    noUncheckedIndexedAccess: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["snippet.ts"] }));
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [compiler, "-p", folder], { cwd: folder });
  const { stdout } = await run(process.execPath, ["snippet.js"], { cwd: folder });
  expect(stdout).toContain('"action":{"');
});

test("bundled formats are found by name, and files by name are a format", async () => {
  const code = `
    import { bundledFormats, compileFormat, loadBundledFormat } from "eventhub-intake/ecs";
    const text = "name: mine\\npipeline: []\\nstages: {}\\n";
    const errorOf = (act) => { try { return String(act()); } catch (error) { return error.message; } };
    console.log(JSON.stringify([
      bundledFormats(),
      compileFormat({ "ingest/parser.yml": text }).format.name,
      errorOf(() => loadBundledFormat("nobody")),
      errorOf(() => compileFormat({ parser: text })),
    ]));
  `;
  expect(await printed(code)).toEqual([
    ["microsoft-intune"],
    "mine",
    'no format named "nobody" comes with the package; there are: microsoft-intune',
    'the format has no ingest/parser.yml (there is "parser"); give its files\' texts by name, "ingest/parser.yml", ' +
      '"../_meta/fields.yml", "_meta/fields.yml", or read a folder by loadFormat',
  ]);
});

test("the connector's packages are really not there", async () => {
  const code = `
    const names = ["@azure/event-hubs", "@azure/storage-blob", "axios", "ajv", "pino", "commander"];
    const found = await Promise.all(names.map((name) => import(name).then(() => name, () => "")));
    console.log(JSON.stringify(found.filter(Boolean)));
  `;
  expect(await printed(code)).toEqual([]);
});
