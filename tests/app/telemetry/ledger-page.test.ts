import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { LedgerPage } from "../../../src/app/telemetry/ledger-page.ts";

const AMOUNTS = {
  received: 10,
  forwarded: 6,
  filtered: 1,
  heartbeats: 0,
  deadLettered: 1,
  pending: 2,
  returned: 0,
  imbalance: 0,
  gapEvents: 4,
  repeatedEvents: 3,
  lagEvents: 5,
};

test("the page and the metrics show the accounts as they are when somebody asks", async () => {
  const registry = new Registry();
  const ledger = new LedgerPage(registry);
  expect(ledger.page().status).toBe(503);
  let lagMs: number | null = 1500;
  ledger.follow(() => ({
    total: AMOUNTS,
    partitions: [{ partition: "7", ...AMOUNTS, isOpen: true, lastSequenceNumber: 12, lagMs }],
    categories: [{ category: "AuditLogs", records: 9 }],
    withoutCategory: 0,
    otherCategories: 0,
    silence: { hub: false, categories: ["B"] },
    repaired: [{ kind: "nan", category: "AuditLogs", messages: 2 }],
  }));
  expect(JSON.parse(ledger.page().body)).toMatchObject({ total: AMOUNTS, partitions: [{ partition: "7" }] });
  expect((await registry.metrics()).split("\n")).toEqual(
    expect.arrayContaining([
      'eventhub_intake_ledger_records{partition="7",account="received"} 10',
      'eventhub_intake_ledger_records{partition="7",account="dead-lettered"} 1',
      'eventhub_intake_ledger_records{partition="7",account="pending"} 2',
      'eventhub_intake_ledger_imbalance_records{partition="7"} 0',
      'eventhub_intake_gap_events{partition="7"} 4',
      'eventhub_intake_repeated_events{partition="7"} 3',
      'eventhub_intake_lag_seconds{partition="7"} 1.5',
      'eventhub_intake_repaired_messages{kind="nan",category="AuditLogs"} 2',
      'eventhub_intake_category_records{category="AuditLogs"} 9',
    ]),
  );
  lagMs = null;
  expect(await registry.metrics()).not.toContain("eventhub_intake_lag_seconds{");
});

test("the page shows the intake's last fifty answers, newest first", () => {
  const ledger = new LedgerPage(new Registry());
  ledger.follow(() => ({
    total: AMOUNTS,
    partitions: [],
    categories: [],
    withoutCategory: 0,
    otherCategories: 0,
    silence: null,
    repaired: [],
  }));
  for (let events = 1; events <= 60; events++) {
    ledger.answered({ atMs: events, status: 200, events, durationMs: 3, eventIds: ["x"], note: null });
  }
  const { answers } = JSON.parse(ledger.page().body);
  expect(answers).toHaveLength(50);
  expect(answers[0]).toEqual({
    at: "1970-01-01T00:00:00.060Z",
    status: 200,
    events: 60,
    tookMs: 3,
    eventIds: ["x"],
    note: null,
  });
});
