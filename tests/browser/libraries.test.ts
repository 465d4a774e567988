import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";

test("Chromium runs with the libraries of its own package alone, as on a machine that has none of them", async () => {
  const before = new Set(chromiums());
  const browser = await launchChromium({ ownLibraries: true });
  try {
    const page = await browser.newPage();
    await page.setContent("<h1>Hello</h1>");
    expect(await page.getByRole("heading").textContent()).toBe("Hello");
    const started = chromiums().filter((pid) => !before.has(pid));
    const maps = started.flatMap((pid) => readOr(`/proc/${pid}/maps`).split("\n"));
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

function chromiums(): readonly string[] {
  return readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && readOr(`/proc/${name}/cmdline`).includes("eventhub-intake-chromium"),
  );
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // A process that ended meanwhile, or another user's.
    return "";
  }
}
