import { once } from "node:events";
import { EventHubProducerClient } from "@azure/event-hubs";
import rhea, { type Sender } from "rhea";
import { expect, onTestFinished, test } from "vitest";
import { IdempotentProducers } from "../../../src/local/hub/idempotence.ts";
import { closeInTime } from "../../support/close-in-time.ts";
import { HUB, startTestHub } from "./harness.ts";
import { connectAuthorised, refusalOf } from "./raw-client.ts";

const CAPABILITY = "com.microsoft:idempotent-producer";
const NEW = { producerId: undefined, epoch: undefined, sequenceNumber: undefined };

/** The SDK's producer with what its buffered client can switch on. */
function idempotent(connectionString: string, state?: object): EventHubProducerClient {
  const producer = new EventHubProducerClient(connectionString, HUB, { retryOptions: { maxRetries: 0 } });
  Object.assign(producer, {
    _enableIdempotentRetries: true,
    ...(state === undefined ? {} : { _partitionOptions: { "0": state } }),
  });
  onTestFinished(() => closeInTime(producer));
  return producer;
}

function stateOf(producer: EventHubProducerClient): Promise<{
  producerGroupId?: number;
  ownerLevel?: number;
  lastPublishedSequenceNumber?: number;
}> {
  return (
    producer as unknown as {
      getPartitionPublishingProperties(id: string): ReturnType<typeof stateOf>;
    }
  ).getPartitionPublishingProperties("0");
}

test("the SDK's idempotent producer gets its id, owner level and sequence number, and counts on", async () => {
  const server = await startTestHub();
  const producer = idempotent(server.connectionString());
  await producer.sendBatch([{ body: "a" }, { body: "b" }], { partitionId: "0" });
  const batch = await producer.createBatch({ partitionId: "0" });
  batch.tryAdd({ body: "c" });
  await producer.sendBatch(batch);
  expect(await stateOf(producer)).toMatchObject({
    producerGroupId: 1,
    ownerLevel: 0,
    lastPublishedSequenceNumber: 3,
  });
  expect(server.hub(HUB).state("0").lastSequenceNumber).toBe(2);
});

async function attach(sender: Sender): Promise<Record<string, number>> {
  await once(sender, "sendable");
  return (sender as unknown as { properties: Record<string, number> }).properties;
}

test("a duplicate and a gap are refused; a higher owner level begins again and stops the old owner", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const { types } = rhea;
  const open = (properties: object) =>
    connection.open_sender({
      target: `${HUB}/Partitions/0`,
      desired_capabilities: [types.wrap_symbol(CAPABILITY)] as unknown as string[],
      properties,
    });
  const send = async (sender: Sender, sequenceNumber: number) => {
    sender.send({
      body: "x",
      message_annotations: { "com.microsoft:producer-sequence-number": types.wrap_int(sequenceNumber) },
    });
    const [context] = await Promise.race([once(sender, "accepted"), once(sender, "rejected")]);
    return context.delivery.remote_state?.error?.condition ?? "accepted";
  };
  const first = open({});
  const state = await attach(first);
  expect(state).toEqual({
    "com.microsoft:producer-id": 1,
    "com.microsoft:producer-epoch": 0,
    "com.microsoft:producer-sequence-number": 0,
  });
  expect(await send(first, 1)).toBe("accepted");
  expect(await send(first, 1)).toBe("com.microsoft:out-of-order-sequence");
  expect(await send(first, 3)).toBe("com.microsoft:out-of-order-sequence");
  expect(await send(first, 2)).toBe("accepted");
  const second = open({
    "com.microsoft:producer-id": types.wrap_long(1),
    "com.microsoft:producer-epoch": types.wrap_short(1),
    "com.microsoft:producer-sequence-number": null,
  });
  expect(await attach(second)).toMatchObject({ "com.microsoft:producer-sequence-number": 0 });
  expect(await send(second, 1)).toBe("accepted");
  expect(await send(first, 3)).toBe("com.microsoft:producer-epoch-stolen");
  expect(server.hub(HUB).state("0").lastSequenceNumber).toBe(2);
  const late = open({
    "com.microsoft:producer-id": types.wrap_long(1),
    "com.microsoft:producer-epoch": types.wrap_short(0),
  });
  expect(await refusalOf(late)).toMatchObject({ condition: "com.microsoft:producer-epoch-stolen" });
});

test("a link to the whole hub cannot be idempotent", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const sender = connection.open_sender({ target: HUB, desired_capabilities: CAPABILITY });
  expect(await refusalOf(sender)).toMatchObject({ condition: "amqp:not-allowed" });
});

test.each([
  { name: "an id that the hub did not give", claim: { producerId: 100, epoch: 100, sequenceNumber: 100 } },
  { name: "an epoch out of range", claim: { ...NEW, epoch: 2 ** 15 } },
  { name: "a negative sequence number", claim: { ...NEW, sequenceNumber: -1 } },
])("$name is not allowed", ({ claim }) => {
  expect(new IdempotentProducers().attach(claim)).toMatchObject({ condition: "amqp:not-allowed" });
});

test("sequence numbers go on at 0 after the largest", () => {
  const producers = new IdempotentProducers();
  const state = producers.attach({ ...NEW, sequenceNumber: 2 ** 31 - 1 });
  if ("condition" in state) {
    throw new Error(state.description);
  }
  const message = { events: [], partitionKey: undefined, sequenceNumber: 0 };
  expect(producers.publish(state, message)).toBeUndefined();
  expect(producers.publish(state, { ...message, sequenceNumber: 5 })).toMatchObject({
    condition: "com.microsoft:out-of-order-sequence",
  });
});
