import { EventHubConsumerClient } from "@azure/event-hubs";
import { expect, onTestFinished, test } from "vitest";
import { closeInTime } from "../../support/close-in-time.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { bodiesOf, configOf, consumerOf, HUB, producerOf, startTestHub, subscribe, take } from "./harness.ts";

test("the hub tells its name, age and partitions", async () => {
  const clock = new ManualClock();
  const server = await startTestHub({ config: configOf("3"), clock });
  const properties = await consumerOf(server).getEventHubProperties();
  expect(properties).toMatchObject({ name: HUB, partitionIds: ["0", "1", "2"], isGeoDrEnabled: false });
  expect(properties.createdOn.getTime()).toBe(clock.now());
});

test("an empty partition says so", async () => {
  const server = await startTestHub();
  expect(await consumerOf(server).getPartitionProperties("0")).toMatchObject({
    eventHubName: HUB,
    partitionId: "0",
    isEmpty: true,
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: -1,
    lastEnqueuedOffset: "-1",
  });
});

test("a partition tells its last event", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("a", "b", "c"));
  const properties = await producerOf(server).getPartitionProperties("0");
  const state = server.hub(HUB).state("0");
  expect(properties).toMatchObject({
    isEmpty: false,
    lastEnqueuedSequenceNumber: 2,
    lastEnqueuedOffset: state.lastOffset,
  });
  expect(properties.lastEnqueuedOnUtc.getTime()).toBe(state.lastEnqueuedAtMs);
});

test("an unknown partition is an argument out of range", async () => {
  const server = await startTestHub();
  await expect(consumerOf(server).getPartitionProperties("77")).rejects.toMatchObject({
    code: "ArgumentOutOfRangeError",
  });
});

test("an unknown hub is not found", async () => {
  const server = await startTestHub();
  const consumer = new EventHubConsumerClient("$Default", server.connectionString(), "nohub", {
    retryOptions: { maxRetries: 0 },
  });
  onTestFinished(() => closeInTime(consumer));
  await expect(consumer.getEventHubProperties()).rejects.toThrow(/'nohub' could not be found/);
});

test("a receiver that tracks the partition learns with each event what the last one is", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("a", "b", "c"));
  const tracking = subscribe(consumerOf(server), "0", { trackLastEnqueuedEventProperties: true });
  await take(tracking, 3);
  const state = server.hub(HUB).state("0");
  expect(tracking.contexts.at(-1)?.lastEnqueuedEventProperties).toMatchObject({
    sequenceNumber: 2,
    offset: state.lastOffset,
    enqueuedOn: new Date(state.lastEnqueuedAtMs),
  });
  const plain = subscribe(consumerOf(server), "0");
  await take(plain, 3);
  expect(plain.contexts.at(-1)?.lastEnqueuedEventProperties?.sequenceNumber).toBeUndefined();
});
