import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { EventHubConsumerClient, latestEventPosition } from "@azure/event-hubs";
import rhea from "rhea";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { connectionStringOf, EMULATOR_KEY, type SharedAccessKey } from "../../src/local/hub/keys.ts";
import type { HubOptions } from "../../src/local/hub/server.ts";
import type { CheckResult } from "../../src/preflight/contract.ts";
import { runChecks } from "../../src/preflight/run.ts";
import { closeInTime } from "../support/close-in-time.ts";
import { type FaultyHub, startHub } from "../support/hub-faults.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { makeAuthority } from "./support/certificates.ts";
import { ENVIRONMENT, RIGHT_SETTINGS, resultOf, resultsOf } from "./support/check.ts";

const HUB = "logs";
const LISTENER: SharedAccessKey = { name: "listener", key: "bGlzdGVuZXI=", claims: ["Listen"] };
const SENDER: SharedAccessKey = { name: "sender", key: "c2VuZGVy", claims: ["Send"] };

async function start(options: Partial<HubOptions> = {}): Promise<FaultyHub> {
  const entities = [{ Name: HUB, PartitionCount: 2, ConsumerGroups: [{ Name: "soc" }] }];
  const config = { UserConfig: { NamespaceConfig: [{ Entities: entities }] } };
  const server = await startHub({ config, port: 0, keys: [LISTENER, SENDER], ...options });
  onTestFinished(() => server.close());
  return server;
}

const settingsFor = (server: FaultyHub, key = LISTENER, hub = HUB) => ({
  ...RIGHT_SETTINGS,
  hub_name: hub,
  hub_connection_string: connectionStringOf(key, server.port, false, hub),
});

/** Readers that stay until the test is over. */
async function read(server: FaultyHub, readers: number, ownerLevel: number | undefined): Promise<void> {
  const before = server.stats().receivers.length;
  for (let reader = 0; reader < readers; reader++) {
    const client = new EventHubConsumerClient("soc", server.connectionString(HUB));
    const handlers = { processEvents: async () => {}, processError: async () => {} };
    client.subscribe("0", handlers, {
      startPosition: latestEventPosition,
      ...(ownerLevel === undefined ? {} : { ownerLevel }),
    });
    onTestFinished(() => closeInTime(client));
  }
  await expect.poll(() => server.stats().receivers.length, { timeout: 10_000 }).toBe(before + readers);
}

test("a hub that is as it should be passes, and neither events nor readers are touched", async () => {
  const server = await start();
  server.hub(HUB).append("1", [Buffer.from("{}"), Buffer.from("[]"), Buffer.from("x")]);
  const ids = ["hub-key", "hub", "hub-claims", "consumer-group", "hub-events"] as const;
  const results = await resultsOf(ids, settingsFor(server));
  expect(results.map(({ status, detail }) => `${status}: ${detail}`)).toEqual([
    'passed: the hub accepts the key of the policy "listener"',
    expect.stringMatching(/^passed: logs exists since \d{4}-\d\d-\d\d, with 2 partitions$/),
    'passed: the policy "listener" can listen and cannot send',
    "passed: the consumer group soc exists and can be used",
    expect.stringMatching(/^passed: 3 events in 2 partitions, the oldest .* old, the newest .* old$/),
  ]);
  expect(server.hub(HUB).state("1")).toMatchObject({ beginSequenceNumber: 0, lastSequenceNumber: 2 });
  await expect.poll(() => server.stats().connections).toBe(0);
});

test.each([
  { name: "of another policy's name", key: { ...LISTENER, name: "listner" }, policy: /policy "listner"/ },
  { name: "that was made new", key: { ...LISTENER, key: "b2xk" }, policy: /policy "listener"/ },
])("a key $name: HUB_KEY_REFUSED", async ({ key, policy }) => {
  const server = await start();
  const [result, after] = await resultsOf(["hub-key", "consumer-group"], settingsFor(server, key));
  expect(result).toMatchObject({
    status: "failed",
    code: "HUB_KEY_REFUSED",
    cause: expect.stringMatching(policy),
    fix: expect.stringContaining("copy hub_connection_string again"),
    guideStep: "step 5, shared access policy of the Event Hub",
  });
  expect(JSON.stringify(result)).not.toContain(key.key);
  expect(after).toMatchObject({ status: "skipped", cause: 'not tried, since "Event Hub key" failed' });
});

