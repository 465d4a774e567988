import { createHash } from "node:crypto";
import { once } from "node:events";
import rhea, { type Message } from "rhea";
import { expect, test } from "vitest";
import { described, list, text } from "../../../src/local/hub/encoding.ts";
import { Random } from "../../chaos/random.ts";
import { HUB, startTestHub } from "../../local/hub/harness.ts";
import { connectAuthorised, openSender } from "../../local/hub/raw-client.ts";
import { eventually } from "../../support/eventually.ts";
import { countTo, startConsumer } from "./support/consuming.ts";

const { data_section, data_sections, sequence_section } = rhea.message;
const encode = (body: unknown, more: Partial<Message> = {}) => rhea.message.encode({ ...more, body });

/** What producers send, and what the intake is to get. */
const MESSAGES: readonly { sent: Buffer; received: string | Buffer }[] = [
  { sent: encode(data_section(Buffer.from('{"plain":1.0}'))), received: '{"plain":1.0}' },
  { sent: encode(data_section(Buffer.alloc(0))), received: "" },
  { sent: encode(data_section(Buffer.from([0, 255, 1, 254]))), received: Buffer.from([0, 255, 1, 254]) },
  { sent: encode(data_sections(["one", ",", "two"].map((part) => Buffer.from(part)))), received: "one,two" },
  { sent: encode("a text value"), received: "a text value" },
  { sent: encode({ a: [1, "x", null] }), received: '{"a":[1,"x",null]}' },
  { sent: encode(sequence_section([1, "two"])), received: '[1,"two"]' },
  { sent: Buffer.concat([1, 2].map(() => described(0x76, list([text("s")])))), received: '["s","s"]' },
  {
    sent: encode(data_section(Buffer.from("annotated")), {
      message_id: "id",
      subject: "subject",
      message_annotations: { "x-opt-offset": "forged", "x-opt-own": 1 },
      application_properties: { "x-opt-sequence-number": 7 },
    }),
    received: "annotated",
  },
];

test("every shape of message arrives as the bytes that its producer meant", async () => {
  const server = await startTestHub();
  const { connection } = await connectAuthorised(server.port);
  const sender = await openSender(connection, `${HUB}/Partitions/0`);
  for (const { sent } of MESSAGES) {
    sender.send(sent, undefined, 0);
    await once(sender, "accepted");
  }
  const { recorder } = await startConsumer(server);
  await eventually(() => recorder.received === MESSAGES.length);
  expect(recorder.bodies("0").map(String)).toEqual(MESSAGES.map(({ received }) => String(received)));
  expect(recorder.bodies("0")[2]).toEqual(MESSAGES[2]?.received);
});

test("events of up to a megabyte, between small ones, arrive byte for byte", async () => {
  const server = await startTestHub();
  const random = new Random(11);
  const sizes = [
    1,
    65_000,
    65_536,
    100,
    1_048_000,
    10,
    200_000,
    ...countTo(200).map(() => random.between(0, 3000)),
    1_000_000,
    7,
  ];
  const bodies = sizes.map((size, index) => Buffer.alloc(size, `${index}-${random.between(0, 1e9)};`));
  server.hub(HUB).append("0", bodies);
  const { recorder } = await startConsumer(server);
  await eventually(() => recorder.received === bodies.length);
  const hash = (all: readonly Buffer[]) => all.map((body) => createHash("sha256").update(body).digest("hex"));
  expect(hash(recorder.bodies("0"))).toEqual(hash(bodies));
});
