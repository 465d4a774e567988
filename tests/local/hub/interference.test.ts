import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import {
  bodiesOf,
  configOf,
  consumerOf,
  firstError,
  HUB,
  producerOf,
  startTestHub,
  subscribe,
  take,
  textsOf,
} from "./harness.ts";

/** A subscription that is up and waiting, with its first event taken. */
async function running(group = "$Default") {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("before"));
  const subscription = subscribe(consumerOf(server, group), "0");
  await take(subscription, 1);
  return {
    server,
    subscription,
    append: (...texts: string[]) => server.hub(HUB).append("0", bodiesOf(...texts)),
  };
}

test("dropped connections: the client comes back and misses nothing", async () => {
  const { server, subscription, append } = await running();
  expect(server.faults.dropConnections()).toBe(1);
  append("after");
  expect(textsOf(await take(subscription, 2))).toEqual(["before", "after"]);
});

test("the oldest connection alone is dropped", async () => {
  const { server, subscription, append } = await running();
  const other = subscribe(consumerOf(server, "cg1"), "0");
  await take(other, 1);
  expect(server.faults.dropConnections("oldest")).toBe(1);
  append("after");
  await Promise.all([take(subscription, 2), take(other, 2)]);
});

test.each(["com.microsoft:server-busy", "amqp:internal-error", "amqp:link:detach-forced"])(
  "a link detached with %s: the client attaches again and goes on",
  async (condition) => {
    const { server, subscription, append } = await running();
    expect(server.faults.detachLinks(condition, { hub: HUB, partitionId: "0", role: "receiver" })).toBe(1);
    append("after");
    expect(textsOf(await take(subscription, 2))).toEqual(["before", "after"]);
    expect(subscription.errors).toEqual([]);
  },
);

test("a link detached as stolen ends the subscription's reading", async () => {
  const { server, subscription } = await running();
  server.faults.detachLinks("amqp:link:stolen");
  expect((await firstError(subscription)).code).toBe("ReceiverDisconnectedError");
});

test.each([
  { name: "another hub", filter: { hub: "other" } },
  { name: "another group", filter: { group: "cg1" } },
  { name: "another partition", filter: { partitionId: "1" } },
  { name: "senders", filter: { role: "sender" as const } },
])("a fault for $name leaves the receiver alone", async ({ filter }) => {
  const { server } = await running();
  expect(server.faults.detachLinks("amqp:internal-error", filter)).toBe(0);
});

test("connections closed by force: the client opens a new one", async () => {
  const { server, subscription, append } = await running();
  expect(server.faults.closeConnections()).toBe(1);
  append("after");
  expect(textsOf(await take(subscription, 2))).toEqual(["before", "after"]);
});

test("refused tokens end in an unauthorized error", async () => {
  const server = await startTestHub();
  server.faults.refuseTokens(true);
  const refused = firstError(subscribe(consumerOf(server), "0"));
  expect((await refused).code).toBe("UnauthorizedError");
  server.faults.refuseTokens(false);
  await producerOf(server).sendBatch([{ body: "x" }]);
});

test("a stalled $management answers nothing, while events go on", async () => {
  const { server, subscription, append } = await running();
  server.faults.stallManagement(true);
  const controller = new AbortController();
  const asked = consumerOf(server).getEventHubProperties({ abortSignal: controller.signal });
  const receivedBefore = server.stats().receivedBytes;
  append("after");
  await take(subscription, 2);
  await eventually(() => server.stats().receivedBytes > receivedBefore);
  controller.abort();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  server.faults.stallManagement(false);
  expect((await consumerOf(server).getEventHubProperties()).name).toBe(HUB);
});

test("paused transfers wait, and come once the pause ends", async () => {
  const { server, subscription, append } = await running();
  server.faults.pauseTransfers(true);
  append("after");
  expect((await consumerOf(server).getPartitionProperties("0")).lastEnqueuedSequenceNumber).toBe(1);
  expect(subscription.events).toHaveLength(1);
  server.faults.pauseTransfers(false);
  expect(textsOf(await take(subscription, 2))).toEqual(["before", "after"]);
});

test("a frozen connection neither hears nor speaks, until it thaws", async () => {
  const { server, subscription, append } = await running();
  const producer = producerOf(server);
  await producer.sendBatch([{ body: Buffer.from("sent before") }]);
  server.faults.freeze(true);
  server.faults.freeze(true);
  const sending = producer.sendBatch([{ body: Buffer.from("sent while frozen") }]);
  append("appended while frozen");
  // A client that came later is not frozen, and sees what the hub really has.
  expect((await consumerOf(server).getPartitionProperties("0")).lastEnqueuedSequenceNumber).toBe(2);
  server.faults.freeze(false);
  await sending;
  await take(subscription, 4);
  expect(textsOf(subscription.events).toSorted()).toEqual(
    ["before", "sent before", "appended while frozen", "sent while frozen"].toSorted(),
  );
});

test("refused attaches: the condition reaches the client, and only the links that were meant", async () => {
  const server = await startTestHub({ config: configOf(2) });
  server.faults.refuseAttaches("amqp:unauthorized-access", { partitionId: "1" });
  server.hub(HUB).append("0", bodiesOf("e0"));
  await take(subscribe(consumerOf(server), "0"), 1);
  expect((await firstError(subscribe(consumerOf(server), "1"))).code).toBe("UnauthorizedError");
  server.faults.refuseAttaches(undefined);
  await producerOf(server).sendBatch([{ body: "x" }], { partitionId: "1" });
});

test("down and up again: the events are still there, and the client comes back", async () => {
  const { server, subscription, append } = await running();
  await server.faults.down();
  append("while down");
  await server.faults.up();
  expect(textsOf(await take(subscription, 2))).toEqual(["before", "while down"]);
});