test("a hub that does not exist: HUB_NOT_FOUND; the namespace's own name: HUB_NAME_IS_NAMESPACE", async () => {
  const server = await start();
  expect(await resultOf("hub", settingsFor(server, LISTENER, "audit"))).toMatchObject({
    status: "failed",
    code: "HUB_NOT_FOUND",
    cause: 'the namespace has no Event Hub called "audit"',
    fix: expect.stringContaining("set hub_name to the name of the Event Hub"),
  });
  expect(await resultOf("hub", settingsFor(server, LISTENER, "localhost"))).toMatchObject({
    status: "failed",
    code: "HUB_NAME_IS_NAMESPACE",
    cause: 'hub_name is "localhost", which is the name of the namespace, not of an Event Hub in it',
    fix: expect.stringContaining("inside the namespace"),
  });
});

test("a key that may only send: KEY_CANNOT_LISTEN; one that may do all: KEY_MAY_MORE", async () => {
  const server = await start();
  expect(await resultOf("hub-claims", settingsFor(server, SENDER))).toMatchObject({
    status: "failed",
    code: "KEY_CANNOT_LISTEN",
    cause: 'the hub cannot be read: the policy "sender" has no right to listen',
    fix: expect.stringContaining("give the claim Listen to the policy"),
  });
  expect(await resultOf("hub-claims", settingsFor(server, EMULATOR_KEY))).toMatchObject({
    status: "warning",
    code: "KEY_MAY_MORE",
    cause: expect.stringMatching(
      /^the policy "RootManageSharedAccessKey" can also send to the hub, and perhaps/,
    ),
    fix: expect.stringContaining("only the claim Listen"),
  });
  expect(server.stats().receivedEvents).toBe(0);
});

test("a consumer group that does not exist: GROUP_NOT_FOUND", async () => {
  const server = await start();
  const settings = { ...settingsFor(server), hub_consumer_group: "sok" };
  expect(await resultOf("consumer-group", settings)).toMatchObject({
    status: "failed",
    code: "GROUP_NOT_FOUND",
    cause: 'the Event Hub has no consumer group called "sok"',
    fix: expect.stringContaining("create the consumer group"),
    guideStep: "step 6, consumer group",
  });
});

test("as many readers as may be: GROUP_FULL; a reader of a higher level is seen, and goes on reading", async () => {
  const full = await start();
  full.hub(HUB).append("0", [Buffer.from("{}")]);
  await read(full, 5, undefined);
  expect(await resultOf("consumer-group", settingsFor(full))).toMatchObject({
    status: "failed",
    code: "GROUP_FULL",
    cause: 'the consumer group "soc" already has as many readers as the hub allows',
    fix: expect.stringContaining("for this trigger alone"),
  });
  const shared = await start();
  shared.hub(HUB).append("0", [Buffer.from("{}")]);
  await read(shared, 1, 1);
  expect(await resultOf("consumer-group", settingsFor(shared))).toMatchObject({
    status: "passed",
    detail: "the consumer group soc exists and is in use",
  });
  expect(shared.stats().receivers.length).toBe(1);
});

test("a hub without events: HUB_EMPTY; one without new events: HUB_QUIET", async () => {
  const server = await start();
  expect(await resultOf("hub-events", settingsFor(server))).toMatchObject({
    status: "warning",
    code: "HUB_EMPTY",
    cause: "the Event Hub is empty: nothing arrived within its retention time",
    fix: expect.stringContaining("diagnostic settings"),
    guideStep: "step 9, diagnostic settings of Intune",
  });
  server.hub(HUB).append("0", [Buffer.from("{}")]);
  const clock = { ...systemClock, now: () => Date.now() + 3 * 86_400_000 + 1000 };
  expect(await resultOf("hub-events", settingsFor(server), { clock })).toMatchObject({
    status: "warning",
    code: "HUB_QUIET",
    cause: "the newest event of the Event Hub is 3 days old",
    fix: expect.stringContaining("still send"),
  });
});

test("a hub that goes away between two checks: HUB_SILENT, then PARTITION_NOT_READABLE", async () => {
  const server = await start();
  const results = new Map<string, CheckResult>();
  const { signal } = new AbortController();
  for await (const result of runChecks({ ...settingsFor(server) }, ENVIRONMENT, signal)) {
    results.set(result.id, result);
    if (result.id === "hub") {
      await server.close();
    }
    if (result.id === "hub-events") {
      break;
    }
  }
  expect(results.get("hub-claims")).toMatchObject({ status: "failed", code: "HUB_SILENT" });
  expect(results.get("hub-events")).toMatchObject({
    status: "failed",
    code: "PARTITION_NOT_READABLE",
    cause: expect.stringMatching(/^partition 0 cannot be read: .*ECONNREFUSED/),
    fix: expect.stringContaining("Resource health"),
  });
});

