import fc from "fast-check";
import { expect, test } from "vitest";
import { isTransfer, Transfer } from "../../../../src/connector/hub/amqp/transfer.ts";
import { WireFault } from "../../../../src/connector/hub/amqp/values.ts";
import { described, list, NULL, TRUE, uint } from "../../../../src/local/hub/encoding.ts";
import { framesOf } from "../../../../src/local/hub/frame.ts";
import { amqpFrame } from "../support/rhea-codec.ts";

const HEADER = 8;
const given = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constant(2 ** 32 - 1));

test("a transfer says what rhea's encoder was told", () => {
  const fields = fc.record({
    handle: uint32,
    delivery_id: given(uint32),
    delivery_tag: given(fc.uint8Array({ maxLength: 32 }).map((tag) => Buffer.from(tag))),
    message_format: given(uint32),
    settled: given(fc.boolean()),
    more: given(fc.boolean()),
    rcv_settle_mode: given(fc.constantFrom(0, 1)),
    resume: given(fc.boolean()),
    aborted: given(fc.boolean()),
    batchable: given(fc.boolean()),
  });
  const transfer = new Transfer();
  fc.assert(
    fc.property(fields, fc.uint8Array({ maxLength: 50 }), (told, payload) => {
      const frame = amqpFrame(1, "transfer", told, Buffer.from(payload));
      expect(isTransfer(frame, HEADER, frame.length)).toBe(true);
      transfer.read(frame, HEADER, frame.length);
      expect({ ...transfer }).toEqual({
        deliveryId: told.delivery_id ?? -1,
        messageFormat: told.message_format ?? -1,
        settled: told.settled ?? false,
        more: told.more ?? false,
        aborted: told.aborted ?? false,
        payloadStart: frame.length - payload.length,
      });
    }),
  );
});

test("the frames of the local hub are read the same", () => {
  const link = { channel: 5, handle: 7, settled: true };
  const [first, second] = framesOf(Buffer.alloc(150, 1), link, 2 ** 32 - 1, 138);
  const transfer = new Transfer();
  for (const [frame, more] of [
    [first, true],
    [second, false],
  ] as const) {
    transfer.read(frame ?? Buffer.alloc(0), HEADER, frame?.length ?? 0);
    expect(transfer).toMatchObject({ deliveryId: 2 ** 32 - 1, messageFormat: 0, settled: true, more });
  }
});

test.each([
  { name: "an empty list", body: described(0x14, Buffer.from([0x45])) },
  { name: "fields that end early", body: described(0x14, list([uint(0), uint(9)])), deliveryId: 9 },
  {
    name: "more fields than there are",
    body: described(0x14, list([uint(0), uint(9), ...Array.from({ length: 20 }, () => Buffer.from([TRUE]))])),
    deliveryId: 9,
    flags: true,
  },
  { name: "a long descriptor", body: Buffer.from("0080000000000000001445", "hex") },
  { name: "a field that is not a number", body: described(0x14, list([uint(0), Buffer.from([NULL])])) },
])("a transfer with $name", ({ body, deliveryId = -1, flags = false }) => {
  const transfer = new Transfer();
  expect(isTransfer(body, 0, body.length)).toBe(true);
  transfer.read(body, 0, body.length);
  const { settled, more, aborted, payloadStart } = transfer;
  expect({ id: transfer.deliveryId, settled, more, aborted, payloadStart }).toEqual({
    id: deliveryId,
    settled: flags,
    more: flags,
    aborted: flags,
    payloadStart: body.length,
  });
});

test.each([
  { name: "a flow", body: "005313 45" },
  { name: "another number of eight bytes", body: "0080 0000000000000114 45" },
  { name: "a very large number", body: "0080 ff00000000000014 45" },
  { name: "a descriptor that is text", body: "00a30461626364 45" },
  { name: "a value that is not described", body: "45000000" },
  { name: "three bytes", body: "005314" },
  { name: "a long descriptor and nothing behind it", body: "0080 0000000000000014" },
  { name: "nothing", body: "" },
])("isTransfer: $name is none", ({ body }) => {
  const bytes = Buffer.from(body.replaceAll(" ", ""), "hex");
  // Behind the end stands what would make it one.
  expect(isTransfer(Buffer.concat([bytes, Buffer.alloc(9, 0x45)]), 0, bytes.length)).toBe(false);
});

test("a performative cut off anywhere is a fault, though bytes follow", () => {
  const fields = {
    handle: 300,
    delivery_id: 70_000,
    delivery_tag: Buffer.from("tag"),
    settled: true,
    more: true,
  };
  const frame = amqpFrame(1, "transfer", fields);
  const transfer = new Transfer();
  for (let end = HEADER + 3; end < frame.length; end++) {
    expect(() => transfer.read(frame, HEADER, end), `cut at ${end}`).toThrow(WireFault);
  }
});

test("a list that claims more than it holds is a fault, and no long loop", () => {
  const claims = Buffer.from("005314d0000000 05ffffffff43".replaceAll(" ", ""), "hex");
  expect(() => new Transfer().read(claims, 0, claims.length)).toThrow(WireFault);
});
