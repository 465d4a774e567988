import fc from "fast-check";
import rhea from "rhea";
import { expect, test } from "vitest";
import { FRAME_HEAD_BYTES } from "../../../src/local/hub/frame.ts";
import { eventOf } from "../../../src/local/hub/message.ts";
import { Partition } from "../../../src/local/hub/partition.ts";
import { startOf } from "../../../src/local/hub/position.ts";

const UNBOUNDED = { maxEvents: 1e9, maxBytes: 1e12 };

/** All that the partition holds: sequence number, offset, time and body, as a client would decode them. */
function contentOf(partition: Partition) {
  const events: { sequence: number; offset: string; body: string }[] = [];
  for (let next = partition.beginSequenceNumber; next < partition.nextSequenceNumber; ) {
    const run = partition.read(next);
    if (run === undefined) {
      throw new Error(`no event ${next}`);
    }
    for (let i = 0; i < run.count; i += 1) {
      const frame = run.bytes.subarray(run.starts[run.first + i], run.starts[run.first + i + 1]);
      expect(frame.readUInt32BE(0)).toBe(frame.length);
      const message = rhea.message.decode(frame.subarray(FRAME_HEAD_BYTES));
      events.push({
        sequence: message["message_annotations"]["x-opt-sequence-number"],
        offset: message["message_annotations"]["x-opt-offset"],
        body: String(message["body"].content),
      });
    }
    next += run.count;
  }
  return events;
}

function filled(bodies: readonly string[], retention = UNBOUNDED): Partition {
  const partition = new Partition("0", retention);
  for (const body of bodies) {
    partition.append([eventOf(Buffer.from(body))], 1000);
  }
  return partition;
}

test("a partition that drops nothing holds every event once, in order, with rising offsets", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 50 }), (bodies) => {
      const events = contentOf(filled(bodies));
      expect(events.map(({ body }) => body)).toEqual(bodies);
      expect(events.map(({ sequence }) => sequence)).toEqual(bodies.map((_, index) => index));
      const offsets = events.map(({ offset }) => Number(offset));
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      expect(new Set(offsets).size).toBe(offsets.length);
    }),
  );
});

test("every event is found again by its offset and by its sequence number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (count, kept) => {
      const partition = filled(
        Array.from({ length: count }, (_, index) => `e${index}`),
        { maxEvents: kept, maxBytes: 1e12 },
      );
      for (const { offset, sequence } of contentOf(partition)) {
        expect(startOf(`amqp.annotation.x-opt-offset >= '${offset}'`, partition)).toBe(sequence);
        expect(startOf(`amqp.annotation.x-opt-offset > '${offset}'`, partition)).toBe(sequence + 1);
        expect(startOf(`amqp.annotation.x-opt-sequence-number >= '${sequence}'`, partition)).toBe(sequence);
      }
    }),
  );
});

test("retention by count keeps the newest", () => {
  const partition = filled(["a", "b", "c", "d"], { maxEvents: 2, maxBytes: 1e9 });
  expect(contentOf(partition).map(({ body }) => body)).toEqual(["c", "d"]);
  expect(partition.state).toMatchObject({ beginSequenceNumber: 2, lastSequenceNumber: 3, isEmpty: false });
});

test("retention by bytes holds over many segments, and gives the memory back", () => {
  const partition = new Partition("0", { maxEvents: 1e9, maxBytes: 3_000_000 });
  for (let i = 0; i < 100; i += 1) {
    partition.append([eventOf(Buffer.alloc(200_000, i))], 1000);
    expect(partition.storedBytes).toBeLessThanOrEqual(3_000_000);
  }
  expect(partition.nextSequenceNumber - partition.beginSequenceNumber).toBe(14);
  expect(partition.read(0)).toBeUndefined();
  expect(partition.read(99)?.count).toBeGreaterThan(0);
});

test("an event larger than the bound is dropped at once, and the partition is empty again", () => {
  const partition = filled(["x".repeat(1000)], { maxEvents: 10, maxBytes: 500 });
  expect(partition.state).toMatchObject({ isEmpty: true, beginSequenceNumber: 1, lastSequenceNumber: 0 });
  expect(startOf(undefined, partition)).toBe(1);
});

test("enqueued times never fall, even if the clock does", () => {
  const partition = new Partition("0", UNBOUNDED);
  partition.append([eventOf(Buffer.from("a"))], 2000);
  partition.append([eventOf(Buffer.from("b"))], 1000);
  expect(partition.state.lastEnqueuedAtMs).toBe(2000);
  expect(startOf("amqp.annotation.x-opt-enqueued-time > '1999'", partition)).toBe(0);
  expect(startOf("amqp.annotation.x-opt-enqueued-time > '2000'", partition)).toBe(2);
});

test("listeners hear of each append until they leave", () => {
  const partition = new Partition("0", UNBOUNDED);
  let calls = 0;
  const leave = partition.onAppend(() => {
    calls += 1;
  });
  partition.append([eventOf(Buffer.from("a")), eventOf(Buffer.from("b"))], 1);
  leave();
  partition.append([eventOf(Buffer.from("c"))], 1);
  expect(calls).toBe(1);
});
