import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameOutput, nextUint32 } from "../../../../src/connector/hub/amqp/frame-output.ts";
import { type DecodedFrame, decodeFrames } from "../support/rhea-codec.ts";

const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 255, 256, 2 ** 31, 2 ** 32 - 1),
);
const channels = fc.integer({ min: 0, max: 65_535 });

type Written = (output: FrameOutput) => DecodedFrame;

const flow = fc.record({
  channel: channels,
  nextIncomingId: uint32,
  incomingWindow: uint32,
  handle: uint32,
  deliveryCount: uint32,
  linkCredit: uint32,
});
const writtenFlow = flow.map(
  ({ channel, ...told }): Written =>
    (output) => {
      output.flow(channel, told);
      const performative = {
        next_incoming_id: told.nextIncomingId,
        incoming_window: told.incomingWindow,
        next_outgoing_id: 0,
        outgoing_window: 0x7fff_ffff,
        handle: told.handle,
        delivery_count: told.deliveryCount,
        link_credit: told.linkCredit,
        available: 0,
        drain: false,
        echo: false,
      };
      return { channel, performative };
    },
);
const writtenDisposition = fc.tuple(channels, uint32, uint32).map(
  ([channel, first, last]): Written =>
    (output) => {
      output.accepted(channel, first, last);
      return { channel, performative: { role: true, first, last, settled: true, batchable: false } };
    },
);

test("rhea reads from the frames what was told, however many there are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(writtenFlow, writtenDisposition), { maxLength: 300, size: "max" }),
      (writes) => {
        const output = new FrameOutput();
        const wanted = writes.map((write) => write(output));
        const read = decodeFrames(output.take() ?? Buffer.alloc(0));
        expect(read).toHaveLength(wanted.length);
        read.forEach((frame, index) => {
          expect(frame).toMatchObject(wanted[index] ?? {});
          const state = frame.performative["state"] as { descriptor?: { value: number } } | undefined;
          // 0x24: accepted
          if (frame.performative["first"] !== undefined) {
            expect(state?.descriptor?.value).toBe(0x24);
          }
        });
      },
    ),
    { numRuns: 200 },
  );
});

test("take starts again, and what it gave stays as it is", () => {
  const output = new FrameOutput();
  expect(output.take()).toBeUndefined();
  output.accepted(1, 2, 3);
  const first = output.take() ?? Buffer.alloc(0);
  const before = Buffer.from(first);
  output.accepted(9, 9, 9);
  expect(first.equals(before)).toBe(true);
  expect(decodeFrames(output.take() ?? Buffer.alloc(0))).toHaveLength(1);
  expect(output.take()).toBeUndefined();
});

test("a counter of 32 bits starts again at 0", () => {
  expect(nextUint32(0)).toBe(1);
  expect(nextUint32(2 ** 31 - 1)).toBe(2 ** 31);
  expect(nextUint32(2 ** 32 - 1)).toBe(0);
});
