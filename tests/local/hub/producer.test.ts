import { randomBytes } from "node:crypto";
import type { AmqpAnnotatedMessage } from "@azure/core-amqp";
import { expect, test } from "vitest";
import { configOf, consumerOf, HUB, producerOf, startTestHub, subscribe, take } from "./harness.ts";

test("events with the same partition key share a partition, always the same one", async () => {
  const server = await startTestHub({ config: configOf("4") });
  const producer = producerOf(server);
  const hub = server.hub(HUB);
  const countsOf = () => hub.partitionIds.map((id) => hub.state(id).lastSequenceNumber + 1);
  await producer.sendBatch([{ body: "a" }, { body: "b" }], { partitionKey: "key-7" });
  const first = countsOf();
  await producer.sendBatch([{ body: "c" }], { partitionKey: "key-7" });
  const partition = first.indexOf(2);
  expect(countsOf()[partition]).toBe(3);
  const events = await take(subscribe(consumerOf(server), String(partition)), 3);
  expect(events.map((event) => event.partitionKey)).toEqual(["key-7", "key-7", "key-7"]);
});

test("different partition keys spread over the partitions", async () => {
  const server = await startTestHub({ config: configOf(4) });
  const producer = producerOf(server);
  for (let i = 0; i < 32; i += 1) {
    await producer.sendBatch([{ body: "x" }], { partitionKey: `key-${i}` });
  }
  const hub = server.hub(HUB);
  expect(hub.partitionIds.filter((id) => hub.state(id).isEmpty)).toEqual([]);
});

test("a batch with a partition id goes there and nowhere else", async () => {
  const server = await startTestHub({ config: configOf(3) });
  await producerOf(server).sendBatch([{ body: "x" }, { body: "y" }], { partitionId: "2" });
  const hub = server.hub(HUB);
  expect(hub.partitionIds.map((id) => hub.state(id).lastSequenceNumber)).toEqual([-1, -1, 1]);
});

test("batches without either take the partitions in turn", async () => {
  const server = await startTestHub({ config: configOf(3) });
  const producer = producerOf(server);
  for (let i = 0; i < 6; i += 1) {
    await producer.sendBatch([{ body: String(i) }]);
  }
  const hub = server.hub(HUB);
  expect(hub.partitionIds.map((id) => hub.state(id).lastSequenceNumber)).toEqual([1, 1, 1]);
});

test("properties, message annotations and every kind of body arrive as they were sent", async () => {
  const server = await startTestHub();
  const annotated: AmqpAnnotatedMessage = {
    body: { list: [1, "two"] },
    bodyType: "value",
    messageAnnotations: { "x-custom": "kept", "x-opt-sequence-number": 99 },
    applicationProperties: { tenant: "t1" },
    properties: { messageId: "m1", subject: "s" },
  };
  await producerOf(server).sendBatch(
    [
      {
        body: Buffer.from([0, 255, 1]),
        properties: { n: 42 },
        contentType: "application/octet-stream",
        messageId: "id-1",
      },
      { body: { a: 1.5 } },
      annotated,
    ],
    { partitionId: "0" },
  );
  const [raw, json, value] = await take(
    subscribe(consumerOf(server), "0", { skipParsingBodyAsJson: false }),
    3,
  );
  expect(raw).toMatchObject({
    body: Buffer.from([0, 255, 1]),
    properties: { n: 42 },
    contentType: "application/octet-stream",
    messageId: "id-1",
  });
  expect(json?.body).toEqual({ a: 1.5 });
  expect(value).toMatchObject({
    body: { list: [1, "two"] },
    properties: { tenant: "t1" },
    messageId: "m1",
    sequenceNumber: 2,
  });
  expect(value?.getRawAmqpMessage().messageAnnotations).toMatchObject({
    "x-custom": "kept",
    "x-opt-sequence-number": 2,
  });
});

test("a batch may fill the mebibyte that the link allows, and is stored whole", async () => {
  const server = await startTestHub();
  const producer = producerOf(server);
  const batch = await producer.createBatch({ partitionId: "0" });
  expect(batch.maxSizeInBytes).toBe(1024 * 1024);
  const body = Buffer.alloc(10_000, "x");
  while (batch.tryAdd({ body })) {
    // Until it is full.
  }
  await producer.sendBatch(batch);
  const events = await take(subscribe(consumerOf(server), "0"), batch.count);
  expect(batch.count).toBeGreaterThan(100);
  expect(events.every((event) => body.equals(event.body))).toBe(true);
});

test("an event larger than a frame travels in pieces, both ways, among small ones", async () => {
  const server = await startTestHub();
  const bodies = [
    randomBytes(100),
    randomBytes(900_000),
    randomBytes(100),
    randomBytes(65_536),
    randomBytes(1),
  ];
  const producer = producerOf(server);
  for (const body of bodies) {
    await producer.sendBatch([{ body }], { partitionId: "0" });
  }
  const events = await take(subscribe(consumerOf(server), "0"), bodies.length);
  expect(
    events.map((event) => Buffer.compare(event.body, bodies[event.sequenceNumber] ?? Buffer.alloc(0))),
  ).toEqual([0, 0, 0, 0, 0]);
});

test("a message above the mebibyte is rejected, and the link goes on", async () => {
  const server = await startTestHub();
  const producer = producerOf(server);
  await expect(
    producer.sendBatch([{ body: Buffer.alloc(1_100_000) }], { partitionId: "0" }),
  ).rejects.toMatchObject({ code: "MessageTooLargeError" });
  await producer.sendBatch([{ body: "small" }], { partitionId: "0" });
  expect(server.hub(HUB).state("0").lastSequenceNumber).toBe(0);
});

test("a partition that does not exist is refused", async () => {
  const server = await startTestHub();
  await expect(producerOf(server).sendBatch([{ body: "x" }], { partitionId: "9" })).rejects.toThrow(
    /The specified partition is invalid for an EventHub partition sender or receiver/,
  );
});
