import { ContainerClient } from "@azure/storage-blob";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";
import { startHub } from "../../src/local/hub/server.ts";
import { startIntake } from "../../src/local/intake/server.ts";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { HealthState } from "../../src/platform/health.ts";
import { ModuleMetrics } from "../../src/platform/metrics.ts";
import { RunNumbers } from "../../src/platform/run-numbers.ts";
import { consumeEventhub } from "../../src/trigger.ts";

const HUB = "logs";
const CONFIG = {
  UserConfig: {
    NamespaceConfig: [
      { Entities: [{ Name: HUB, PartitionCount: "1", ConsumerGroups: [{ Name: "sekoiaio" }] }] },
    ],
  },
};
const bodies = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${name} ${index}`));

test("a hub that is deleted and created anew while we run is read from its first event, and checkpointed", async () => {
  const storage = await startStorage();
  onTestFinished(() => storage.close());
  const intake = await startIntake();
  onTestFinished(() => intake.close());
  const old = await startHub({ config: CONFIG, port: 0 });
  old.hub(HUB).append("0", bodies("old", 10));
  const stop = new AbortController();
  const lines: string[] = [];
  const metrics = new ModuleMetrics(systemClock);
  const running = consumeEventhub({
    arguments: {
      hub_connection_string: old.connectionString(HUB),
      hub_name: HUB,
      hub_consumer_group: "sekoiaio",
      storage_connection_string: storage.connectionString,
      storage_container_name: "positions",
      intake_key: "key",
      intake_server: intake.url,
      chunk_size: 1000,
      categories: [],
      start_position: "earliest",
      on_invalid_checkpoint: "earliest",
      repair_json: true,
      transport: "amqp",
    },
    configuration: {},
    timings: { consumerMaxWaitSeconds: 1, frequencyMaxSeconds: 10 },
    logger: { log: (level, message) => void lines.push(`${level}: ${message}`) },
    metrics,
    numbers: new RunNumbers(systemClock),
    health: new HealthState(systemClock),
    signal: stop.signal,
    sendEvent: async () => undefined,
    userAgent: "test",
    proxies: NO_PROXIES,
    authorityHost: undefined,
  });
  const stored = async () => {
    const container = new ContainerClient(storage.connectionString, "positions");
    const blob = container.getBlobClient(`localhost/${HUB}/sekoiaio/checkpoint/0`);
    return (await blob.getProperties().catch(() => undefined))?.metadata?.["sequencenumber"];
  };
  await expect.poll(stored, { timeout: 20_000 }).toBe("9");
  await old.close();
  const created = await startHub({ config: CONFIG, port: old.port });
  onTestFinished(() => created.close());
  created.hub(HUB).append("0", bodies("new", 3));
  await expect.poll(stored, { timeout: 20_000 }).toBe("2");
  stop.abort(new Error("stop"));
  await running;
  expect(intake.count()).toBe(13);
  expect(lines.find((line) => line.startsWith("critical"))).toMatch(
    /checkpoint of partition 0, sequence number 9: it holds 0 to 2.*reading starts at the earliest event/,
  );
});
