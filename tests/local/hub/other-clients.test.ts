import { createHmac } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { EventHubConsumerClient } from "@azure/event-hubs";
import rhea, { type Message, type Sender } from "rhea";
import { expect, onTestFinished, test } from "vitest";
import { EMULATOR_KEY } from "../../../src/local/hub/keys.ts";
import { closeInTime } from "../../support/close-in-time.ts";
import { bodiesOf, firstError, HUB, producerOf, startTestHub, subscribe, take, textsOf } from "./harness.ts";
import {
  connectAuthorised,
  connectRaw,
  framesIn,
  openReceiver,
  openSender,
  putToken,
  READER,
  refusalOf,
} from "./raw-client.ts";

/** A transfer as the Python client writes it: its booleans are `0x56 00` and `0x56 01`. */
function pythonTransfer(sender: Sender, id: number, isMore: boolean, payload: Buffer): Buffer {
  const { channel } = (sender.session as unknown as { local: { channel: number } }).local;
  const { handle } = (sender as unknown as { local: { handle: number } }).local;
  const fields = Buffer.from([
    ...[0x52, handle],
    ...[0x52, id],
    ...[0xa0, 1, id],
    0x43,
    ...[0x56, 0],
    ...[0x56, isMore ? 1 : 0],
  ]);
  const head = Buffer.from([0, 0, 0, 0, 2, 0, 0, channel, 0x00, 0x53, 0x14, 0xc0, fields.length + 1, 6]);
  const frame = Buffer.concat([head, fields, payload]);
  frame.writeUInt32BE(frame.length, 0);
  return frame;
}

test("a message in two frames whose booleans are 0x56, as Python writes them, is put together", async () => {
  const server = await startTestHub();
  const { connection, socket } = await connectAuthorised(server.port);
  const sender = await openSender(connection, HUB);
  const message = rhea.message.encode({ body: rhea.message.data_section(Buffer.from("abcdef")) } as Message);
  socket.write(pythonTransfer(sender, 0, true, message.subarray(0, 6)));
  socket.write(pythonTransfer(sender, 0, false, message.subarray(6)));
  const reader = await openReceiver(connection);
  reader.add_credit(1);
  const [context] = await once(reader, "message");
  expect(String(context.message.body.content)).toBe("abcdef");
  expect(server.stats().receivedEvents).toBe(1);
});

test("the answer to begin names the largest handle, which the Python client compares with", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const session = connection.create_session();
  session.begin();
  await once(session, "session_open");
  const { begin } = (session as unknown as { remote: { begin: { handle_max: number } } }).remote;
  expect(begin.handle_max).toBe(255);
});

test.each([
  { name: "mixed (Go)", mode: 2, isSettled: true },
  { name: "settled", mode: 1, isSettled: true },
  { name: "unsettled", mode: 0, isSettled: false },
])("a receiver that asks for $name deliveries gets what Event Hubs sends", async ({ mode, isSettled }) => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const { connection } = await connectAuthorised(server.port);
  const receiver = await openReceiver(connection, { snd_settle_mode: mode as 0 | 1 | 2 });
  receiver.add_credit(1);
  const [context] = await once(receiver, "message");
  expect(context.delivery.remote_settled).toBe(isSettled);
});

test("sections in Python's order, delivery annotations last, and a footer are kept and given back", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const sender = await openSender(connection, HUB);
  const section = (code: number, key: string, value: string) =>
    Buffer.concat([
      Buffer.from([0x00, 0x53, code, 0xc1, key.length + value.length + 5, 2, 0xa3, key.length]),
      Buffer.from(key),
      Buffer.from([0xa1, value.length]),
      Buffer.from(value),
    ]);
  const message = Buffer.concat([
    section(0x72, "x-opt-mine", "kept"),
    Buffer.from([0x00, 0x53, 0x75, 0xa0, 2, 0x68, 0x69]),
    section(0x78, "sum", "end"),
    section(0x71, "delann", "first"),
  ]);
  const send = sender.send.bind(sender) as (message: unknown, tag: unknown, format: number) => unknown;
  send(message, undefined, 0);
  await once(sender, "accepted");
  const { events } = subscribe(new EventHubConsumerClient("$Default", server.connectionString(), HUB), "0", {
    trackLastEnqueuedEventProperties: true,
  });
  await expect.poll(() => events.length).toBe(1);
  const raw = events[0]?.getRawAmqpMessage();
  expect(String(events[0]?.body)).toBe("hi");
  expect(raw?.messageAnnotations).toMatchObject({ "x-opt-mine": "kept" });
  expect(raw?.deliveryAnnotations).toMatchObject({ delann: "first", last_enqueued_sequence_number: 0 });
  expect(raw?.footer).toEqual({ sum: "end" });
});

