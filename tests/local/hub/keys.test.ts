import { createHmac } from "node:crypto";
import { EventHubConsumerClient, EventHubProducerClient } from "@azure/event-hubs";
import { expect, onTestFinished, test } from "vitest";
import { checkToken, connectionStringOf, covers, type SharedAccessKey } from "../../../src/local/hub/keys.ts";
import { closeInTime } from "../../support/close-in-time.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { bodiesOf, consumerOf, firstError, HUB, startTestHub, subscribe, take } from "./harness.ts";

const KEY: SharedAccessKey = { name: "reader", key: "s3cret-of-the-reader", claims: ["Listen"] };
const NOW_MS = 1_700_000_000_000;

function tokenOf(
  resource: string,
  options: { key?: string; name?: string; expiry?: number | string } = {},
): string {
  const { key = KEY.key, name = KEY.name, expiry = NOW_MS / 1000 + 60 } = options;
  const sr = encodeURIComponent(resource);
  const sig = createHmac("sha256", key).update(`${sr}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${expiry}&skn=${name}`;
}

const AUDIENCE = "sb://localhost:5672/Hub1/ConsumerGroups/$Default/Partitions/0";

test.each([
  { name: "for the very resource", token: tokenOf(AUDIENCE) },
  { name: "for the hub above it", token: tokenOf("sb://localhost:5672/hub1") },
  { name: "for the whole namespace", token: tokenOf("sb://LOCALHOST:5672/") },
])("a token $name is granted", ({ token }) => {
  expect(checkToken(token, AUDIENCE, [KEY], NOW_MS)).toEqual({
    path: "hub1/consumergroups/$default/partitions/0",
    claims: ["Listen"],
    expiresAtMs: NOW_MS + 60_000,
  });
});

test.each([
  { name: "that is none", token: "Bearer x", why: /not a shared access signature/ },
  { name: "of an unknown key", token: tokenOf(AUDIENCE, { name: "nobody" }), why: /no key has the name/ },
  {
    name: "signed with another key",
    token: tokenOf(AUDIENCE, { key: "wrong" }),
    why: /does not fit the key reader/,
  },
  { name: "that has expired", token: tokenOf(AUDIENCE, { expiry: NOW_MS / 1000 }), why: /expired/ },
  { name: "whose expiry is not a number", token: tokenOf(AUDIENCE, { expiry: "soon" }), why: /expired/ },
  { name: "for another hub", token: tokenOf("sb://localhost:5672/hub"), why: /another resource/ },
  { name: "for another host", token: tokenOf("sb://elsewhere/hub1"), why: /another resource/ },
  { name: "with a broken escape", token: tokenOf(AUDIENCE).replace("sig=", "sig=%"), why: /does not fit/ },
  { name: "without fields", token: "SharedAccessSignature x", why: /no key has the name/ },
])("a token $name is refused, and the reason holds no key", ({ token, why }) => {
  const reason = checkToken(token, AUDIENCE, [KEY], NOW_MS);
  expect(reason).toMatch(why);
  expect(reason).not.toContain(KEY.key);
});

test("a path covers itself and what is below it, not what begins alike", () => {
  expect([
    covers("hub1", "hub1"),
    covers("hub1", "hub1/partitions/0"),
    covers("hub1", "hub10"),
    covers("", "x"),
  ]).toEqual([true, true, false, true]);
});

test("a client with a wrong key is unauthorized, whatever it does", async () => {
  const server = await startTestHub();
  const wrong = connectionStringOf(
    { name: "RootManageSharedAccessKey", key: "wrong", claims: [] },
    server.port,
    false,
  );
  const consumer = new EventHubConsumerClient("$Default", wrong, HUB, { retryOptions: { maxRetries: 0 } });
  const producer = new EventHubProducerClient(wrong, HUB, { retryOptions: { maxRetries: 0 } });
  onTestFinished(() => closeInTime(consumer));
  onTestFinished(() => closeInTime(producer));
  await expect(consumer.getPartitionIds()).rejects.toMatchObject({ code: "UnauthorizedError" });
  await expect(producer.sendBatch([{ body: "x" }])).rejects.toMatchObject({ code: "UnauthorizedError" });
  expect((await firstError(subscribe(consumer, "0"))).code).toBe("UnauthorizedError");
});

test("a key that may only listen reads, and may not send", async () => {
  const server = await startTestHub({ keys: [KEY] });
  const readerString = connectionStringOf(KEY, server.port, false);
  server.hub(HUB).append("0", bodiesOf("e0"));
  await take(subscribe(consumerOf(server, "$Default", readerString), "0"), 1);
  const producer = new EventHubProducerClient(readerString, HUB, { retryOptions: { maxRetries: 0 } });
  onTestFinished(() => closeInTime(producer));
  await expect(producer.sendBatch([{ body: "x" }])).rejects.toMatchObject({ code: "UnauthorizedError" });
});

test("links end when their token does and nobody renewed it", async () => {
  const clock = new ManualClock(Date.now());
  const server = await startTestHub({ clock });
  server.hub(HUB).append("0", bodiesOf("e0"));
  const subscription = subscribe(consumerOf(server), "0");
  await take(subscription, 1);
  const receivers = () => server.stats().receivers.length;
  expect(receivers()).toBe(1);
  clock.advance(30 * 60_000);
  expect(receivers()).toBe(1);
  clock.advance(31 * 60_000);
  expect(receivers()).toBe(0);
});

test("the connection string is the official emulator's", async () => {
  const server = await startTestHub();
  expect(server.connectionString()).toBe(
    `Endpoint=sb://localhost:${server.port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
  );
  expect(server.connectionString("hub1")).toMatch(/;EntityPath=hub1;$/);
  await eventually(() => server.stats().connections === 0);
});
