import { randomBytes } from "node:crypto";
import { once } from "node:events";
import rhea, { type Message, type Source } from "rhea";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { bodiesOf, configOf, HUB, startTestHub } from "./harness.ts";
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

/** The bodies a receiver gets, as they come. */
function collect(receiver: {
  on(event: "message", listener: (context: { message?: Message }) => void): unknown;
}): Message[] {
  const messages: Message[] = [];
  receiver.on("message", ({ message }) => {
    if (message !== undefined) {
      messages.push(message);
    }
  });
  return messages;
}

const FIELD_COUNTS: Record<number, number> = {
  16: 10,
  17: 8,
  18: 14,
  19: 11,
  20: 11,
  21: 6,
  22: 3,
  23: 1,
  24: 1,
};

test("every performative carries all of its fields", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const { connection, received } = await connectAuthorised(server.port);
  const session = connection.create_session();
  session.begin();
  const receiver = await openReceiver(session);
  receiver.add_credit(1);
  await once(receiver, "message");
  const sender = await openSender(connection, HUB);
  sender.send({ body: "x" });
  await once(sender, "accepted");
  await refusalOf(connection.open_receiver("nohub"));
  session.close();
  await once(session, "session_close");
  server.faults.closeConnections();
  await once(connection, "connection_close");
  const frames = framesIn(received());
  expect([...new Set(frames.map(({ code }) => code))].toSorted()).toEqual([
    16, 17, 18, 19, 20, 21, 22, 23, 24,
  ]);
  for (const { code, fields } of frames) {
    expect([code, fields]).toEqual([code, FIELD_COUNTS[code]]);
  }
  const detach = frames.find(({ code, frame }) => code === 22 && frame.includes("amqp:unauthorized-access"));
  // The error inside: condition, description and info, the last one null.
  expect(detach?.frame.at(-1)).toBe(0x40);
});

test("an idle connection is kept alive with empty frames, as often as the client asked", async () => {
  const server = await startTestHub();
  const { received, socket } = await connectRaw(server.port, { idle_time_out: 60 });
  const heartbeats = () => framesIn(received()).filter(({ code }) => code === 0).length;
  while (heartbeats() < 4) {
    await once(socket, "data");
  }
  expect(server.stats().connections).toBe(1);
});

test("a session window smaller than an event's frames lets the event through in turns", async () => {
  const server = await startTestHub();
  const body = randomBytes(900_000);
  server.hub(HUB).append("0", [body, Buffer.from("next")]);
  const { connection, socket } = await connectAuthorised(server.port, { session_buffer_size: 4 } as object);
  // rhea opens its window again only when it is called for something else.
  socket.on("data", () => (connection as unknown as { _register(): void })._register());
  const receiver = await openReceiver(connection);
  const messages = collect(receiver);
  receiver.add_credit(2);
  await eventually(() => messages.length === 2);
  expect(messages.map((message) => message.body.content.length)).toEqual([900_000, 4]);
  expect(body.equals(messages[0]?.body.content)).toBe(true);
});

test("credit is kept to exactly, and a drain gives the rest back", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0", "e1", "e2"));
  const { connection } = await connectAuthorised(server.port);
  const receiver = await openReceiver(connection);
  const messages = collect(receiver);
  receiver.add_credit(2);
  await eventually(() => messages.length === 2);
  receiver.add_credit(10);
  receiver.drain_credit();
  await once(receiver, "receiver_drained");
  expect(messages).toHaveLength(3);
  expect(server.stats().receivers[0]?.credit).toBe(0);
});

test("a flow frame that asks for an echo gets one", async () => {
  const server = await startTestHub();
  const { connection, socket, received } = await connectAuthorised(server.port);
  await openReceiver(connection);
  const flows = () => framesIn(received()).filter(({ code }) => code === 19).length;
  const before = flows();
  // Session window of 100, no handle, echo true: fields 1 to 4, then five nulls but for drain and echo.
  const fields = [0x52, 0, 0x52, 100, 0x52, 0, 0x52, 100, 0x40, 0x40, 0x40, 0x40, 0x42, 0x41, 0x40];
  socket.write(
    Buffer.from([
      0,
      0,
      0,
      14 + fields.length,
      2,
      0,
      0,
      0,
      0,
      0x53,
      0x13,
      0xc0,
      fields.length + 1,
      11,
      ...fields,
    ]),
  );
  while (flows() === before) {
    await once(socket, "data");
  }
});

test("a receiver that wants settled transfers gets them settled", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const { connection } = await connectAuthorised(server.port);
  const receiver = await openReceiver(connection, { snd_settle_mode: 1 });
  receiver.add_credit(1);
  const [context] = await once(receiver, "message");
  expect(context.delivery.remote_settled).toBe(true);
});

test("retention that overtakes a slow receiver moves it on to what is left", async () => {
  const server = await startTestHub({ retention: { maxEvents: 2, maxBytes: 1e6 } });
  const { connection } = await connectAuthorised(server.port);
  const receiver = await openReceiver(connection);
  const messages = collect(receiver);
  server.hub(HUB).append("0", bodiesOf("e0", "e1", "e2", "e3"));
  receiver.add_credit(10);
  await eventually(() => messages.length === 2);
  expect(messages.map((message) => message.message_annotations?.["x-opt-sequence-number"])).toEqual([2, 3]);
});

