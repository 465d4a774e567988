import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageView } from "../../../../src/connector/hub/amqp/message.ts";
import { readTimestampMs, WireFault } from "../../../../src/connector/hub/amqp/values.ts";
import { described, list, long, map, symbol, text, timestamp } from "../../../../src/local/hub/encoding.ts";
import { Random } from "../../../chaos/random.ts";
import { randomMessage } from "../support/random-messages.ts";
import { valueAs } from "../support/rhea-codec.ts";

const POSITION = [symbol("x-opt-sequence-number"), long(5), symbol("x-opt-offset"), text("320")];
const annotations = (...entries: Buffer[]) => described(0x72, map(entries));
const data = (body: string) => described(0x75, valueAs(0xa0, Buffer.from(body)));

function read(message: Buffer, view = new MessageView()) {
  view.read(message, 0, message.length);
  return {
    sequenceNumber: view.sequenceNumber,
    offset: message.toString("utf8", view.offsetStart, view.offsetEnd),
    enqueuedAtMs: view.enqueuedTimeAt === 0 ? undefined : readTimestampMs(message, view.enqueuedTimeAt),
    bodyKind: view.bodyKind,
    ...(view.bodyKind === "data" ? { body: message.toString("utf8", view.bodyStart, view.bodyEnd) } : {}),
  };
}

const plain = { sequenceNumber: 5, offset: "320", enqueuedAtMs: undefined };

test.each([
  {
    name: "one data section, in place",
    message: [annotations(...POSITION, symbol("x-opt-enqueued-time"), timestamp(9)), data("body")],
    seen: { ...plain, enqueuedAtMs: 9, bodyKind: "data", body: "body" },
  },
  {
    name: "an empty one",
    message: [annotations(...POSITION), data("")],
    seen: { ...plain, bodyKind: "data", body: "" },
  },
  {
    name: "several data sections",
    message: [annotations(...POSITION), data("a"), data("b")],
    seen: { ...plain, bodyKind: "other" },
  },
  {
    name: "a value",
    message: [annotations(...POSITION), described(0x77, text("x"))],
    seen: { ...plain, bodyKind: "other" },
  },
  {
    name: "a sequence",
    message: [annotations(...POSITION), described(0x76, list([]))],
    seen: { ...plain, bodyKind: "other" },
  },
  { name: "no body", message: [annotations(...POSITION)], seen: { ...plain, bodyKind: "none" } },
  {
    name: "a time that is none",
    message: [annotations(...POSITION, symbol("x-opt-enqueued-time"), text("now")), data("x")],
    seen: { ...plain, bodyKind: "data", body: "x" },
  },
  {
    name: "keys that only look like the hub's",
    message: [
      annotations(
        text("x-opt-offset"),
        text("1"),
        symbol("x-opt-offsett"),
        text("2"),
        ...POSITION,
        symbol("X-OPT-OFFSET"),
        text("3"),
      ),
      data("x"),
    ],
    seen: { ...plain, bodyKind: "data", body: "x" },
  },
  {
    name: "delivery annotations, properties and a footer that look like a position",
    message: [
      described(0x71, map([symbol("x-opt-sequence-number"), long(1)])),
      annotations(...POSITION),
      described(0x74, map([symbol("x-opt-offset"), text("1")])),
      data("x"),
      described(0x78, map([symbol("x-opt-sequence-number"), long(2)])),
    ],
    seen: { ...plain, bodyKind: "data", body: "x" },
  },
])("a message with $name", ({ message, seen }) => {
  expect(read(Buffer.concat(message))).toEqual(seen);
});

test("one view reads message after message, and nothing of the one before stays", () => {
  const view = new MessageView();
  read(
    Buffer.concat([annotations(...POSITION, symbol("x-opt-enqueued-time"), timestamp(9)), data("x")]),
    view,
  );
  const bare = Buffer.concat([annotations(...POSITION)]);
  expect(read(bare, view)).toEqual({ ...plain, bodyKind: "none" });
  expect(() => read(data("x"), view)).toThrow(WireFault);
  expect(view.hasPosition).toBe(false);
});

