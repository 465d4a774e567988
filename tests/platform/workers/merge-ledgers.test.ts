import { expect, test } from "vitest";
import type { LedgerReport } from "../../../src/app/telemetry/ledger-page.ts";
import { mergeLedgers } from "../../../src/platform/workers/merge-ledgers.ts";

const NONE = {
  received: 0,
  forwarded: 0,
  filtered: 0,
  heartbeats: 0,
  deadLettered: 0,
  pending: 0,
  returned: 0,
  imbalance: 0,
  gapEvents: 0,
  repeatedEvents: 0,
};

/** Read partition 0, gave it away with three records pending. */
const before = {
  total: { ...NONE, received: 10, forwarded: 7, returned: 3, lagEvents: 0 },
  partitions: [
    {
      ...NONE,
      partition: "0",
      isOpen: false,
      received: 10,
      forwarded: 7,
      returned: 3,
      lastSequenceNumber: 9,
      lagEvents: null,
      lagMs: null,
    },
  ],
  categories: [{ category: "AuditLogs", records: 10 }],
  withoutCategory: 1,
  repaired: [{ kind: "nan", category: "AuditLogs", messages: 2 }],
};
/** Reads it now, and partition 1. */
const now = {
  total: { ...NONE, received: 25, forwarded: 25, lagEvents: 4 },
  partitions: [
    {
      ...NONE,
      partition: "0",
      isOpen: true,
      received: 20,
      forwarded: 20,
      lastSequenceNumber: 26,
      lagEvents: 4,
      lagMs: 500,
    },
    {
      ...NONE,
      partition: "1",
      isOpen: true,
      received: 5,
      forwarded: 5,
      lastSequenceNumber: 4,
      lagEvents: 0,
      lagMs: 0,
    },
  ],
  categories: [
    { category: "Devices", records: 5 },
    { category: "AuditLogs", records: 20 },
  ],
  withoutCategory: 2,
  repaired: [{ kind: "nan", category: "AuditLogs", messages: 1 }],
};
const MERGED = {
  total: { ...NONE, received: 35, forwarded: 32, returned: 3, lagEvents: 4 },
  partitions: [
    {
      ...NONE,
      partition: "0",
      isOpen: true,
      received: 30,
      forwarded: 27,
      returned: 3,
      lastSequenceNumber: 26,
      lagEvents: 4,
      lagMs: 500,
    },
    now.partitions[1],
  ],
  categories: [
    { category: "AuditLogs", records: 30 },
    { category: "Devices", records: 5 },
  ],
  withoutCategory: 3,
  repaired: [{ kind: "nan", category: "AuditLogs", messages: 3 }],
};

test("a partition that changed hands has the records of both readers, and the lag and position of the one who reads", () => {
  const byName = ({ category }: { readonly category: string }, other: { readonly category: string }) =>
    category.localeCompare(other.category);
  const inOrder = (report: LedgerReport | undefined) =>
    report && {
      ...report,
      partitions: report.partitions.toSorted((a, b) => Number(a.partition) - Number(b.partition)),
      categories: report.categories.toSorted(byName),
    };
  expect(inOrder(mergeLedgers([before, now]))).toEqual(MERGED);
  expect(inOrder(mergeLedgers([now, before]))).toEqual(MERGED);
});

test("before any process has read, there are no accounts", () => {
  expect(mergeLedgers([])).toBeUndefined();
  expect(mergeLedgers([now])).toEqual(now);
});