test.each([
  {
    name: "a namespace whose firewall refuses our address",
    description: "Ip has been prevented to connect to the endpoint.",
    code: "HUB_ADDRESS_REFUSED",
    cause: "the namespace's firewall blocks the address of this machine",
    fix: "page Networking",
  },
  {
    name: "a service that asks for the claim itself",
    description: "Unauthorized access. 'Listen' claim(s) are required to perform this operation.",
    code: "KEY_CANNOT_LISTEN",
    cause: 'the hub cannot be read: the policy "listener" has no right to listen',
    fix: "give the claim Listen",
  },
])("$name: $code", async ({ description, code, cause, fix }) => {
  const container = rhea.create_container();
  const refusal = { condition: "amqp:unauthorized-access", description };
  container.on("sender_open", ({ sender }) => sender?.close(refusal));
  container.on("receiver_open", ({ receiver }) => receiver?.close(refusal));
  const server = container.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const settings = {
    ...RIGHT_SETTINGS,
    hub_connection_string: connectionStringOf(LISTENER, port, false, HUB),
  };
  const result = await resultOf("hub-key", settings);
  expect(result).toMatchObject({ status: "failed", code, cause, fix: expect.stringContaining(fix) });
});

test("an identity without a role: HUB_TOKEN_REFUSED; one with the role passes", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  authority.trust();
  const tls = authority.issue("localhost");
  const server = await start({ tls, identities: [{ token: "known", claims: ["Listen"] }] });
  const { hub_connection_string: _, ...rest } = RIGHT_SETTINGS;
  const settings = { ...rest, hub_namespace: `localhost:${server.port}` };
  const by = (token: string) => ({
    openCredential: async () => ({
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
  });
  expect(await resultOf("hub-key", settings, by("stranger"))).toMatchObject({
    status: "failed",
    code: "HUB_TOKEN_REFUSED",
    cause: expect.stringContaining("no identity with this token has a role here"),
    fix: expect.stringContaining("Azure Event Hubs Data Receiver"),
  });
  expect(await resultOf("hub-claims", settings, by("known"))).toMatchObject({
    status: "passed",
    detail: "the identity can listen and cannot send",
  });
});

test("a hub that answers with errors: HUB_SILENT; with nothing: CHECK_TOO_SLOW", async () => {
  const server = await start();
  server.hub(HUB).append("0", [Buffer.from("{}")]);
  server.faults.refuseAttaches("amqp:internal-error", { role: "receiver" });
  expect(await resultOf("hub-claims", settingsFor(server))).toMatchObject({
    status: "failed",
    code: "HUB_SILENT",
    cause: expect.stringMatching(/^the hub did not answer over AMQP: .*told to refuse this link/),
    fix: expect.stringContaining("transport websockets"),
  });
  server.faults.stallManagement(true);
  const clock = new ManualClock(Date.now());
  const waiting = resultOf("hub-key", settingsFor(server), { clock });
  await expect.poll(() => server.stats().links, { timeout: 10_000 }).toBeGreaterThan(2);
  clock.advance(30_000);
  expect(await waiting).toMatchObject({
    status: "failed",
    code: "CHECK_TOO_SLOW",
    cause: "no answer within 30 seconds",
    fix: expect.stringContaining("drops packets"),
  });
});

test("something unforeseen is reported, its secrets hidden: CHECK_BROKE", async () => {
  const { hub_connection_string: _, ...rest } = RIGHT_SETTINGS;
  const settings = { ...rest, hub_namespace: "company.servicebus.windows.net" };
  const openCredential = () => Promise.reject(new Error("no library \u001b[31mwith secret-of-mine"));
  const mask = (text: string) => text.replaceAll("secret-of-mine", "***");
  expect(await resultOf("hub-access", settings, { openCredential, mask })).toMatchObject({
    status: "failed",
    code: "CHECK_BROKE",
    cause: "the check itself failed: no library [31mwith ***",
    fix: expect.stringContaining("report this line"),
  });
});