test("message annotations of every type are given back as they were sent", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const { types } = rhea;
  const annotations = {
    "x-opt-null": null,
    "x-opt-true": true,
    "x-opt-false": false,
    "x-opt-ubyte": types.wrap_ubyte(200),
    "x-opt-ushort": types.wrap_ushort(60_000),
    "x-opt-uint": types.wrap_uint(4_000_000_000),
    "x-opt-ulong": types.wrap_ulong(5_000_000_000),
    "x-opt-byte": types.wrap_byte(-100),
    "x-opt-short": types.wrap_short(-30_000),
    "x-opt-int": types.wrap_int(-2_000_000_000),
    "x-opt-long": types.wrap_long(-5_000_000_000),
    "x-opt-float": types.wrap_float(1.5),
    "x-opt-double": types.wrap_double(0.1),
    "x-opt-char": types.wrap_char(0x41),
    "x-opt-timestamp": types.wrap_timestamp(1_700_000_000_000),
    "x-opt-uuid": types.wrap_uuid(Buffer.alloc(16, 7)),
    "x-opt-binary": types.wrap_binary(Buffer.alloc(300, 1)),
    "x-opt-string": "text",
    "x-opt-long-string": "t".repeat(300),
    "x-opt-symbol": types.wrap_symbol("symbol"),
    "x-opt-list": types.wrap_list([1, "two", [3]]),
    "x-opt-map": types.wrap_map({ one: 1, two: { three: 3 } }),
    "x-opt-array": types.wrap_array([1, 2], 0x71, undefined),
  };
  const sender = await openSender(connection, HUB);
  sender.send({ message_annotations: annotations, body: "hi" });
  await once(sender, "accepted");
  const reader = await openReceiver(connection);
  reader.add_credit(1);
  const [context] = await once(reader, "message");
  const {
    "x-opt-sequence-number": _,
    "x-opt-offset": __,
    "x-opt-enqueued-time": ___,
    ...own
  } = context.message.message_annotations ?? {};
  // As the client itself reads what it has written.
  const sent = rhea.message.decode(
    rhea.message.encode({ message_annotations: annotations, body: "" } as Message),
  );
  expect(sent).toMatchObject({ message_annotations: own });
  expect(Object.keys(own)).toHaveLength(23);
});

test("a token for a hub that there is not is answered with 404, before any link", async () => {
  const server = await startTestHub();
  const { connection } = await connectRaw(server.port);
  const answer = await putToken(connection, `sb://localhost:${server.port}/nohub/Partitions/0`);
  expect(answer.application_properties).toMatchObject({
    "status-code": 404,
    "status-description": "The messaging entity 'nohub' could not be found.",
    "error-condition": "amqp:not-found",
  });
});

test("a connection has one link that sends to $cbs; the next is let in once that is gone", async () => {
  const server = await startTestHub();
  const { connection } = await connectRaw(server.port);
  const first = await openSender(connection, "$cbs");
  expect((await refusalOf(connection.open_sender("$cbs"))).condition).toBe("amqp:not-allowed");
  first.close();
  await once(first, "sender_close");
  await openSender(connection, "$cbs");
});

test("a refused link is answered without termini, and then detached", async () => {
  const server = await startTestHub();
  const { connection, received } = await connectAuthorised(server.port);
  const receiver = connection.open_receiver(READER.replace("Partitions/0", "Partitions/9"));
  expect(await refusalOf(receiver)).toEqual(
    expect.objectContaining({
      condition: "com.microsoft:argument-out-of-range",
      description: expect.stringMatching(/^The specified partition is invalid .* between 0 and 0\.$/),
    }),
  );
  expect([receiver.source, receiver.target]).toMatchObject([{ value: null }, { value: null }]);
  const sender = connection.open_sender(`${HUB}x`);
  expect(await refusalOf(sender)).toMatchObject({ condition: "amqp:unauthorized-access" });
  expect([sender.source, sender.target]).toMatchObject([{ value: null }, { value: null }]);
  // Attach, then detach.
  expect(
    framesIn(received())
      .slice(-2)
      .map(({ code }) => code),
  ).toEqual([18, 22]);
});

