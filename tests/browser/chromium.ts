import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NEEDED = ["libnss3.so", "libnspr4.so", "libexpat.so.1"];

/** The Chromium of the npm package, unpacked once a machine; nothing is downloaded. */
export async function launchChromium({ ownLibraries = !hasLibraries() } = {}): Promise<Browser> {
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: ["--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--font-render-hinting=none"],
    env: {
      HOME: process.env["HOME"] ?? folder,
      PATH: process.env["PATH"] ?? "",
      TMPDIR: tmpdir(),
      ...(ownLibraries ? { LD_LIBRARY_PATH: join(folder, "al2023", "lib") } : {}),
    },
  });
}

function hasLibraries(): boolean {
  try {
    const known = execFileSync("ldconfig", ["-p"], { encoding: "utf8" });
    return NEEDED.every((name) => known.includes(name));
  } catch {
    // A system without ldconfig: the package's own libraries are as good.
    return false;
  }
}

/** The package unpacks into the folder for temporary files, with its libraries when it believes to be in its usual surroundings. */
async function unpacked(): Promise<string> {
  const folder = join(tmpdir(), "eventhub-intake-chromium-147");
  if (existsSync(join(folder, "chromium"))) {
    return folder;
  }
  const before = { TMPDIR: process.env["TMPDIR"], AWS_EXECUTION_ENV: process.env["AWS_EXECUTION_ENV"] };
  const libraries = process.env["LD_LIBRARY_PATH"];
  const fresh = `${folder}-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  process.env["TMPDIR"] = fresh;
  process.env["AWS_EXECUTION_ENV"] = "AWS_Lambda_nodejs24.x";
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    await packed.executablePath();
  } finally {
    restore({ ...before, LD_LIBRARY_PATH: libraries });
  }
  try {
    renameSync(fresh, folder);
  } catch {
    // Another worker was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

function restore(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
}