test("a client in the Python style: full addresses, a symbolic filter descriptor, numbers as message ids", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0", "e1"));
  const { connection } = await connectRaw(server.port);
  const answer = await putToken(
    connection,
    `sb://localhost:${server.port}/${HUB}/ConsumerGroups/$default/Partitions/0`,
    7,
  );
  expect(answer).toMatchObject({ correlation_id: 7, application_properties: { "status-code": 202 } });
  const selector = rhea.types.wrap_described(
    "amqp.annotation.x-opt-sequence-number > '0'",
    "apache.org:selector-filter:string",
  );
  const receiver = await openReceiver(connection, {
    source: {
      address: `amqps://localhost/${HUB}/consumergroups/$DEFAULT/partitions/0`,
      filter: { "apache.org:selector-filter:string": selector },
    } as unknown as Source,
  });
  receiver.add_credit(5);
  const [context] = await once(receiver, "message");
  expect(String(context.message.body.content)).toBe("e1");
});

test.each([
  { name: "no token", address: READER, condition: "amqp:unauthorized-access" },
  { name: "an address of no known form", address: `${HUB}/what/is/this`, condition: "amqp:not-found" },
  { name: "an empty address", address: "/", condition: "amqp:not-found" },
])("a link with $name is refused", async ({ address, condition }) => {
  const server = await startTestHub();
  const { connection } = await connectRaw(server.port);
  expect(await refusalOf(connection.open_receiver(address))).toMatchObject({ condition });
});

test("links that go the wrong way are refused", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  expect(await refusalOf(connection.open_sender(READER))).toMatchObject({ condition: "amqp:not-found" });
  expect(await refusalOf(connection.open_receiver(HUB))).toMatchObject({ condition: "amqp:not-found" });
});

test("SASL PLAIN with a key stands for a token; with a wrong one the login fails", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("e0"));
  const login = { username: "RootManageSharedAccessKey", password: "SAS_KEY_VALUE" };
  const { connection } = await connectRaw(server.port, login);
  const receiver = await openReceiver(connection);
  receiver.add_credit(1);
  await once(receiver, "message");
  const wrong = await connectRaw(server.port, { ...login, password: "wrong" });
  expect(wrong.connection.is_open()).toBe(false);
});

test("the login of the Python client, MSSBCBS without a response, is accepted", async () => {
  const server = await startTestHub();
  const mechanism = {
    start: (respond: (error: undefined, response: undefined) => void) => respond(undefined, undefined),
  };
  const { connection } = await connectAuthorised(server.port, {
    sasl_mechanisms: { MSSBCBS: () => mechanism },
  } as object);
  expect(connection.is_open()).toBe(true);
});

test("a token for one partition opens no other, and a hub not named in it cannot be asked about", async () => {
  const server = await startTestHub({ config: configOf(2) });
  const { connection } = await connectRaw(server.port);
  await putToken(connection, `sb://localhost/${READER}`);
  const other = connection.open_receiver(READER.replace(/0$/, "1"));
  expect(await refusalOf(other)).toMatchObject({ condition: "amqp:unauthorized-access" });
  const replies = connection.open_receiver({ source: "$management", name: "m" });
  const requests = await openSender(connection, "$management");
  requests.send({
    reply_to: "m",
    message_id: "1",
    application_properties: { operation: "READ", name: HUB, type: "com.microsoft:eventhub" },
    body: "",
  });
  const [context] = await once(replies, "message");
  expect(context.message.application_properties["status-code"]).toBe(401);
});

test("a management request for an unknown type is answered with 400", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const replies = connection.open_receiver({ source: "$management", name: "m" });
  const requests = await openSender(connection, "$management");
  requests.send({
    reply_to: "nobody",
    message_id: "1",
    application_properties: { name: HUB, type: "x" },
    body: "",
  });
  const [context] = await once(replies, "message");
  expect(context.message.application_properties).toMatchObject({
    "status-code": 400,
    "error-condition": "com.microsoft:argument-error",
  });
});

test.each([
  {
    name: "longer than a mebibyte",
    payload: Buffer.alloc(1_200_000),
    condition: "amqp:link:message-size-exceeded",
  },
  { name: "no message at all", payload: Buffer.from("garbage"), condition: "amqp:decode-error" },
  {
    name: "a message whose sections are out of order",
    payload: Buffer.from([0, 0x53, 0x75, 0xa0, 0, 0, 0x53, 0x72, 0xc1, 1, 0]),
    condition: "amqp:decode-error",
  },
])("what is $name is rejected, and the link goes on", async ({ payload, condition }) => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const sender = await openSender(connection, HUB);
  sender.send(payload, undefined, 0);
  const [context] = await once(sender, "rejected");
  expect(context.delivery.remote_state.error.condition).toBe(condition);
  sender.send({ body: "fine" });
  await once(sender, "accepted");
  expect(server.hub(HUB).state("0").lastSequenceNumber).toBe(0);
});

test("a thousand messages and more flow in on one link, each acknowledged", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const sender = await openSender(connection, `${HUB}/Partitions/0`);
  let accepted = 0;
  let sent = 0;
  sender.on("accepted", () => {
    accepted += 1;
  });
  const send = () => {
    while (sent < 3000 && sender.sendable()) {
      sender.send({ body: rhea.message.data_section(Buffer.from(String(sent))) });
      sent += 1;
    }
  };
  sender.on("sendable", send);
  send();
  await eventually(() => accepted === 3000);
  expect(server.stats()).toMatchObject({ receivedEvents: 3000 });
});