test("management by a security token in the request, with no token put before, as Java asks", async () => {
  const server = await startTestHub();
  const { connection, received } = await connectRaw(server.port);
  const replies = connection.open_receiver({ source: "$management", name: "m" });
  const requests = await openSender(connection, "$management");
  const ask = async (token: string | undefined) => {
    requests.send({
      reply_to: "m",
      message_id: "1",
      application_properties: {
        operation: "READ",
        name: HUB,
        type: "com.microsoft:eventhub",
        ...(token === undefined ? {} : { security_token: token }),
      },
      body: "",
    });
    const [context] = await once(replies, "message");
    return context.message.application_properties;
  };
  expect(await ask(undefined)).toMatchObject({ "status-code": 401 });
  expect(await ask(signatureFor("sb://elsewhere/other"))).toMatchObject({ "status-code": 401 });
  expect(await ask(signatureFor(`sb://localhost/${HUB}`, { key: "rotated" }))).toMatchObject({
    "status-code": 401,
  });
  expect(await ask(signatureFor(`sb://localhost/${HUB}`))).toMatchObject({ "status-code": 200 });
  // The request is settled before it is answered: disposition, then transfer.
  const codes = framesIn(received()).map(({ code }) => code);
  expect(codes.slice(codes.lastIndexOf(21)).includes(20)).toBe(true);
  expect(codes.filter((code) => code === 21)).toHaveLength(4);
});

test("a ready-made signature works: the SDK opens without SASL", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const consumer = new EventHubConsumerClient("$Default", signedString(server.port, 3600), HUB);
  onTestFinished(() => closeInTime(consumer));
  expect(textsOf(await take(subscribe(consumer, "0"), 1))).toEqual(["e0"]);
});

test("an expired signature is refused, and the reason says when it ended", async () => {
  const server = await startTestHub();
  const consumer = new EventHubConsumerClient("$Default", signedString(server.port, -60), HUB, {
    retryOptions: { maxRetries: 0 },
  });
  onTestFinished(() => closeInTime(consumer));
  const error = await firstError(subscribe(consumer, "0"));
  expect(error.message).toMatch(/^ExpiredToken: The token is expired\. Expiration time: \d{4}-/);
  expect(error.code).toBe("UnauthorizedError");
});

test("a key that may only listen cannot send, and the reason names the claim", async () => {
  const server = await startTestHub({ keys: [{ name: "listen", key: "k", claims: ["Listen"] }] });
  const { connection } = await connectRaw(server.port, { username: "listen", password: "k" });
  const refusal = await refusalOf(connection.open_sender(HUB));
  expect(refusal.condition).toBe("amqp:unauthorized-access");
  expect(refusal.description).toMatch(
    /^Unauthorized access\. 'Send' claim\(s\) are required to perform this operation\./,
  );
});

test("a batch to the full limit is stored; one byte more does not fit it", async () => {
  const server = await startTestHub();
  const producer = producerOf(server);
  const batch = await producer.createBatch({ partitionId: "0" });
  let size = batch.maxSizeInBytes;
  while (!batch.tryAdd({ body: Buffer.alloc(size) })) {
    size -= 1;
  }
  expect(batch.maxSizeInBytes - batch.sizeInBytes).toBeLessThan(8);
  await producer.sendBatch(batch);
  expect(server.hub(HUB).state("0").lastSequenceNumber).toBe(0);
});

test("a Kafka client is named in one clear line, and cut off", async () => {
  const lines: string[] = [];
  const server = await startTestHub({ say: (line) => lines.push(line) });
  // ApiVersions, version 3, of a client called "c".
  const hello = Buffer.from([0, 0, 0, 11, 0, 18, 0, 3, 0, 0, 0, 1, 0, 1, 0x63]);
  for (let i = 0; i < 2; i += 1) {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.write(hello);
    await once(socket, "close");
  }
  expect(lines).toEqual([expect.stringMatching(/Kafka.*not offered.*AMQP/)]);
});

function signatureFor(resource: string, { key = EMULATOR_KEY.key, lastsS = 3600 } = {}): string {
  const encoded = encodeURIComponent(resource);
  const expiry = Math.floor(Date.now() / 1000) + lastsS;
  const signature = createHmac("sha256", key).update(`${encoded}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${encoded}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${EMULATOR_KEY.name}`;
}

function signedString(port: number, lastsS: number): string {
  const signature = signatureFor(`sb://localhost:${port}/${HUB}`, { lastsS });
  return `Endpoint=sb://localhost:${port};SharedAccessSignature=${signature};UseDevelopmentEmulator=true`;
}
