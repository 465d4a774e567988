import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { bodiesOf, configOf, consumerOf, firstError, HUB, startTestHub, subscribe, take } from "./harness.ts";

test("a receiver with a higher epoch evicts the one with a lower", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const low = subscribe(consumerOf(server), "0", { ownerLevel: 1 });
  await take(low, 1);
  const high = subscribe(consumerOf(server), "0", { ownerLevel: 2 });
  await take(high, 1);
  const error = await firstError(low);
  expect(error.code).toBe("ReceiverDisconnectedError");
  expect(error.message).toMatch(
    /higher epoch of '2' is created hence current receiver '.*' with epoch '1' is getting disconnected/,
  );
});

test("a receiver with a lower epoch is refused, and the higher one stays", async () => {
  const server = await startTestHub();
  const high = subscribe(consumerOf(server), "0", { ownerLevel: 5 });
  await eventually(() => server.stats().receivers.length === 1);
  const low = subscribe(consumerOf(server), "0", { ownerLevel: 4 });
  expect((await firstError(low)).code).toBe("ReceiverDisconnectedError");
  server.hub(HUB).append("0", bodiesOf("still here"));
  await take(high, 1);
});

test("the same epoch again evicts the older receiver", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const first = subscribe(consumerOf(server), "0", { ownerLevel: 3 });
  await take(first, 1);
  await take(subscribe(consumerOf(server), "0", { ownerLevel: 3 }), 1);
  expect((await firstError(first)).code).toBe("ReceiverDisconnectedError");
});

test("a receiver without an epoch is refused while one with an epoch reads", async () => {
  const server = await startTestHub();
  subscribe(consumerOf(server), "0", { ownerLevel: 3 });
  await eventually(() => server.stats().receivers.length === 1);
  expect((await firstError(subscribe(consumerOf(server), "0"))).code).toBe("ReceiverDisconnectedError");
});

test("a receiver with an epoch evicts those without", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const plain = subscribe(consumerOf(server), "0");
  await take(plain, 1);
  await take(subscribe(consumerOf(server), "0", { ownerLevel: 3 }), 1);
  expect((await firstError(plain)).code).toBe("ReceiverDisconnectedError");
});

test("five receivers without an epoch read side by side, the sixth is refused", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const five = Array.from({ length: 5 }, () => subscribe(consumerOf(server), "0"));
  await Promise.all(five.map((subscription) => take(subscription, 1)));
  const sixth = await firstError(subscribe(consumerOf(server), "0"));
  expect(sixth.code).toBe("QuotaExceededError");
  expect(five.flatMap(({ errors }) => errors)).toEqual([]);
});

test("consumer groups are apart: each gets every event, owned or not", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  await take(subscribe(consumerOf(server), "0", { ownerLevel: 3 }), 1);
  await take(subscribe(consumerOf(server, "CG1"), "0", { ownerLevel: 3 }), 1);
  expect(server.stats().receivers).toHaveLength(2);
});

test("a receiver that closed makes room", async () => {
  const server = await startTestHub();
  const owner = subscribe(consumerOf(server), "0", { ownerLevel: 7 });
  await eventually(() => server.stats().receivers.length === 1);
  await owner.close();
  await eventually(() => server.stats().receivers.length === 0);
  server.hub(HUB).append("0", bodiesOf("e0"));
  await take(subscribe(consumerOf(server), "0"), 1);
});

test.each([
  { name: "an unknown partition", group: "$Default", partition: "9", code: "ArgumentOutOfRangeError" },
  {
    name: "an unknown consumer group",
    group: "nobody",
    partition: "0",
    code: "MessagingEntityNotFoundError",
  },
])("$name is refused", async ({ group, partition, code }) => {
  const server = await startTestHub({ config: configOf(2) });
  const error = await firstError(subscribe(consumerOf(server, group), partition));
  expect(error.code).toBe(code);
});
