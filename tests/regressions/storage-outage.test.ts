import { expect, onTestFinished, test } from "vitest";
import { PIPELINE_DEFAULTS } from "../../src/connector/pipeline.ts";
import { startHub } from "../../src/local/hub/server.ts";
import { startIntake } from "../../src/local/intake/server.ts";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { startStorageProxy } from "../chaos/storage-proxy.ts";
import { GROUP, startTrigger } from "../e2e/support/trigger.ts";
import { eventually } from "../support/eventually.ts";

const HUB = "logs";
const Entities = [{ Name: HUB, PartitionCount: "2", ConsumerGroups: [{ Name: GROUP }] }];
const RECORDS_PER_MESSAGE = 100;
const MESSAGES = 5000;

/** Forwarding went on without a bound while no position could be stored, and all of it came again after a crash. */
test("while no checkpoint can be stored, what is forwarded without one is bounded, and nothing comes twice afterwards", async () => {
  const storage = await startStorage();
  onTestFinished(() => storage.close());
  const proxy = await startStorageProxy(storage.connectionString);
  onTestFinished(() => proxy.close());
  const seen = new Set<string>();
  let accepted = 0;
  const intake = await startIntake({
    discard: true,
    onAccepted: (raw) => {
      accepted++;
      seen.add(raw);
    },
  });
  onTestFinished(() => intake.close());
  const hub = await startHub({ config: { UserConfig: { NamespaceConfig: [{ Entities }] } }, port: 0 });
  onTestFinished(() => hub.close());
  hub.hub(HUB).append("0", [Buffer.from("first")]);
  const trigger = startTrigger(
    { hub, storage: { ...storage, connectionString: proxy.connectionString }, intake },
    HUB,
  );
  await eventually(() => accepted === 1 && hub.stats().receivers.length === 2);
  await proxy.down();
  for (let message = 0; message < MESSAGES; message++) {
    const records = Array.from({ length: RECORDS_PER_MESSAGE }, (_, index) => `{"n":"${message}/${index}"}`);
    hub.hub(HUB).append(String(message % 2), [Buffer.from(`{"records":[${records.join(",")}]}`)]);
  }
  await eventually(() => accepted >= PIPELINE_DEFAULTS.unstoredMaxRecords);
  // It stands still once what was in flight has arrived too.
  const counts: number[] = [];
  const isStill = () => counts.push(accepted) > 1 && counts.at(-1) === counts.at(-2);
  await expect.poll(isStill, { timeout: 30_000, interval: 1500 }).toBe(true);
  const { unstoredMaxRecords, inFlightMaxRecords } = PIPELINE_DEFAULTS;
  // Each bound may be passed by a quarter, and by what one read of the socket holds.
  expect(accepted).toBeLessThanOrEqual(1.25 * (unstoredMaxRecords + inFlightMaxRecords) + 20_000);
  expect(accepted).toBeLessThan(MESSAGES * RECORDS_PER_MESSAGE);
  expect(
    trigger.lines.filter(({ message }) => message.startsWith("checkpoints could not be stored")),
  ).toHaveLength(1);
  await proxy.up();
  await eventually(
    () => seen.size === MESSAGES * RECORDS_PER_MESSAGE + 1,
    () => seen.size,
  );
  expect(accepted).toBe(seen.size);
  await trigger.stop();
}, 120_000);
