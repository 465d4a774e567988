import { expect, test } from "vitest";
import { RepairCounts } from "../../../src/connector/records/repair-count.ts";

test("repaired messages are counted by kind and category", () => {
  const counts = new RepairCounts();
  counts.count(["single-quotes", "nan"], "AuditLogs");
  counts.count(["nan"], "AuditLogs");
  counts.count(["nan"], undefined);
  expect(counts.rows()).toEqual([
    { kind: "single-quotes", category: "AuditLogs", messages: 1 },
    { kind: "nan", category: "AuditLogs", messages: 2 },
    { kind: "nan", category: "", messages: 1 },
  ]);
});

test("categories without end do not fill the memory, and no message goes uncounted", () => {
  const counts = new RepairCounts();
  for (let index = 0; index < 1000; index++) {
    counts.count(["nan"], `category ${index}`);
  }
  expect(counts.rows().length).toBeLessThan(110);
  expect(counts.rows().reduce((sum, { messages }) => sum + messages, 0)).toBe(1000);
});
