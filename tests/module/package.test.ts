import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, PAGES } from "../docs/support/blocks.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const BUILT_FROM = [
  "scripts",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "vite.config.ts",
  "src",
];

let folder: string;
let installed: string;

/** Packs a clone that was never built, and installs the result beside the production packages only. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "module-package-"));
  const clone = join(folder, "clone");
  for (const path of new Set([...BUILT_FROM, "README.md", "LICENSE", ...manifest.files])) {
    if (path !== "dist") {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true });
    }
  }
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  await run("npm", ["pack", "--offline", "--pack-destination", folder], { cwd: clone });
  const modules = join(folder, "user", "node_modules");
  installed = join(modules, "eventhub-intake");
  mkdirSync(installed, { recursive: true });
  const tarball = join(folder, `eventhub-intake-${manifest.version}.tgz`);
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what is published has no mistake that publint knows", async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages).toEqual([]);
});

test("a package packed from a clone runs its command", async () => {
  const command = join(installed, manifest.bin["eventhub-intake"]);
  const version = await run(process.execPath, [command, "--version"], { cwd: folder });
  expect(version.stdout).toBe(`${manifest.version}\n`);
  const list = await run(process.execPath, [command, "formats", "list"], { cwd: folder });
  expect(list.stdout).toContain("microsoft-intune");
});

test("what the package exports loads by import and by require", async () => {
  const names = Object.keys(manifest.exports)
    .filter((path) => path !== "./package.json")
    .map((path) => path.replace(".", "eventhub-intake"));
  const user = join(folder, "user");
  const list = JSON.stringify(names);
  writeFileSync(
    join(user, "a.mjs"),
    `for (const name of ${list}) console.log(Object.keys(await import(name)).length > 0);`,
  );
  writeFileSync(
    join(user, "b.cjs"),
    `for (const name of ${list}) console.log(Object.keys(require(name)).length > 0);
     console.log(require("eventhub-intake/package.json").version === "${manifest.version}");`,
  );
  const lines = async (file: string) =>
    (await run(process.execPath, [file], { cwd: user })).stdout.trim().split("\n");
  expect(await lines("a.mjs")).toEqual(names.map(() => "true"));
  expect(await lines("b.cjs")).toEqual([...names, ""].map(() => "true"));
});

/** A compiler takes long where other programs have the cores. */
const COMPILE_TIMEOUT_MS = 300_000;
const CODE = new Map([
  ["ts", "mts"],
  ["typescript", "mts"],
  ["js", "mjs"],
  ["javascript", "mjs"],
]);
const blocks = PAGES.flatMap(blocksOf).filter(({ language }) => CODE.has(language));

test.each(blocks)(
  "the $language block of $page, line $line, compiles strictly and runs",
  async (block) => {
    const user = join(folder, "user");
    const source = `block.${CODE.get(block.language)}`;
    writeFileSync(join(user, source), block.text);
    const compilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      module: "nodenext",
      target: "es2024",
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules", "@types")],
      allowJs: true,
      checkJs: true,
      outDir: "out",
    };
    writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [source] }));
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const compiled = await run(process.execPath, [compiler, "-p", user]).catch(({ stdout }) => ({ stdout }));
    expect(compiled.stdout).toBe("");
    const { stdout } = await run(process.execPath, [join(user, "out", "block.mjs")], { cwd: user });
    expect(stdout).not.toBe("");
  },
  COMPILE_TIMEOUT_MS,
);

test("the package holds the studio's page and every page that README links to, and no source", () => {
  for (const file of ["page/index.html", "server/studio.js"]) {
    expect(existsSync(join(installed, "dist", "studio", file)), file).toBe(true);
  }
  expect(existsSync(join(installed, "src"))).toBe(false);
  const links = [...readFileSync(join(installed, "README.md"), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)];
  expect(links.length).toBeGreaterThan(5);
  for (const [, link] of links) {
    expect(existsSync(join(installed, link ?? "")), link).toBe(true);
  }
});

test("a reader that has seen enough ends the command quietly", async () => {
  const command = `"${process.execPath}" "${join(installed, manifest.bin["eventhub-intake"])}"`;
  const { stdout, stderr } = await run("sh", ["-c", `${command} formats functions | head -1`]);
  expect(stdout).not.toBe("");
  expect(stderr).toBe("");
});

test("the package may be published", () => {
  expect(manifest).not.toHaveProperty("private");
  expect(manifest.publishConfig).toEqual({ access: "public" });
  // npm asks whoever installs the package about each of these.
  for (const script of ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare"]) {
    expect(manifest.scripts, script).not.toHaveProperty(script);
  }
});
