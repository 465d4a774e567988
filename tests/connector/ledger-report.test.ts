import { expect, test } from "vitest";
import { Ledger } from "../../src/connector/checkpoint/ledger.ts";
import { LedgerReporter } from "../../src/connector/ledger-report.ts";
import { CategoryCounter } from "../../src/connector/records/category-counter.ts";
import { RepairCounts } from "../../src/connector/records/repair-count.ts";
import { ManualClock } from "../support/manual-clock.ts";

function createReporter(categories: readonly string[], silenceMs?: number) {
  const lines: string[] = [];
  const logger = { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) };
  const clock = new ManualClock();
  const ledger = new Ledger(logger);
  const categoryCounter = new CategoryCounter();
  const reporter = new LedgerReporter(
    { categories, silenceMs },
    { ledger, categoryCounter, repairs: new RepairCounts(), clock, logger },
  );
  const see = (category: string, records: number) => {
    const bytes = Buffer.from(JSON.stringify(category));
    for (let count = 0; count < records; count++) {
      categoryCounter.count(bytes, 0, bytes.length);
    }
  };
  return { lines, clock, ledger, see, reporter };
}

test("the accounts are reported every minute and at the stop", () => {
  const { lines, clock, ledger, reporter } = createReporter([]);
  const reading = ledger.open("0", { kind: "earliest" });
  reading.received(0, 3);
  reading.settled("forwarded", 1);
  reading.hold(2);
  reporter.start();
  clock.advance(59_999);
  expect(lines).toEqual([]);
  clock.advance(1);
  clock.advance(60_000);
  reading.release(2);
  reading.settled("filtered", 2);
  reporter.stop();
  const text = (filtered: number, pending: number) =>
    `info: ledger: received 3 = forwarded 1 + filtered ${filtered} + heartbeats 0 + dead letters 0 + pending ${pending} + returned 0`;
  expect(lines).toEqual([text(0, 2), text(0, 2), text(2, 0)]);
  expect(clock.pending).toBe(0);
});

test("a configured category that never occurs is reported once, with those that do", () => {
  const { lines, clock, see, reporter } = createReporter(["AuditLogs", "SignInLog"]);
  reporter.start();
  see("SignInLogs", 990);
  clock.advance(60_000);
  see("AuditLogs", 10);
  clock.advance(120_000);
  reporter.stop();
  expect(lines.filter((line) => line.startsWith("warning"))).toEqual([
    "warning: no record of the category SignInLog has come among 1000; check the setting categories: those that come are SignInLogs, AuditLogs",
  ]);
});

test("the report holds the partitions, their sum and the categories", () => {
  const { ledger, see, reporter } = createReporter([]);
  for (const partition of ["0", "1"]) {
    const reading = ledger.open(partition, { kind: "earliest" });
    reading.received(0, 2);
    reading.settled("forwarded", 2);
  }
  see("A", 3);
  const report = reporter.report();
  expect(report.total).toMatchObject({ received: 4, forwarded: 4, imbalance: 0 });
  expect(report.partitions.map((row) => row.partition)).toEqual(["0", "1"]);
  expect(report.categories).toEqual([{ category: "A", records: 3 }]);
});

const MINUTE_MS = 60_000;
const warningsIn = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("info: ledger"));

test("a category that fell silent is reported once, and again when it is heard; a busy one is not", () => {
  const { lines, clock, ledger, see, reporter } = createReporter([], 5 * MINUTE_MS);
  ledger.open("0", { kind: "earliest" });
  reporter.start();
  see("SignInLogs", 1);
  for (let minute = 0; minute < 9; minute++) {
    see("AuditLogs", 1);
    clock.advance(MINUTE_MS);
  }
  expect(reporter.report().silence).toEqual({ hub: false, categories: ["SignInLogs"] });
  see("SignInLogs", 1);
  clock.advance(MINUTE_MS);
  reporter.stop();
  expect(warningsIn(lines)).toEqual([
    "warning: no record of the category SignInLogs has come for 5 minutes; check that its source still sends to this hub",
    "info: silence is over: a record of the category SignInLogs came after 9 minutes",
  ]);
  expect(reporter.report().silence).toEqual({ hub: false, categories: [] });
});

test("of a silent hub one line is logged, also if nothing ever came", () => {
  const { lines, clock, ledger, see, reporter } = createReporter([], 2 * MINUTE_MS);
  reporter.start();
  clock.advance(10 * MINUTE_MS);
  expect(warningsIn(lines), "a process without a partition hears nothing").toEqual([]);
  ledger.open("0", { kind: "earliest" });
  clock.advance(3 * MINUTE_MS);
  see("A", 1);
  see("B", 1);
  clock.advance(3 * MINUTE_MS);
  reporter.stop();
  expect(warningsIn(lines)).toEqual([
    "warning: no record of any kind has come for 2 minutes; check that its source still sends to this hub",
    "info: silence is over: a record of any kind came after 3 minutes",
    "warning: no record of any kind has come for 2 minutes; check that its source still sends to this hub",
  ]);
  expect(reporter.report().silence).toEqual({ hub: true, categories: ["A", "B"] });
});

test("without the setting nothing is said of silence", () => {
  const { lines, clock, ledger, reporter } = createReporter([]);
  ledger.open("0", { kind: "earliest" });
  reporter.start();
  clock.advance(100 * MINUTE_MS);
  reporter.stop();
  expect(warningsIn(lines)).toEqual([]);
  expect(reporter.report().silence).toBeNull();
});
