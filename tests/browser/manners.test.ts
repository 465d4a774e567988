import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { INTAKE_KEY, type RealStudio, startRealStudio, WAIT } from "./real-studio.ts";

let real: RealStudio;

beforeAll(async () => {
  real = await startRealStudio();
}, 180_000);

afterAll(() => real?.close());

test("the main flow by keyboard alone: fill, check, save, on, samples, the run, the search, an event, stop", async () => {
  const { page, faults } = await real.open();
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const link = (name: string) => page.getByRole("link", { name, exact: true });
  await press(page, button("Use the local stack"), "Enter");
  await page.getByRole("img", { name: "The configuration is valid" }).waitFor();
  await press(page, button("Check"), "Enter");
  await page.getByText("none failed").waitFor();
  await press(page, button("Save"), "Enter");
  await page.getByText("Ready", { exact: true }).waitFor();
  await press(page, page.getByRole("switch", { name: "On" }), "Space");
  await page.getByText("Running", { exact: true }).waitFor();
  await press(page, button("Send the samples"), "Enter");
  await page.getByText("5 samples sent to the hub.").waitFor();

  await press(page, link("Runs"), "Enter");
  const ledger = page.getByRole("table", { name: "Ledger" });
  await expect.poll(() => ledger.getByRole("row", { name: /^All/ }).textContent(), WAIT).toMatch(/^All55/);

  await press(page, link("Events"), "Enter");
  await page.getByRole("searchbox", { name: "Search" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(`customer.intake_key:"${INTAKE_KEY}"`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  const rows = page.getByRole("table", { name: "Events" }).getByRole("button");
  await expect.poll(() => rows.count(), WAIT).toBe(5);
  await press(page, page.getByRole("region", { name: "Events, arrows move" }), "ArrowDown");
  await page.getByRole("table", { name: "Fields" }).waitFor();
  await press(page, page.getByRole("tab", { name: "Detail" }), "ArrowRight");
  await page.getByText("bytes, as they came").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Raw event" }).waitFor({ state: "detached" });

  await press(page, link("Runs"), "Enter");
  await press(page, button("Stop"), "Enter");
  await page.getByRole("table", { name: "Runs" }).getByText("Succeeded").waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);

test("what comes is shown and counted at once, and is held back while one reads further down", async () => {
  const { page, faults } = await real.open();
  const post = async (from: number, to: number) => {
    const jsons = Array.from({ length: to - from }, (_, n) => JSON.stringify({ live: `number ${from + n}` }));
    const body = JSON.stringify({ intake_key: INTAKE_KEY, jsons });
    expect((await fetch(`${real.stack.intake.url}/batch`, { method: "POST", body })).status).toBe(200);
  };
  await post(0, 60);
  await page.goto(new URL(`/events?q=${encodeURIComponent('"number"')}&period=5m`, real.studio.address).href);
  const events = page.getByRole("table", { name: "Events" });
  const counted = (text: string) => page.getByText(text, { exact: true }).waitFor();
  await counted("60 events");
  await post(60, 61);
  await events.getByRole("button", { name: /number 60/ }).waitFor();
  await counted("61 events");
  const box = page.getByRole("region", { name: "Events, arrows move" });
  await box.evaluate((element) => {
    element.scrollTop = 600;
  });
  await events.getByRole("button", { name: /number 60/ }).waitFor({ state: "detached" });
  await post(61, 64);
  await page.getByRole("button", { name: "Show 3 newer events" }).click();
  await events.getByRole("button", { name: /number 63/ }).waitFor();
  await counted("64 events");
  expect(faults).toEqual([]);
  await page.context().close();
}, 120_000);

const DEEP = `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`;
const HOSTILE = {
  markup:
    '{"category":"Devices","properties":{"DeviceName":"<img src=x onerror=alert(1)><script>alert(2)</script>"}}',
  hidden: JSON.stringify({
    category: "Devices",
    properties: { DeviceName: "a\u202Egnp.exe\u0007\u200B\u2066b" },
  }),
  large: JSON.stringify({ category: "Devices", properties: { DeviceName: "W".repeat(240_000) } }),
  deep: `{"category":"Devices","properties":${DEEP}}`,
  notJson: '<script>document.title = "taken"</script>',
};

test("hostile events show as text in the list, in their fields, raw and in their parsing", async () => {
  const { page, faults } = await real.open();
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const answer = await fetch(`${real.stack.intake.url}/batch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ intake_key: INTAKE_KEY, jsons: Object.values(HOSTILE) }),
  });
  expect(((await answer.json()) as { event_ids: unknown[] }).event_ids).toHaveLength(5);
  const open = async (word: string) => {
    await page.goto(new URL(`/events?q=${encodeURIComponent(word)}&period=all`, real.studio.address).href);
    await page.getByRole("table", { name: "Events" }).getByRole("button").first().click();
    await page.getByRole("table", { name: "Fields" }).waitFor();
  };
  const main = page.locator("main");
  for (const { word, shown } of [
    { word: "onerror", shown: "<img src=x onerror=alert(1)><script>alert(2)</script>" },
    { word: "gnp", shown: "aU+202Egnp.exeU+0007U+200BU+2066b" },
    { word: "taken", shown: '<script>document.title = "taken"</script>' },
    { word: "w".repeat(100), shown: "more characters" },
    { word: "properties AND NOT DeviceName", shown: "bytes, as they came" },
  ]) {
    await open(word);
    for (const tab of ["Detail", "Parsing", "Raw event"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("tab", { name: tab, selected: true }).waitFor();
    }
    await expect.poll(() => main.textContent(), WAIT).toContain(shown);
    expect(await main.locator("img, script, iframe").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(1280);
    expect(await page.title()).toContain("eventhub-intake studio");
  }
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);

/** Goes to the element by Tab, as a person without a mouse does, and presses the key there. */
async function press(page: Page, target: Locator, key: string): Promise<void> {
  await target.waitFor();
  const isFocused = () => target.evaluate((element) => element === element.ownerDocument.activeElement);
  for (let step = 0; step < 400 && !(await isFocused()); step++) {
    await page.keyboard.press("Tab");
  }
  expect(await isFocused()).toBe(true);
  await page.keyboard.press(key);
}
