import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { type FakeStudio, startFakeStudio } from "./fake-studio.ts";
import { complaintsOf, seriousFindings } from "./page-checks.ts";

const PAGES = ["Playbook", "Runs", "Events", "Alerts", "Formats", "Setup"];
const SHOTS = process.env["STUDIO_SCREENSHOTS"];

let folder: string;
let browser: Browser;
let studio: FakeStudio;

beforeAll(async () => {
  [folder, browser] = await Promise.all([buildPage(), launchChromium()]);
  studio = await startFakeStudio(folder);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await studio?.close();
});

async function open(path: string, options: { colorScheme?: "light" | "dark"; width?: number } = {}) {
  const context = await browser.newContext({
    colorScheme: options.colorScheme ?? "light",
    viewport: { width: options.width ?? 1280, height: 860 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults = complaintsOf(page);
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(studio.address)) {
      faults.push(`left the machine: ${request.url()}`);
    }
  });
  await page.goto(studio.address + path);
  return { page, faults, close: () => context.close() };
}

async function settled(page: Page, name: string): Promise<void> {
  const sign = {
    Playbook: () => page.getByLabel("Intake key", { exact: true }).waitFor(),
    Runs: () => page.getByRole("table", { name: "Ledger" }).waitFor(),
    Events: () => page.getByRole("table", { name: "Events" }).waitFor(),
    Alerts: () => page.getByRole("table", { name: "Alerts" }).waitFor(),
    Formats: () => page.getByRole("table", { name: "Stages" }).waitFor(),
    Setup: () => page.getByRole("button", { name: "Download the template" }).waitFor(),
  }[name];
  await sign?.();
}

describe.each(PAGES)("the page %s", (name) => {
  test.each(["light", "dark"] as const)("is accessible and keeps the policy, %s", async (colorScheme) => {
    const { page, faults, close } = await open("/", { colorScheme });
    await page.getByRole("link", { name, exact: true }).click();
    await settled(page, name);
    if (SHOTS !== undefined) {
      await page.screenshot({ path: join(SHOTS, `${name.toLowerCase()}-${colorScheme}.png`) });
    }
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test("does not scroll sideways at 768 px", async () => {
    const { page, close } = await open(`/${name.toLowerCase()}`, { width: 768 });
    await settled(page, name);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(768);
    if (SHOTS !== undefined) {
      await page.screenshot({ path: join(SHOTS, `${name.toLowerCase()}-768.png`) });
    }
    await close();
  });
});

test("the first load is at most 300 KB, and no editor is in it", async () => {
  const { page, close } = await open("/playbook");
  await settled(page, "Playbook");
  const loaded = (await page.evaluate(
    "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((path) => path.startsWith('/assets/'))",
  )) as string[];
  const bytes = [...new Set(loaded), "/index.html"].reduce(
    (total, file) => total + gzipSync(readFileSync(join(folder, file))).length,
    0,
  );
  expect(bytes).toBeLessThan(300_000);
  expect(loaded.filter((file) => file.includes("editor"))).toEqual([]);
  await close();
});

test("hostile events are text: no markup, and what hides or turns text is shown by its code", async () => {
  const { page, faults, close } = await open("/events");
  const table = page.getByRole("table", { name: "Events" });
  await table.waitFor();
  await expect.poll(() => table.textContent()).toContain("<img src=x onerror=alert(1)>");
  const text = (await table.textContent()) ?? "";
  for (const code of ["U+202E", "U+0007", "U+200B"]) {
    expect(text).toContain(code);
  }
  expect(await table.locator("img").count()).toBe(0);
  expect(faults).toEqual([]);
  await close();
});

test("the table of events holds only the rows in sight", async () => {
  const { page, close } = await open("/events");
  const table = page.getByRole("table", { name: "Events" });
  await table.waitFor();
  await expect.poll(() => table.getByRole("row").count()).toBeGreaterThan(8);
  expect(await table.getByRole("row").count()).toBeLessThan(60);
  await close();
});

test("a pasted table fills the form, and Save sends secrets apart from the rest", async () => {
  const { page, close } = await open("/playbook");
  await page.getByRole("button", { name: "Paste" }).click();
  await page
    .getByLabel("Text to read settings from")
    .fill(
      "| hub_name | my_hub | Name |\n| intake_key | a-new-key | Key |\n| hub_consumer_group | To be completed at step 6 | |",
    );
  await page.getByRole("button", { name: "Fill in" }).click();
  await expect.poll(() => page.getByLabel("Event Hub name", { exact: true }).inputValue()).toBe("my_hub");
  expect(await page.getByLabel("Intake key", { exact: true }).inputValue()).toBe("a-new-key");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => studio.asked.some(({ route }) => route === "PUT /api/playbook")).toBe(true);
  const { body } = studio.asked.findLast(({ route }) => route === "PUT /api/playbook") ?? {};
  expect(body).toMatchObject({
    draft: { settings: { hub_name: "my_hub" }, secrets: { intake_key: "a-new-key" } },
  });
  await close();
});

test("an emptied field shows the server's words at the field, and the trigger's card counts the problem", async () => {
  const { page, close } = await open("/playbook");
  await page.getByLabel("Event Hub name", { exact: true }).fill("");
  await page.getByText("Event Hub name is missing: copy it from the page of your hub").waitFor();
  await page.getByRole("img", { name: "1 problem" }).waitFor();
  expect(await page.getByLabel("Event Hub name", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  await close();
});

test("Show asks for one saved secret; nothing else brings it", async () => {
  const { page, close } = await open("/playbook");
  const key = page.getByLabel("Intake key", { exact: true });
  await key.waitFor();
  expect(await key.inputValue()).toBe("");
  await page.locator("[data-setting=intake_key]").getByRole("button", { name: "Show" }).click();
  await expect.poll(() => key.inputValue()).toBe("a-saved-secret");
  await close();
});

test("a search by keyboard alone: / focuses it, completion is chosen by arrows, the address bar keeps it", async () => {
  const { page, close } = await open("/events");
  await page.getByRole("table", { name: "Events" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("user.n");
  await page.getByRole("option", { name: "user.name" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "Saquet Pipin" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe('user.name:"Pipin.Saquet"');
  await close();
});

test("a row opens the event's fields, raw text, parsing and alerts; a field filters", async () => {
  const { page, close } = await open("/events");
  const table = page.getByRole("table", { name: "Events" });
  await table.getByRole("button").nth(2).click();
  await page.getByRole("tab", { name: "Parsing" }).click();
  await page.getByRole("table", { name: "Stages" }).waitFor();
  await page.getByRole("tab", { name: "Raw event" }).click();
  await page.getByText("bytes, as they came").waitFor();
  await page.getByRole("tab", { name: /Alerts/ }).click();
  await page.getByRole("link", { name: "Microsoft Intune Non-Compliant Device" }).waitFor();
  await page.getByRole("tab", { name: "Detail" }).click();
  await page.getByRole("button", { name: "Filter for host.name" }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe('host.name:"TheShire-W744"');
  await close();
});

test("a rule is tried on stored events with progress, and the trial can be stopped", async () => {
  const { page, faults, close } = await open("/alerts");
  await page.getByText("4,000 of 10,000 looked at").waitFor();
  await page.getByRole("button", { name: "Try a rule" }).click();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("75 events hit").waitFor();
  await page.getByRole("list", { name: "What matched" }).first().waitFor();
  await page.getByRole("table", { name: "Events of the rule" }).last().getByRole("link").first().waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  expect(faults).toEqual([]);
  await close();
});
