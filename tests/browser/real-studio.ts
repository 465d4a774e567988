import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { intakeFormat } from "../../src/cli/intake-format.ts";
import { type StudioServer, startStudio } from "../../src/studio/server/studio.ts";
import { type FaultyStack, startStack } from "../support/faulty-stack.ts";
import { buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { complaintsOf } from "./page-checks.ts";

export const INTAKE_KEY = "the-intake-key-of-the-tests";
/** Two busy cores may take their time. */
export const WAIT = { timeout: 60_000 };

export type RealStudio = {
  readonly browser: Browser;
  readonly stack: FaultyStack;
  readonly studio: StudioServer;
  /** A tab of its own with the studio's first page; `faults` gets whatever the browser complains of. */
  open(): Promise<{ readonly page: Page; readonly faults: string[] }>;
  close(): Promise<void>;
};

/** The built page on the studio's server, with hub, storage and intake; the intake knows one key. */
export async function startRealStudio(): Promise<RealStudio> {
  const dataFolder = mkdtempSync(join(tmpdir(), "studio-data-"));
  const [browser, pageFolder, format] = await Promise.all([
    launchChromium(),
    buildPage(),
    intakeFormat("microsoft-intune", process.stderr),
  ]);
  const stack = await startStack({ intake: { keys: [INTAKE_KEY], format } });
  const studio = await startStudio({
    dataFolder,
    pageFolder,
    moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
    format,
    stack: { hub: stack.hub, storage: stack.storage, intake: stack.intake, intakeKey: INTAKE_KEY },
    restartAfterMs: 100,
  });
  return {
    browser,
    stack,
    studio,
    async open() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB" });
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT.timeout);
      const faults = complaintsOf(page);
      await page.goto(studio.address);
      return { page, faults };
    },
    async close() {
      await browser.close();
      await studio.close();
      await stack.close();
      rmSync(dataFolder, { recursive: true, force: true });
      rmSync(pageFolder, { recursive: true, force: true });
    },
  };
}

/** Fills in the embedded servers, saves them and waits until all is well. */
export async function saveLocalStack(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Playbook" }).click();
  await page.getByRole("button", { name: "Use the local stack" }).click();
  await page.getByRole("img", { name: "The configuration is valid" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Ready", { exact: true }).waitFor();
}
