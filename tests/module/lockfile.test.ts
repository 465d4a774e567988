import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Locked = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const lockfile = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));
const packages = new Map<string, Locked>(Object.entries(lockfile.packages));

/** The entry that `name` means to the package at `path`: its own copy, else that of a folder above. */
function lockedFor(path: string, name: string): Locked | undefined {
  const own = packages.get(`${path === "" ? "" : `${path}/`}node_modules/${name}`);
  const above = path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/")));
  return own ?? (path === "" ? undefined : lockedFor(above, name));
}

test("npm ci finds every optional package in the lockfile, those of other platforms too", () => {
  const wanted = [...packages].flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).map((name) => ({ path, name })),
  );
  expect(wanted.length).toBeGreaterThan(20);
  for (const { path, name } of wanted) {
    expect(lockedFor(path, name), `${name}, which ${path} may use`).toMatchObject({
      version: expect.any(String),
    });
  }
});

test("the lockfile names no registry, so that any may be used", () => {
  for (const [path, { resolved }] of packages) {
    expect(resolved, path).toBeUndefined();
  }
});

test("the lockfile has the hash of every package, so that nothing else is installed", () => {
  for (const [path, { integrity }] of packages) {
    if (path !== "") {
      expect(integrity, path).toMatch(/^sha512-/);
    }
  }
});
