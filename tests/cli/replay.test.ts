import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { registerReplay } from "../../src/cli/replay.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { type LocalIntake, startIntake } from "../../src/local/intake/server.ts";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { closeInTime } from "../support/close-in-time.ts";
import { runCommand } from "./run.ts";

const HUB = "logs";
const CONTAINER = "positions";
/** Long ago: the hub of this test stands still at the last of these, and a token must not be over by then. */
const hourMs = (hour: number) => Date.UTC(2020, 1, 20, hour);

let hub: LocalHubServer;
let storage: LocalStorage;
let intake: LocalIntake;
let folder: string;
let config: string;

beforeAll(async () => {
  let nowMs = 0;
  const Entities = [{ Name: HUB, PartitionCount: "2", ConsumerGroups: [{ Name: "sekoiaio" }] }];
  hub = await startHub({
    config: { UserConfig: { NamespaceConfig: [{ Entities }] } },
    port: 0,
    clock: { ...systemClock, now: () => nowMs },
  });
  // Before, in and after the hour that is replayed.
  for (const hour of [7, 8, 9]) {
    nowMs = hourMs(hour);
    hub.hub(HUB).append("0", [Buffer.from(`{"records":[{"at":${hour}},{"at":${hour}}]}`)]);
    hub.hub(HUB).append("1", [Buffer.from(`text\nof ${hour}`), Buffer.from(`more of ${hour}`)]);
  }
  nowMs = hourMs(10);
  storage = await startStorage();
  folder = mkdtempSync(join(tmpdir(), "replay-"));
  config = join(folder, "settings.json");
});

beforeEach(async () => {
  await intake?.close();
  intake = await startIntake();
  const settings = {
    hub_connection_string: hub.connectionString(HUB),
    hub_name: HUB,
    storage_connection_string: storage.connectionString,
    storage_container_name: CONTAINER,
    intake_key: "a-key-of-the-intake",
    intake_server: intake.url,
  };
  writeFileSync(config, JSON.stringify(settings));
  process.exitCode = 0;
});

afterAll(async () => {
  await intake?.close();
  await hub?.close();
  await storage?.close();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = 0;
});

const raws = () => intake.events().map(({ raw }) => raw);
const run = (errors: string[], from: string, to: string, ...more: string[]) =>
  runCommand(registerReplay, ["replay", "--from", from, "--to", to, "--config", config, ...more], "", errors);

test("the events of the time are sent, all of them and no others, and no position is written", async () => {
  const printed = await run([], "2020-02-20T08:00:00Z", "2020-02-20T09:00:00Z");
  expect(printed).toBe("3 events read: 4 records to the intake, 0 filtered, 0 heartbeats, 0 set aside\n");
  expect(raws().sort()).toEqual(["more of 8", "text\nof 8", '{"at":8}', '{"at":8}']);
  expect(process.exitCode).toBe(0);
  expect(await new ContainerClient(storage.connectionString, CONTAINER).exists()).toBe(false);
});

test("a time that reaches past the newest event ends with it", async () => {
  const printed = await run([], "2020-02-20T09:00:00Z", "2020-02-21");
  expect(printed).toContain("3 events read: 4 records");
});

test.each([
  { name: "before the first event", from: "2020-02-19", to: "2020-02-20" },
  { name: "between two events", from: "2020-02-20T08:10:00Z", to: "2020-02-20T08:20:00Z" },
  { name: "after the last event", from: "2020-02-20T10:00:00Z", to: "2020-02-20T11:00:00Z" },
])("a time without events is over at once: $name", async ({ from, to }) => {
  expect(await run([], from, to)).toContain("0 events read: 0 records");
  expect(raws()).toEqual([]);
});

test("one partition goes into a file, as a JSON array of texts, and not to the intake", async () => {
  const file = join(folder, "out.json");
  const printed = await run([], "2020-02-20", "2020-02-21", "--partition", "1", "--out", file);
  expect(printed).toContain(`6 records to ${file}`);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(
    [7, 8, 9].flatMap((hour) => [`text\nof ${hour}`, `more of ${hour}`]),
  );
  expect(raws()).toEqual([]);
});

test("a file of nothing is an empty array", async () => {
  const file = join(folder, "empty.json");
  await run([], "2020-02-19", "2020-02-20", "--out", file);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual([]);
});

test("an invalid partition, and a file that cannot be written, are reported in one sentence", async () => {
  const errors: string[] = [];
  await run(errors, "2020-02-20", "2020-02-21", "--partition", "7");
  expect(errors.join("")).toContain("the hub has no partition 7; it has 0, 1");
  expect(process.exitCode).toBe(1);
  await run(errors, "2020-02-20", "2020-02-21", "--out", join(folder, "missing", "out.json"));
  expect(errors.join("")).toMatch(/missing\/out\.json cannot be written: ENOENT/);
});

test("a group with an exclusive reader is refused: the reader is not disturbed, and the advice is another group", async () => {
  const client = new EventHubConsumerClient("sekoiaio", hub.connectionString(HUB), HUB);
  const failures: unknown[] = [];
  const started = Promise.withResolvers<void>();
  const subscription = client.subscribe(
    "0",
    {
      processEvents: async (events) => {
        if (events.length > 0) {
          started.resolve();
        }
      },
      processError: async (error) => void failures.push(error),
    },
    { ownerLevel: 1, startPosition: earliestEventPosition },
  );
  await started.promise;
  const errors: string[] = [];
  await run(errors, "2020-02-20", "2020-02-21", "--partition", "0", "--consumer-group", "sekoiaio");
  expect(errors.join("")).toMatch(/consumer group sekoiaio has an exclusive reader.*--consumer-group/);
  expect(process.exitCode).toBe(1);
  expect(failures).toEqual([]);
  await closeInTime(subscription);
  await closeInTime(client);
});

test.each(["yesterday", "2020-02-20 08:00", "2026-13-01"])("%s is not a time", async (text) => {
  await expect(run([], text, "2020-02-21")).rejects.toThrow("Give an ISO 8601 time");
});
