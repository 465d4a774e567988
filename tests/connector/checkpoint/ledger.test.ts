import { expect, test } from "vitest";
import { Ledger, totalsOf } from "../../../src/connector/checkpoint/ledger.ts";
import type { LedgerSession } from "../../../src/connector/checkpoint/ledger-session.ts";
import type { Logger } from "../../../src/kernel/log.ts";

const at = (sequenceNumber: number) => ({ offset: String(sequenceNumber * 10), sequenceNumber });
const EARLIEST = { kind: "earliest" } as const;

/** Takes the events from `first` to `last`; the last one holds all the records. */
function take(reading: LedgerSession, first: number, last: number, records: number, enqueuedAtMs: number) {
  for (let number = first; number < last; number++) {
    reading.received(number, 0);
  }
  reading.received(last, records);
  reading.reached(enqueuedAtMs);
}

function createLedger() {
  const lines: string[] = [];
  const logger: Logger = { log: (level, message) => void lines.push(`${level}: ${message}`) };
  return { ledger: new Ledger(logger), lines };
}

test("each outcome has its column, and the sum is what was received", () => {
  const { ledger, lines } = createLedger();
  const reading = ledger.open("3", EARLIEST);
  take(reading, 7, 9, 10, 1000);
  reading.settled("filtered", 1);
  reading.settled("heartbeat", 2);
  reading.hold(7);
  reading.release(4);
  reading.settled("forwarded", 3);
  reading.settled("dead-lettered", 1);
  expect(ledger.rows()).toEqual([
    {
      partition: "3",
      isOpen: true,
      received: 10,
      forwarded: 3,
      filtered: 1,
      heartbeats: 2,
      deadLettered: 1,
      pending: 3,
      returned: 0,
      imbalance: 0,
      gapEvents: 0,
      repeatedEvents: 0,
      lastSequenceNumber: 9,
      lagEvents: null,
      lagMs: null,
    },
  ]);
  expect(lines).toEqual([]);
});

test("a record that is neither settled nor pending is reported as an error, once", () => {
  const { ledger, lines } = createLedger();
  take(ledger.open("0", EARLIEST), 0, 0, 2, 1000);
  expect(totalsOf(ledger.rows()).imbalance).toBe(2);
  ledger.rows();
  expect(lines).toEqual(["error: the accounts of partition 0 do not balance"]);
});

test("what is pending when a partition is lost goes back, and late news of it counts no more", () => {
  const { ledger } = createLedger();
  const first = ledger.open("0", EARLIEST);
  take(first, 0, 4, 5, 1000);
  first.hold(5);
  first.close();
  first.release(5);
  first.settled("forwarded", 5);
  const second = ledger.open("0", EARLIEST);
  take(second, 0, 4, 5, 1000);
  second.settled("filtered", 5);
  expect(ledger.rows()[0]).toMatchObject({
    received: 10,
    returned: 5,
    filtered: 5,
    forwarded: 0,
    imbalance: 0,
    repeatedEvents: 0,
  });
});

test("an imbalance of a partition that is read no longer stays in sight", () => {
  const { ledger } = createLedger();
  const reading = ledger.open("0", EARLIEST);
  take(reading, 0, 0, 1, 1000);
  reading.close();
  ledger.open("0", EARLIEST);
  expect(ledger.rows()[0]?.imbalance).toBe(1);
});

test("a gap is reported as an error with its size, also one between the checkpoint and the first event", () => {
  const { ledger, lines } = createLedger();
  const reading = ledger.open("1", at(41));
  take(reading, 162, 163, 0, 1000);
  ledger.rows();
  take(reading, 165, 165, 0, 1000);
  take(reading, 170, 170, 0, 1000);
  expect(ledger.rows()[0]).toMatchObject({ gapEvents: 120 + 1 + 4, lastSequenceNumber: 170 });
  // The last gap is only counted: one line between two looks at the accounts.
  expect(lines).toEqual([
    "error: partition 1: after sequence number 41 came 162, so 120 events never arrived; the hub no longer had them, or was recreated",
    "error: partition 1: after sequence number 163 came 165, so 1 event never arrived; the hub no longer had them, or was recreated",
  ]);
});

test("a hub that was recreated numbers from the start, and repeats nothing; one that dropped events has a gap", () => {
  const { ledger, lines } = createLedger();
  const reading = ledger.open("1", at(41));
  reading.restart();
  take(reading, 0, 3, 0, 1000);
  expect(ledger.rows()[0]).toMatchObject({ repeatedEvents: 0, gapEvents: 0, lastSequenceNumber: 3 });
  expect(lines).toEqual([]);
  reading.restart();
  take(reading, 10, 11, 0, 1000);
  expect(ledger.rows()[0]).toMatchObject({ gapEvents: 6 });
});

test("events that come a second time are counted and told", () => {
  const { ledger, lines } = createLedger();
  const reading = ledger.open("1", EARLIEST);
  take(reading, 10, 19, 0, 1000);
  take(reading, 15, 24, 0, 1000);
  expect(ledger.rows()[0]?.repeatedEvents).toBe(5);
  expect(lines).toEqual(["warning: partition 1: after sequence number 19 came 15; events arrive twice"]);
});

test("the lag is in events and in time, and nothing once everything is read", () => {
  const { ledger } = createLedger();
  const reading = ledger.open("0", at(9));
  const end = { firstSequenceNumber: 0, lastSequenceNumber: 19, lastEnqueuedAtMs: 5000 };
  ledger.observeEnd("0", end);
  expect(ledger.rows()[0]).toMatchObject({ lagEvents: 10, lagMs: null });
  take(reading, 10, 14, 5, 2000);
  expect(ledger.rows()[0]).toMatchObject({ lagEvents: 5, lagMs: 3000 });
  take(reading, 15, 20, 6, 5500);
  expect(ledger.rows()[0]).toMatchObject({ lagEvents: 0, lagMs: 0 });
  reading.close();
  expect(ledger.rows()[0]).toMatchObject({ lagEvents: null, lagMs: null });
});

test.each([
  { name: "far from the edge", read: 300, first: 101, last: 1100, warns: false },
  { name: "within a tenth of what the hub keeps", read: 200, first: 101, last: 1100, warns: true },
  { name: "nothing was dropped yet", read: 5, first: 0, last: 1000, warns: false },
  { name: "nothing is unread", read: 1100, first: 1100, last: 1100, warns: false },
])("retention: $name", ({ read, first, last, warns }) => {
  const { ledger, lines } = createLedger();
  ledger.open("0", at(read));
  const end = { firstSequenceNumber: first, lastSequenceNumber: last, lastEnqueuedAtMs: 0 };
  ledger.observeEnd("0", end);
  ledger.observeEnd("0", end);
  expect(lines.filter((line) => line.includes("will soon drop unread events"))).toHaveLength(warns ? 1 : 0);
});
