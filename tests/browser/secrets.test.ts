import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { INTAKE_KEY, type RealStudio, startRealStudio, WAIT } from "./real-studio.ts";

let real: RealStudio;

beforeAll(async () => {
  real = await startRealStudio();
}, 180_000);

afterAll(() => real?.close());

/** Whatever leaves the server or is shown, by where it was seen. */
type Seen = { readonly where: string; readonly text: string }[];

/** What a person could read off the page: its text, attributes, and fields that are not of passwords. */
const SHOWN = `(() => {
  const copy = document.documentElement.cloneNode(true);
  for (const field of copy.querySelectorAll("input[type=password]")) field.removeAttribute("value");
  const fields = [...document.querySelectorAll("input:not([type=password]), textarea")].map(({ value }) => value);
  return [copy.outerHTML, document.body.innerText, ...fields].join("\\n");
})()`;

/** Notes answers, messages of streams, the browser's console, and files that are saved. */
async function watch(page: Page, artefacts: string): Promise<Seen> {
  const seen: Seen = [];
  const note = (where: string, text: string) => void seen.push({ where, text });
  page.on("response", (response) => {
    const type = response.headers()["content-type"] ?? "";
    if (!/javascript|css|event-stream/.test(type)) {
      const where = `the answer to ${response.request().method()} ${response.url()}`;
      note(where, JSON.stringify(response.headers()));
      // Of a page that was left there is no answer any more.
      void response.text().then(
        (text) => note(where, text),
        () => undefined,
      );
    }
  });
  page.on("console", (message) => note("the browser's console", message.text()));
  page.on("download", (download) => {
    void download.saveAs(join(artefacts, download.suggestedFilename()));
  });
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.eventSourceMessageReceived", ({ data }) => note("a stream", data));
  return seen;
}

test("no secret stands in an answer, a stream, a log, on the page, or in a file of a whole flow", async () => {
  const artefacts = mkdtempSync(join(tmpdir(), "studio-artefacts-"));
  const { page } = await real.open();
  const seen = await watch(page, artefacts);
  const output = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  const hub = real.stack.hub.connectionString("intune-logs");
  const storage = real.stack.storage.connectionString;
  const keyIn = (text: string) => /(?:AccountKey|SharedAccessKey)=([^;]+)/.exec(text)?.[1] ?? "";
  const garbled = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccesKey=garbled-secret-4711";
  const wrong = hub.replace(keyIn(hub), "d3Jvbmctc2VjcmV0LWtleQ==");
  const secrets = [
    INTAKE_KEY,
    keyIn(hub),
    keyIn(storage),
    keyIn(wrong),
    "garbled-secret-4711",
    "wrong-intake-key",
  ];
  expect(secrets.filter((secret) => secret.length < 10)).toEqual([]);
  let stop = 0;
  const look = async (where: string) => {
    seen.push({ where: `the page ${where}`, text: await page.evaluate<string>(SHOWN) });
    await page.screenshot({ path: join(artefacts, `${stop++}.png`) });
  };
  const paste = async (text: string) => {
    await page.getByRole("button", { name: "Paste" }).click();
    await page.getByLabel("Text to read settings from").fill(text);
    await page.getByRole("button", { name: "Fill in" }).click();
  };
  const check = async (says: RegExp | string) => {
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText(says).first().waitFor();
  };
  const rest = `hub_name | intune-logs\nstorage_container_name | intune-logs\nintake_server | ${real.stack.intake.url}`;

  await paste(
    `hub_connection_string | ${garbled}\nstorage_connection_string | ${storage}\nintake_key | wrong-intake-key\n${rest}`,
  );
  await page.locator("[data-setting=hub_connection_string] .err").waitFor();
  await look("with a garbled connection string");
  await paste(`hub_connection_string | ${wrong}`);
  await check(/the hub refuses the key of/);
  await look("with a wrong key");
  await paste(`hub_connection_string | ${hub}`);
  await check(/the intake refuses/);
  await look("with a wrong intake key");
  await paste(`intake_key | ${INTAKE_KEY}`);
  await check("none failed");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Ready", { exact: true }).waitFor();
  // Once they are saved, they are not even in the fields.
  const html = await page.content();
  expect(secrets.filter((secret) => html.includes(secret))).toEqual([]);
  await page.getByRole("switch", { name: "On", exact: true }).click();
  await page.getByRole("button", { name: "Send the samples" }).click();
  await page.getByText("5 samples sent to the hub.").waitFor();
  await page.getByRole("tab", { name: "Deploy" }).click();
  await look("Playbook");

  await page.getByRole("link", { name: "Runs", exact: true }).click();
  const all = page.getByRole("table", { name: "Ledger" }).getByRole("row", { name: /^All/ });
  await expect.poll(() => all.textContent(), WAIT).toMatch(/^All55/);
  await page.getByRole("table", { name: "Log" }).waitFor();
  await look("Runs");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("link", { name: "Events", exact: true }).click();
  await page
    .getByRole("searchbox", { name: "Search" })
    .fill(`customer.intake_key:"…${INTAKE_KEY.slice(-4)}"`);
  await page.keyboard.press("Enter");
  const rows = page.getByRole("table", { name: "Events" }).getByRole("button");
  await expect.poll(() => rows.count(), WAIT).toBe(5);
  await rows.first().click();
  for (const tab of ["Raw event", "Parsing", "Alerts", "Detail"]) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    await look(`Events, ${tab}`);
  }
  await page.getByRole("button", { name: "Export" }).click();
  for (const name of ["Alerts", "Formats", "Setup", "Playbook"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await look(name);
  }
  await page.reload();
  await page.getByLabel("Intake key", { exact: true }).waitFor();
  await look("after a reload");
  await page.getByRole("switch", { name: "On", exact: true }).click();
  await page.getByText("Ready", { exact: true }).waitFor();

  await expect
    .poll(() => readdirSync(artefacts).sort(), WAIT)
    .toEqual(expect.arrayContaining(["events.jsonl", expect.stringMatching(/^run-\d+\.json$/), "0.png"]));
  for (const name of readdirSync(artefacts)) {
    seen.push({ where: `the file ${name}`, text: readFileSync(join(artefacts, name), "latin1") });
  }
  for (const text of output.flatMap(({ mock }) => mock.calls.map(([text]) => String(text)))) {
    seen.push({ where: "the output of the studio", text });
  }
  for (const part of ["the answer to", "a stream", "the page", "the file"]) {
    expect(seen.filter(({ where }) => where.startsWith(part)).length, part).toBeGreaterThan(2);
  }
  const found = seen.flatMap(({ where, text }) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${where}`),
  );
  expect(found).toEqual([]);

  // Only Show brings one, and that one alone; Hide takes it away again.
  const setting = page.locator("[data-setting=intake_key]");
  await setting.getByRole("button", { name: "Show" }).click();
  await expect.poll(() => page.getByLabel("Intake key", { exact: true }).inputValue()).toBe(INTAKE_KEY);
  expect(await page.evaluate<string>(SHOWN)).not.toContain(keyIn(storage));
  await setting.getByRole("button", { name: "Hide" }).click();
  expect(await page.evaluate<string>(SHOWN)).not.toContain(INTAKE_KEY);
  for (const spy of output) {
    spy.mockRestore();
  }
  rmSync(artefacts, { recursive: true, force: true });
  await page.context().close();
}, 240_000);
