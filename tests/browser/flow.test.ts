import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intakeFormat } from "../../src/cli/intake-format.ts";
import { BUILT_IN_RULES } from "../../src/cli/rule-folder.ts";
import { startStudio } from "../../src/studio/server/studio.ts";
import { buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { complaintsOf, seriousFindings } from "./page-checks.ts";

const moduleDir = fileURLToPath(new URL("../..", import.meta.url));
const SHOTS = process.env["STUDIO_SCREENSHOTS"];
const WAIT = { timeout: 60_000 };

let browser: Browser;
let studio: Awaited<ReturnType<typeof startStudio>>;
let dataFolder: string;
let pageFolder: string;

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "studio-data-"));
  let format: Awaited<ReturnType<typeof intakeFormat>>;
  [browser, pageFolder, format] = await Promise.all([
    launchChromium(),
    buildPage(),
    intakeFormat("microsoft-intune", process.stderr),
  ]);
  studio = await startStudio({
    port: 0,
    dataFolder,
    moduleDir,
    pageFolder,
    format,
    rules: BUILT_IN_RULES,
  });
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await studio?.close();
  rmSync(dataFolder, { recursive: true, force: true });
  rmSync(pageFolder, { recursive: true, force: true });
});

async function openPage(): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = complaintsOf(page);
  await page.goto(studio.address);
  return { page, faults };
}

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) {
    await page.screenshot({ path: join(SHOTS, `studio-${name}.png`) });
  }
}

test("from an empty form to found events: local stack, check, save, on, samples, run, search, stop", async () => {
  const { page, faults } = await openPage();
  await page.getByRole("button", { name: "Use the local stack" }).click();
  await expect.poll(() => page.getByLabel("Event Hub name", { exact: true }).inputValue(), WAIT).not.toBe("");
  expect(page.url()).not.toContain("token");
  await page.getByRole("img", { name: "The configuration is valid" }).waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("none failed").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Ready").waitFor();
  await page.getByRole("switch", { name: "On", exact: true }).click();
  await page.getByRole("button", { name: "Send the samples" }).click();
  await page.getByText("5 samples sent to the hub.").waitFor();
  await shot(page, "playbook");

  await page.getByRole("link", { name: "Runs" }).click();
  const ledger = page.getByRole("table", { name: "Ledger" });
  await ledger.waitFor();
  await expect.poll(() => ledger.getByRole("row", { name: /^All/ }).textContent(), WAIT).toMatch(/^All55/);
  await page.getByRole("img", { name: /^Events a second/ }).waitFor();
  await page
    .getByRole("table", { name: "Log" })
    .getByText(/is read without a checkpoint/)
    .first()
    .waitFor();
  await shot(page, "runs");

  const key = await savedKey(page);
  await page.getByRole("link", { name: "Events" }).click();
  await expect(page.getByRole("combobox", { name: "Period" }).inputValue()).resolves.toBe("5m");
  await page.getByRole("searchbox", { name: "Search" }).fill(`customer.intake_key:"${key}"`);
  await page.getByRole("button", { name: "Search" }).click();
  const events = page.getByRole("table", { name: "Events" });
  await expect.poll(() => events.getByRole("button").count(), WAIT).toBe(5);
  await events.getByRole("button", { name: /Compliance alert/ }).click();
  await page.getByRole("row", { name: /host.name TheShire-W744/ }).waitFor();
  await page.getByRole("tab", { name: "Alerts", exact: true }).click();
  await page.getByRole("link", { name: "Microsoft Intune Non-Compliant Device" }).waitFor();
  await page.getByRole("tab", { name: "Raw event" }).click();
  await page.getByText("bytes, as they came").waitFor();
  await page.getByRole("tab", { name: "Parsing" }).click();
  await page.getByRole("table", { name: "Stages" }).waitFor();
  await page.getByRole("tab", { name: "Detail" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill("action.type:*");
  await page.getByRole("button", { name: "Search" }).click();
  await expect.poll(() => events.getByRole("button").count(), WAIT).toBe(5);
  await shot(page, "events");

  await page.getByRole("link", { name: /^Alerts/ }).click();
  const alerts = page.getByRole("table", { name: "Alerts", exact: true });
  await alerts.getByRole("button", { name: "Microsoft Intune Non-Compliant Device" }).waitFor();
  expect(await alerts.getByRole("button").count()).toBe(1);
  await page.getByText("action.name: Compliance (matched)").waitFor();
  await shot(page, "alerts");
  expect(await seriousFindings(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await seriousFindings(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Try a rule" }).click();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("1 event hit of 5 looked at").waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "Close the alert" }).click();
  await page.getByText("No open alert.").waitFor();

  await page.getByRole("link", { name: "Formats" }).click();
  await page.getByRole("table", { name: "ECS event" }).waitFor();
  await shot(page, "formats");
  await page.getByRole("link", { name: "Setup" }).click();
  await page.getByText("Create the Event Hub", { exact: true }).waitFor();
  await shot(page, "setup");

  await page.getByRole("link", { name: "Runs" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("table", { name: "Runs" }).getByText("Succeeded").waitFor();
  expect(faults).toEqual([]);
}, 180_000);

test("no page has a serious finding of axe with real data in it, light and dark", async () => {
  const { page, faults } = await openPage();
  const findings: string[] = [];
  for (const { name, sign } of [
    { name: "Playbook", sign: () => page.getByRole("table", { name: "Check" }) },
    { name: "Runs", sign: () => page.getByRole("table", { name: "Ledger" }) },
    { name: "Events", sign: () => page.getByRole("table", { name: "Events" }) },
    { name: "Alerts", sign: () => page.getByRole("region", { name: "The rule's text" }) },
    { name: "Formats", sign: () => page.getByRole("table", { name: "Stages" }) },
    { name: "Setup", sign: () => page.getByRole("button", { name: "Copy the az commands" }) },
  ]) {
    await page.getByRole("link", { name, exact: true }).click();
    if (name === "Events") {
      await page.getByRole("combobox", { name: "Period" }).selectOption("All time");
      await sign().getByRole("button").first().click();
      await page.getByRole("table", { name: "Fields" }).waitFor();
    }
    if (name === "Alerts") {
      await page.getByRole("combobox", { name: "Which alerts" }).selectOption("Open and closed");
    }
    await sign().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      findings.push(...(await seriousFindings(page)).map((finding) => `${name}, ${colorScheme}: ${finding}`));
    }
  }
  expect(findings).toEqual([]);
  expect(faults).toEqual([]);
}, 120_000);

test("a reload and a second tab keep and agree on what was saved", async () => {
  const { page } = await openPage();
  const hub = page.getByLabel("Event Hub name", { exact: true });
  await expect.poll(() => hub.inputValue(), WAIT).not.toBe("");
  const other = await page.context().newPage();
  await other.goto(new URL("/playbook", studio.address).href);
  await other.getByLabel("Name of the playbook").fill("Renamed in another tab");
  await other.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(() => page.getByLabel("Name of the playbook").inputValue(), WAIT)
    .toBe("Renamed in another tab");
  await page.reload();
  await expect
    .poll(() => page.getByLabel("Name of the playbook").inputValue(), WAIT)
    .toBe("Renamed in another tab");
}, 120_000);

/** As a person gets it: Show, on the page Playbook. */
async function savedKey(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Playbook" }).click();
  await page.locator("[data-setting=intake_key]").getByRole("button", { name: "Show" }).click();
  const field = page.getByLabel("Intake key", { exact: true });
  await expect.poll(() => field.inputValue(), WAIT).not.toBe("");
  return field.inputValue();
}
