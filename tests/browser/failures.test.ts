import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RealStudio, saveLocalStack, startRealStudio, WAIT } from "./real-studio.ts";

let real: RealStudio;

beforeAll(async () => {
  real = await startRealStudio();
}, 180_000);

afterAll(() => real?.close());

/** The local stack's settings with one of them wrong, and what Check says of each. */
async function checked(
  page: Page,
  change: (field: (title: string) => ReturnType<Page["getByLabel"]>) => Promise<void>,
) {
  await page.getByRole("button", { name: "Use the local stack" }).click();
  await expect.poll(() => page.getByLabel("Event Hub name", { exact: true }).inputValue(), WAIT).not.toBe("");
  await change((title) => page.getByLabel(title, { exact: true }));
  await page.getByRole("button", { name: "Check", exact: true }).click();
  return page.getByRole("table", { name: "Check" });
}

const hubString = () => real.stack.hub.connectionString("intune-logs");

test.each([
  {
    name: "a wrong intake key",
    change: async (field: (title: string) => ReturnType<Page["getByLabel"]>) => {
      await field("Intake key").fill("a-key-that-nobody-knows");
    },
    says: /the intake refuses/,
    fix: /intake_key/,
  },
  {
    name: "a wrong key of the hub",
    change: async (field: (title: string) => ReturnType<Page["getByLabel"]>) => {
      await field("Event Hub connection string").fill(
        hubString().replace(/SharedAccessKey=[^;]+/, "SharedAccessKey=d3Jvbmcta2V5LXdyb25nLWtleQ=="),
      );
    },
    says: /the hub refuses the key of/,
    fix: /copy hub_connection_string again/,
  },
  {
    name: "a wrong name of the hub",
    change: async (field: (title: string) => ReturnType<Page["getByLabel"]>) => {
      await field("Event Hub name").fill("no-such-hub");
      await field("Event Hub connection string").fill(hubString().replace(/;EntityPath=[^;]+/, ""));
    },
    says: /the namespace has no Event Hub called "no-such-hub"/,
    fix: /set hub_name to the name of the Event Hub/,
  },
  {
    name: "a closed port of the hub",
    change: async (field: (title: string) => ReturnType<Page["getByLabel"]>) => {
      await field("Event Hub connection string").fill(
        hubString().replace(/:\d+(?=[;/])/, `:${await closedPort()}`),
      );
    },
    says: /does not accept connections on port/,
    fix: /port/,
  },
])(
  "Check tells the cause of $name and what to do",
  async ({ change, says, fix }) => {
    const { page, faults } = await real.open();
    const lines = await checked(page, change);
    const failed = lines.getByRole("row").filter({ hasText: says });
    await failed.first().waitFor();
    expect(await failed.first().textContent()).toMatch(fix);
    expect(faults).toEqual([]);
    await page.context().close();
  },
  120_000,
);

test("Check tells that the intake is dead", async () => {
  const { page } = await real.open();
  await real.stack.intake.faults.down();
  try {
    const lines = await checked(page, async () => undefined);
    const port = lines.getByRole("row").filter({ hasText: "Intake port" }).filter({ hasText: "failed" });
    await port.filter({ hasText: "does not accept connections" }).waitFor();
    await lines.getByText('not tried, since "Intake port" failed').first().waitFor();
  } finally {
    await real.stack.intake.faults.up();
  }
  await page.context().close();
}, 120_000);

