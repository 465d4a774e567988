import { expect, test } from "vitest";
import { CategoryCensus } from "../../../src/connector/records/census.ts";

function count(census: CategoryCensus, ...names: (string | undefined)[]) {
  for (const name of names) {
    const bytes = Buffer.from(name === undefined ? "" : `  ${JSON.stringify(name)}  `);
    census.count(bytes, name === undefined ? 0 : 2, name === undefined ? 0 : bytes.length - 2);
  }
}

test("each category has its number, the most frequent first", () => {
  const census = new CategoryCensus();
  count(census, "SignInLogs", "AuditLogs", "AuditLogs", undefined, "SignInLogs", "AuditLogs");
  expect(census.rows()).toEqual([
    { category: "AuditLogs", records: 3 },
    { category: "SignInLogs", records: 2 },
  ]);
  expect([census.total, census.without, census.others]).toEqual([6, 1, 0]);
});

test("a name counts as one, however its JSON is written", () => {
  const census = new CategoryCensus();
  for (const quoted of ['"A"', '"\\u0041"']) census.count(Buffer.from(quoted), 0, quoted.length);
  expect(census.rows()).toEqual([{ category: "A", records: 2 }]);
});

test("names without end do not fill the memory: from the hundred and first on they are others", () => {
  const census = new CategoryCensus();
  for (let index = 0; index < 1000; index++) count(census, `category ${index}`);
  count(census, "x".repeat(10_000));
  expect(census.rows()).toHaveLength(100);
  expect(census.others).toBe(901);
  expect(census.total).toBe(1001);
});
