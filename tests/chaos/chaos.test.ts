import { expect, test } from "vitest";
import { FAULTS } from "./faults.ts";
import { reportLines } from "./report.ts";
import { runChaos } from "./run.ts";

/** With short leases and outages, so that each kind of trouble fits in; the rest takes minutes: `npm run chaos`. */
const QUICK = FAULTS.filter((fault) => !fault.isSlow);

test("chaos, the short version: every quick fault once, two processes, nothing lost", async () => {
  const report = await runChaos({
    seed: 7,
    minutes: 1,
    records: 30_000,
    partitions: 4,
    processes: 2,
    faultCount: QUICK.length,
    limitMinutes: 4,
    faults: QUICK,
    leases: { ownershipExpiryMs: 5000, ownershipUpdateMs: 500, describeEveryMs: 1000 },
    outageMs: 1500,
    say: () => undefined,
  });
  const tail = [...report.logs].map(([worker, lines]) => `${worker}\n${lines.slice(-15).join("\n")}`);
  expect(report.broken, [...reportLines(report), ...tail].join("\n")).toEqual([]);
}, 240_000);