test("a run tells that the intake is dead while it waits, and is quiet again once events pass", async () => {
  const { page } = await real.open();
  await saveLocalStack(page);
  await real.stack.intake.faults.down();
  await page.getByRole("switch", { name: "On", exact: true }).click();
  await page.getByRole("button", { name: "Send the samples" }).click();
  await page.getByRole("link", { name: "Runs" }).click();
  const reason = page.locator("p[role=status]").filter({ hasText: /intake/ });
  await reason.waitFor();
  expect(await reason.textContent()).toMatch(/^The intake cannot be reached [^{]*$/);
  await real.stack.intake.faults.up();
  await reason.waitFor({ state: "detached" });
  const ledger = page.getByRole("table", { name: "Ledger" });
  await expect.poll(() => ledger.getByRole("row", { name: /^All/ }).textContent(), WAIT).toMatch(/^All55/);
  await page.context().close();
}, 180_000);

test("a rejected event is a dead letter with its reason, and is sent again once the intake takes it", async () => {
  const { page, faults } = await real.open();
  await page.getByRole("link", { name: "Runs" }).click();
  await page.getByRole("table", { name: "Ledger" }).waitFor();
  real.stack.intake.faults.reject((raw) =>
    raw.includes("a-rejected-device") ? "no such device is welcome" : undefined,
  );
  real.stack.hub.hub("intune-logs").append("0", [
    Buffer.from('{"category":"Devices","properties":{"DeviceName":"a-rejected-device <b>x</b>"}}'),
    // What is accepted beside it proves that the key is right, and the event at fault.
    Buffer.from('{"category":"Devices","properties":{"DeviceName":"a-welcome-device"}}'),
  ]);
  const letters = page.getByRole("table", { name: "Dead letters" });
  await letters.getByText("no such device is welcome").waitFor();
  await letters.getByText(/^the event, partition 0/).click();
  await letters.getByText("a-rejected-device <b>x</b>").waitFor();
  real.stack.intake.faults.reject(undefined);
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByText("1 event forwarded, 0 set aside again.").waitFor();
  await letters.getByText("sent again").waitFor();
  await page.getByRole("link", { name: "Events" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill('"a-rejected-device"');
  await page.getByRole("button", { name: "Search" }).click();
  await expect
    .poll(() => page.getByRole("table", { name: "Events" }).getByRole("button").count(), WAIT)
    .toBe(1);
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);

test("a trigger that is killed shows as Failed with its reason, and the next run begins by itself", async () => {
  const { page } = await real.open();
  await page.getByRole("link", { name: "Runs" }).click();
  const runs = page.getByRole("table", { name: "Runs" });
  await runs.getByText("Running").waitFor();
  const pid = await page.evaluate<number>(
    "fetch('/api/runs').then((answer) => answer.json()).then(({ runs }) => runs[0].process)",
  );
  process.kill(pid, "SIGKILL");
  const failed = runs.getByRole("row").filter({ hasText: "Failed" });
  await failed.waitFor();
  expect(await failed.textContent()).toMatch(/SIGKILL/);
  await runs.getByRole("row").filter({ hasText: "Running" }).waitFor();
  await failed.getByRole("button").click();
  await page
    .locator("p.failure")
    .filter({ hasText: /killed/ })
    .waitFor();
  await page.context().close();
}, 120_000);

test("an edited format that is saved changes what the stored event shows", async () => {
  const { page, faults } = await real.open();
  await page.getByRole("link", { name: "Events" }).click();
  const events = page.getByRole("table", { name: "Events" });
  await page.getByRole("searchbox", { name: "Search" }).fill("action.type:OperationalLogs");
  await page.getByRole("button", { name: "Search" }).click();
  await events.getByRole("button").first().click();
  await page.getByRole("row", { name: /host.name TheShire-W744/ }).waitFor();

  await page.getByRole("link", { name: "Formats" }).click();
  const sample = page.getByRole("combobox", { name: "Sample" });
  await sample.selectOption("operational_compliance");
  await page.getByRole("table", { name: "ECS event" }).getByText("TheShire-W744", { exact: true }).waitFor();
  const editor = page.getByRole("textbox", { name: "parser.yml" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("# mine");
  const text = await page.evaluate<string>(
    "fetch('/api/formats/microsoft-intune').then((answer) => answer.json()).then(({ parser }) => parser)",
  );
  await editor.fill(text.replaceAll(/host\.name: .*/g, 'host.name: "RENAMED-BY-ME"'));
  await page.getByRole("table", { name: "ECS event" }).getByText("RENAMED-BY-ME", { exact: true }).waitFor();
  await page.getByRole("tab", { name: /Differences/ }).click();
  await page.getByRole("table", { name: "Differences" }).getByText("host.name").waitFor();
  await page.getByRole("button", { name: "Save as mine" }).click();
  await expect
    .poll(() => page.getByRole("combobox", { name: "Format" }).inputValue(), WAIT)
    .toBe("my-microsoft-intune");

  await page.getByRole("link", { name: "Events" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill("action.type:OperationalLogs");
  await page.getByRole("button", { name: "Search" }).click();
  await events.getByRole("button").first().click();
  await page.getByRole("row", { name: /host.name RENAMED-BY-ME/ }).waitFor();
  await page.getByRole("tab", { name: "Parsing" }).click();
  await page.getByRole("link", { name: "my-microsoft-intune" }).waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
