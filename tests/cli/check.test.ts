import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubConsumerClient, latestEventPosition } from "@azure/event-hubs";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { InspectionReport } from "../../src/app/inspect.ts";
import { registerCheck } from "../../src/cli/check.ts";
import { LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { intuneSamples } from "../../src/local/samples.ts";
import { type LocalStack, startStack } from "../../src/local/stack.ts";
import type { CheckResult } from "../../src/preflight/contract.ts";
import { runCommand } from "./run.ts";

const KEY = "intake-key-of-this-test";

let stack: LocalStack;
let folder: string;

beforeAll(async () => {
  stack = await startStack({ intake: { keys: [KEY] } });
  folder = mkdtempSync(join(tmpdir(), "check-test-"));
  const hub = stack.hub.hub(LOCAL_HUB_NAME);
  const samples = intuneSamples();
  for (const [index, sample] of samples.entries()) {
    hub.append(String(index % 4), [Buffer.from(sample)]);
  }
  hub.append("0", [Buffer.from(`{"records":[${samples.join(",")}]}`)]);
  hub.append("1", [Buffer.from("{'not': json}"), Buffer.from('{"type":"heartbeat"}')]);
  hub.append("2", [
    Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x01]),
    Buffer.from('{"a":"\u001b[31m"}'),
    Buffer.from('{"a":1}'),
  ]);
  hub.append("3", [Buffer.from(JSON.stringify({ category: "Devices", pad: "x".repeat(260_000) }))]);
});

afterEach(() => {
  process.exitCode = undefined;
});

afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

function configOf(change: object = {}): string {
  const path = join(folder, "settings.json");
  const settings = {
    hub_connection_string: stack.hub.connectionString(LOCAL_HUB_NAME),
    hub_name: LOCAL_HUB_NAME,
    storage_connection_string: stack.storage.connectionString,
    storage_container_name: "check",
    intake_key: KEY,
    intake_server: stack.intake.url,
    ...change,
  };
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

const run = (config: string, ...args: string[]) =>
  runCommand(registerCheck, ["check", "--config", config, ...args]);

test("settings that are right: a line a check, exit 0, and neither events nor positions are touched", async () => {
  const printed = await run(configOf());
  const lines = printed.trim().split("\n");
  expect(lines).toContain(
    'passed   Event Hub connection string Event Hub intune-logs at localhost, by the policy "RootManageSharedAccessKey"',
  );
  expect(lines.at(-1)).toBe("24 passed, 1 warning");
  expect(process.exitCode).toBe(0);
  const names = [];
  for await (const { name } of new ContainerClient(stack.storage.connectionString, "check").listBlobsFlat()) {
    names.push(name);
  }
  expect(names).toEqual([]);
  expect(stack.intake.count()).toBe(0);
});

test("a setting that is wrong: its cause, its fix and its step, exit 1, and the same as JSON", async () => {
  const config = configOf({ hub_consumer_group: "sok" });
  const printed = await run(config);
  expect(printed).toContain(
    'failed   Consumer group              the Event Hub has no consumer group called "sok"\n' +
      "         what to do                  create the consumer group on the Event Hub's page Consumer groups, or set hub_consumer_group to one that it lists (step 6, consumer group)\n",
  );
  expect(process.exitCode).toBe(1);
  const { checks, live } = JSON.parse(await run(config, "--json")) as {
    checks: CheckResult[];
    live: unknown;
  };
  expect(live).toBeNull();
  expect(
    checks.filter(({ status }) => status !== "passed").map(({ id, status }) => `${id} ${status}`),
  ).toEqual(["hub-claims warning", "consumer-group failed", "group-readers skipped"]);
});

test("--live tells the categories, what is dropped, the oddities, and how the format parses each", async () => {
  const config = configOf({ categories: ["AuditLogs", "OperationalLogs"] });
  const { live } = JSON.parse(await run(config, "--live", "100", "--json")) as { live: InspectionReport };
  expect(live).toMatchObject({
    messages: 12,
    records: 14,
    invalidJson: 2,
    heartbeats: 1,
    unreadable: 1,
    tooLarge: 1,
    largestBytes: 260_031,
  });
  expect(live.categories.map(({ category, records, dropped }) => [category, records, dropped])).toEqual([
    ["AuditLogs", 4, 0],
    [null, 3, 1],
    ["Devices", 3, 3],
    ["DeviceComplianceOrg", 2, 2],
    ["OperationalLogs", 2, 0],
  ]);
  expect(live.summary).toBe(
    "this hub carries AuditLogs 4, records without a category 3, Devices 3, DeviceComplianceOrg 2, OperationalLogs 2; " +
      "your categories drop records without a category, Devices, DeviceComplianceOrg",
  );
  expect(live.categories[0]?.fields).toMatchObject({ "action.name": 4, "user.name": expect.any(Number) });
  expect(Object.keys(live.categories[1]?.warnings ?? {}).join()).toMatch(/json/i);
  expect(stack.intake.count()).toBe(0);
});

test("--live on a terminal: sentences without the events' control characters", async () => {
  const printed = await run(configOf(), "--live", "3");
  expect(printed).toMatch(
    /\nthis hub carries .*; your categories drop nothing\n3 messages with \d+ records of /,
  );
  expect(printed).toMatch(/\n {4}fields .*\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test("--live goes by the default group while the trigger reads with its own", async () => {
  const reader = new EventHubConsumerClient("sekoiaio", stack.hub.connectionString(LOCAL_HUB_NAME));
  try {
    const handlers = { processEvents: async () => {}, processError: async () => {} };
    reader.subscribe(handlers, { startPosition: latestEventPosition, ownerLevel: 1 });
    await expect.poll(() => stack.hub.stats().receivers.length, { timeout: 10_000 }).toBe(4);
    const { live } = JSON.parse(await run(configOf(), "--live", "100", "--json")) as {
      live: InspectionReport;
    };
    expect(live.messages).toBe(12);
    expect(stack.hub.stats().receivers.filter(({ group }) => group === "sekoiaio")).toHaveLength(4);
  } finally {
    await reader.close();
  }
});

test("--live where the hub cannot be read says so", async () => {
  const printed = await run(
    configOf({ hub_name: "audit", hub_connection_string: stack.hub.connectionString("audit") }),
    "--live",
    "3",
  );
  expect(printed).toMatch(/the newest messages were skipped, since the hub cannot be read\n$/);
  expect(process.exitCode).toBe(1);
});

test.each([
  {
    name: "no configuration",
    args: ["--config", "/nowhere/settings.json"],
    code: 2,
    error: /cannot be read \(ENOENT\)/,
  },
  { name: "a count of nothing", args: ["--live", "0"], code: 2, error: /above 0/ },
  { name: "a count that nobody waits for", args: ["--live", "1000000"], code: 2, error: /at most 100000/ },
])("$name ends with exit code $code", ({ args, code, error }) => {
  const script = new URL("../../src/cli/main.ts", import.meta.url).pathname;
  const ended = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, "check", ...args],
    {
      encoding: "utf8",
    },
  );
  expect(ended.status).toBe(code);
  expect(ended.stderr).toMatch(error);
  expect(ended.stdout).toBe("");
});