test.each([
  { name: "no annotations", message: [data("x")], fault: "does not come from an Event Hub" },
  {
    name: "no offset",
    message: [annotations(symbol("x-opt-sequence-number"), long(1))],
    fault: "does not come",
  },
  {
    name: "no sequence number",
    message: [annotations(symbol("x-opt-offset"), text("1"))],
    fault: "does not come",
  },
  {
    name: "a negative sequence number",
    message: [annotations(symbol("x-opt-sequence-number"), long(-1), symbol("x-opt-offset"), text("1"))],
    fault: "does not come",
  },
  {
    name: "a sequence number beyond exact arithmetic",
    message: [annotations(symbol("x-opt-sequence-number"), Buffer.from("817fffffffffffffff", "hex"))],
    fault: "too large",
  },
  {
    name: "an offset that is not text",
    message: [annotations(symbol("x-opt-offset"), long(1))],
    fault: "text or binary",
  },
  { name: "annotations that are not a map", message: [described(0x72, text("x"))], fault: "list or map" },
  { name: "no bytes", message: [], fault: "does not come" },
  {
    name: "bytes that are not a section",
    message: [annotations(...POSITION), Buffer.from("x")],
    fault: "section was expected",
  },
])("a message with $name is a fault", ({ message, fault }) => {
  const bytes = Buffer.concat(message);
  expect(() => read(bytes)).toThrow(WireFault);
  expect(() => read(bytes)).toThrow(fault);
});

test("whatever is cut off a message is a fault or reads right, though the bytes behind the end are there", () => {
  const random = new Random(7);
  const view = new MessageView();
  for (let round = 0; round < 200; round++) {
    const { bytes, sequenceNumber } = randomMessage(random, round);
    const step = Math.max(1, Math.floor(bytes.length / 400));
    for (let end = 0; end < bytes.length; end += step) {
      try {
        view.read(bytes, 0, end);
        // The sections that are left stand for themselves.
        expect(view.sequenceNumber).toBe(sequenceNumber);
        if (view.bodyKind === "data") {
          expect(view.bodyEnd).toBeLessThanOrEqual(end);
        }
        expect(Math.max(view.offsetEnd, view.enqueuedTimeAt)).toBeLessThanOrEqual(end);
      } catch (thrown) {
        if (!(thrown instanceof WireFault)) {
          throw thrown;
        }
        if (view.hasPosition) {
          expect(view.offsetEnd).toBeLessThanOrEqual(end);
        }
        if (view.enqueuedTimeAt > 0) {
          expect(view.enqueuedTimeAt + 9).toBeLessThanOrEqual(end);
        }
      }
    }
  }
});

test("a message with any bytes changed is a fault or has its extents inside it", () => {
  const random = new Random(8);
  const view = new MessageView();
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (seed, changes) => {
        const { bytes } = randomMessage(random, seed % 1000);
        for (const [at, byte] of changes) {
          bytes[at % bytes.length] = byte;
        }
        try {
          view.read(bytes, 0, bytes.length);
        } catch (thrown) {
          if (!(thrown instanceof WireFault)) {
            throw thrown;
          }
        }
        const { bodyKind, bodyStart, bodyEnd, offsetStart, offsetEnd, enqueuedTimeAt } = view;
        if (bodyKind === "data") {
          expect(bodyStart).toBeLessThanOrEqual(bodyEnd);
        }
        if (bodyKind === "data") {
          expect(bodyEnd).toBeLessThanOrEqual(bytes.length);
        }
        if (view.hasPosition) {
          expect(offsetStart).toBeLessThanOrEqual(offsetEnd);
        }
        if (view.hasPosition) {
          expect(offsetEnd).toBeLessThanOrEqual(bytes.length);
        }
        if (enqueuedTimeAt > 0) {
          expect(enqueuedTimeAt + 9).toBeLessThanOrEqual(bytes.length);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
