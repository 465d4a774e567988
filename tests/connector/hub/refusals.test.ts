import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { accessTo } from "../../../src/connector/hub/amqp/access.ts";
import { HUB_DEFAULTS, HubConsumer } from "../../../src/connector/hub/consumer.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import type { LogLevel } from "../../../src/kernel/log.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { LOCAL_CONSUMER_GROUP, LOCAL_HUB_CONFIG, LOCAL_HUB_NAME } from "../../../src/local/defaults.ts";
import { type LocalHubServer, startHub } from "../../../src/local/hub/server.ts";
import { AMPLE, RecordingReader } from "./support/link-ends.ts";
import { MemoryStore } from "./support/memory-store.ts";

let hub: LocalHubServer;

beforeAll(async () => {
  hub = await startHub({ config: LOCAL_HUB_CONFIG, port: 0 });
});
afterAll(() => hub?.close());

type Settings = { readonly connectionString?: string; readonly hubName?: string; readonly group?: string };

/** A consumer, and what it said so far. */
function startConsumer({
  connectionString = hub.connectionString(),
  hubName = LOCAL_HUB_NAME,
  group = LOCAL_CONSUMER_GROUP,
}: Settings) {
  const told: { readonly level: LogLevel; readonly message: string }[] = [];
  const failing: (number | null)[] = [];
  const endpoint = {
    access: { kind: "key" as const, connectionString },
    hubName,
    transport: "amqp" as const,
    proxies: NO_PROXIES,
  };
  const store = new MemoryStore(systemClock.now);
  const consumer = new HubConsumer(
    {
      ...HUB_DEFAULTS,
      consumerGroup: group,
      startPosition: { kind: "earliest" },
      onInvalidCheckpoint: "earliest",
      userAgent: "test",
    },
    {
      access: accessTo(endpoint, systemClock.now),
      ownership: store,
      positions: store.positions,
      clock: systemClock,
      random: () => 0.1,
      logger: { log: (level, message) => void told.push({ level, message }) },
      events: {
        failing: (sinceMs) => void failing.push(sinceMs),
        rebuilt: () => undefined,
        positionLost: () => undefined,
        positionInvalid: () => undefined,
      },
    },
  );
  const started = consumer.start(
    () => new RecordingReader(),
    AMPLE,
    () => undefined,
  );
  onTestFinished(async () => {
    consumer.pause();
    await consumer.release();
    await started;
  });
  return { told, failing };
}

test.each([
  {
    name: "a wrong key",
    settings: () => ({ connectionString: hub.connectionString().replace("SAS_KEY_VALUE", "secret-of-mine") }),
    level: "error",
    message: /^the hub refused the key; copy hub_connection_string again/,
  },
  {
    name: "a hub that is not there",
    settings: () => ({ hubName: "other" }),
    level: "error",
    message: /^the hub or its consumer group does not exist; check hub_name and hub_consumer_group/,
  },
  {
    name: "a port that nobody listens on",
    settings: () => ({ connectionString: hub.connectionString().replace(/:\d+/, ":1") }),
    level: "warning",
    message: /^the hub does not answer; retrying \(.*ECONNREFUSED/,
  },
])("$name is reported at once, with its cause", async ({ settings, level, message }) => {
  const { told, failing } = startConsumer(settings());
  await expect.poll(() => told, { timeout: 5000 }).not.toEqual([]);
  expect(told).toEqual([{ level, message: expect.stringMatching(message) }]);
  expect(told[0]?.message).not.toContain("secret-of-mine");
  expect(failing).toEqual([expect.any(Number)]);
});

test("a consumer group that is not there is reported once, and never looks well in between", async () => {
  const { told, failing } = startConsumer({ group: "nobody" });
  // The hub opens each link and closes it with the error at once.
  await expect.poll(() => failing.length, { timeout: 10_000 }).toBeGreaterThan(10);
  expect(told).toEqual([{ level: "error", message: expect.stringMatching(/consumer group does not exist/) }]);
  expect(new Set(failing)).toEqual(new Set([expect.any(Number)]));
});
