import { once } from "node:events";
import net from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LocalHubServer } from "../../../src/local/hub/server.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { bodiesOf, consumerOf, HUB, startTestHub, subscribe, take } from "./harness.ts";
import { connectAuthorised, connectRaw, openReceiver, openSender } from "./raw-client.ts";

const SASL_HEADER = Buffer.from([...Buffer.from("AMQP"), 3, 1, 0, 0]);

function frame(type: number, ...body: number[]): Buffer {
  const bytes = Buffer.from([0, 0, 0, 0, 2, type, 0, 0, ...body]);
  bytes.writeUInt32BE(bytes.length);
  return bytes;
}

/** Sends bytes on a new connection and waits for the server to end it. */
async function sendAndWaitForEnd(server: LocalHubServer, bytes: Buffer): Promise<void> {
  const socket = net.connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.write(bytes);
  await once(socket, "close");
}

async function expectAlive(server: LocalHubServer): Promise<void> {
  server.hub(HUB).append("0", bodiesOf("alive"));
  await take(subscribe(consumerOf(server), "0"), 1);
}

test.each([
  { name: "garbage", bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n") },
  { name: "another protocol's header", bytes: Buffer.from([...Buffer.from("AMQP"), 0, 0, 9, 1]) },
  {
    name: "a frame above the limit",
    bytes: Buffer.concat([SASL_HEADER, Buffer.from([0x7f, 0, 0, 0, 2, 1, 0, 0])]),
  },
  { name: "a frame of no size", bytes: Buffer.concat([SASL_HEADER, Buffer.alloc(16)]) },
  {
    name: "a data offset beyond the frame",
    bytes: Buffer.concat([SASL_HEADER, Buffer.from([0, 0, 0, 8, 9, 1, 0, 0])]),
  },
  {
    name: "a channel above the limit",
    bytes: Buffer.concat([SASL_HEADER, Buffer.from([0, 0, 0, 8, 2, 0, 0xff, 0xff])]),
  },
  {
    name: "a list that claims four billion items",
    bytes: Buffer.concat([SASL_HEADER, frame(1, 0, 0x53, 0x41, 0xd0, 0, 0, 0, 8, 255, 255, 255, 255)]),
  },
  {
    name: "an array of four billion nothings",
    bytes: Buffer.concat([SASL_HEADER, frame(1, 0, 0x53, 0x41, 0xf0, 0, 0, 0, 5, 255, 255, 255, 255, 0x40)]),
  },
  {
    name: "endless nesting",
    bytes: Buffer.concat([SASL_HEADER, frame(1, ...Array.from({ length: 5000 }, () => 0))]),
  },
  { name: "a performative that is none", bytes: Buffer.concat([SASL_HEADER, frame(1, 0x41)]) },
  { name: "an unknown performative", bytes: Buffer.concat([SASL_HEADER, frame(1, 0, 0x53, 0x99, 0x45)]) },
])("$name ends the connection, and only that", async ({ bytes }) => {
  const server = await startTestHub();
  await sendAndWaitForEnd(server, bytes);
  await eventually(() => server.stats().connections === 0);
  await expectAlive(server);
});

test("whatever bytes follow the handshake, the server lives on", async () => {
  const server = await startTestHub();
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.boolean(),
      async (noise, isFramed) => {
        const { socket } = await connectRaw(server.port);
        socket.on("error", () => {});
        socket.end(isFramed ? frame(0, 0, 0x53, 0x10 + ((noise[0] ?? 0) % 9), ...noise) : Buffer.from(noise));
        // The client's own library may still answer the server's close after our end: its error is not the server's.
        await new Promise<void>((resolve) =>
          socket.closed ? resolve() : socket.once("close", () => resolve()),
        );
      },
    ),
    { numRuns: 60 },
  );
  await eventually(() => server.stats().connections === 0);
  await expectAlive(server);
});

test("a client that asks for everything and reads nothing costs a few megabytes, and delays nobody", async () => {
  const server = await startTestHub();
  const body = Buffer.alloc(10_000);
  server.hub(HUB).append(
    "0",
    Array.from({ length: 6000 }, () => body),
  );
  const { connection, socket } = await connectAuthorised(server.port, {
    session_buffer_size: 1_000_000,
  } as object);
  const receiver = await openReceiver(connection);
  socket.pause();
  receiver.add_credit(1_000_000);
  await eventually(() => server.stats().sentBytes > 1_000_000);
  // Not the SDK: its subscription may never close with a backlog like this (azure-sdk-for-js #34731).
  const other = await connectAuthorised(server.port);
  const reading = await openReceiver(other.connection);
  let read = 0;
  reading.on("message", () => {
    read += 1;
  });
  reading.add_credit(100);
  await eventually(() => read === 100);
  expect(server.stats().receivers).toHaveLength(2);
  // What the kernel's buffers hold, and two bursts, of the sixty megabytes there are.
  expect(server.stats().sentBytes).toBeLessThan(30_000_000);
});

test("answers that nobody gives credit for are bounded: the requests are rejected", async () => {
  const server = await startTestHub();
  const { connection } = await connectRaw(server.port);
  await openReceiver(connection, { source: "$cbs", name: "replies" });
  const requests = await openSender(connection, "$cbs");
  for (let i = 0; i < 120; i += 1) {
    requests.send({ reply_to: "replies", message_id: String(i), body: "x" });
  }
  const [context] = await once(requests, "rejected");
  expect(context.delivery.remote_state.error.condition).toBe("amqp:resource-limit-exceeded");
});

test("a request that is not a message is rejected", async () => {
  const server = await startTestHub();
  const { connection } = await connectRaw(server.port);
  const requests = await openSender(connection, "$cbs");
  requests.send(Buffer.from([0xd0, 1, 2]), undefined, 0);
  const [context] = await once(requests, "rejected");
  expect(context.delivery.remote_state.error.condition).toBe("amqp:decode-error");
});

test("a client that never says hello is let go", async () => {
  const clock = new ManualClock();
  const server = await startTestHub({ clock });
  const timers = clock.pending;
  const silent = net.connect(server.port, "127.0.0.1");
  await eventually(() => clock.pending > timers);
  const half = net.connect(server.port, "127.0.0.1");
  half.resume().write("AMQP\u0003\u0001\u0000\u0000");
  await eventually(() => server.stats().connections === 1);
  const closed = [once(silent, "close"), once(half, "close")];
  clock.advance(60_000);
  await Promise.all(closed);
});

test("a port that is taken is said so", async () => {
  const server = await startTestHub();
  await expect(startTestHub({ port: server.port })).rejects.toThrow(
    `the local hub cannot listen on 127.0.0.1:${server.port} (listen EADDRINUSE`,
  );
});
