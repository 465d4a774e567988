import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";

test("Chromium runs with the libraries of its own package alone, as on a machine that has none of them", async () => {
  const browser = await launchChromium({ ownLibraries: true });
  try {
    const page = await browser.newPage();
    await page.setContent("<h1>Hello</h1>");
    expect(await page.getByRole("heading").textContent()).toBe("Hello");
    const maps = ownChromiums().flatMap((pid) => readOr(`/proc/${pid}/maps`).split("\n"));
    const libraries = new Set(
      maps.flatMap((line) => /\/\S*\/lib(nss3|nspr4|expat)\.so\S*$/.exec(line)?.[0] ?? []),
    );
    expect(libraries.size).toBeGreaterThanOrEqual(3);
    for (const path of libraries) {
      expect(path).toContain("/al2023/lib/");
    }
  } finally {
    await browser.close();
  }
}, 180_000);

/** The ids of the Chromiums that this process started: others run beside it. */
function ownChromiums(): readonly string[] {
  return readdirSync("/proc").filter(
    (name) =>
      /^\d+$/.test(name) &&
      readOr(`/proc/${name}/cmdline`).includes("eventhub-intake-chromium") &&
      isOwn(Number(name)),
  );
}

function isOwn(pid: number): boolean {
  if (pid === process.pid) {
    return true;
  }
  // The command's name stands in parentheses and may hold anything; state and parent follow.
  const [, parent] = /.*\) \S (\d+)/s.exec(readOr(`/proc/${pid}/stat`)) ?? [];
  return parent !== undefined && Number(parent) > 1 && isOwn(Number(parent));
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // A process that ended meanwhile, or another user's.
    return "";
  }
}
