import type { AddressInfo } from "node:net";
import rhea, { type EventContext } from "rhea";
import { expect, onTestFinished, test } from "vitest";
import { openPartitionLink } from "../../src/connector/hub/amqp/open-link.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ScriptedLink } from "../connector/hub/support/scripted-link.ts";

const SOURCE = {
  address: "hub/ConsumerGroups/group/Partitions/0",
  after: { kind: "earliest" },
  identifier: "a test",
  ownerLevel: 0,
} as const;

/** What a client says, in its order. */
const SAID = ["sender_close", "session_close", "protocol_error", "connection_error"];

// The session was ended before the hub's detach was answered, so that the answer met no session; a hub closes the
// connection for that, with all other partitions on it: at every rebalance.
test("a link that the hub takes away is detached before its session ends", async () => {
  const hub = rhea.create_container();
  const said: string[] = [];
  const ended = Promise.withResolvers<void>();
  for (const event of SAID) {
    hub.on(event, () => void said.push(event));
  }
  hub.on("session_close", () => ended.resolve());
  hub.on("sender_open", ({ sender }: EventContext) => {
    sender?.set_source({ address: SOURCE.address });
    setImmediate(() => sender?.close({ condition: "amqp:link:stolen", description: "another reader" }));
  });
  const server = hub.listen({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const connection = rhea.create_container().connect({ port, host: "127.0.0.1", reconnect: false });
  onTestFinished(async () => {
    const closed = new Promise((resolve) => connection.once("connection_close", resolve));
    connection.close();
    await closed;
    server.close();
  });
  const { link } = new ScriptedLink();
  const open = await openPartitionLink(connection, SOURCE, link, {
    connectionClosed: new Promise(() => {}),
    clock: systemClock,
    begun: () => {},
    attached: () => {},
    detached: () => {},
    ended: () => {},
  });
  expect(await open.closed).toMatchObject({ condition: "amqp:link:stolen" });
  await ended.promise;
  expect(said).toEqual(["sender_close", "session_close"]);
});
