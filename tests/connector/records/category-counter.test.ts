import { expect, test } from "vitest";
import { CategoryCounter } from "../../../src/connector/records/category-counter.ts";

function count(categories: CategoryCounter, ...names: (string | undefined)[]) {
  for (const name of names) {
    const bytes = Buffer.from(name === undefined ? "" : `  ${JSON.stringify(name)}  `);
    categories.count(bytes, name === undefined ? 0 : 2, name === undefined ? 0 : bytes.length - 2);
  }
}

test("each category has its number, the most frequent first", () => {
  const categories = new CategoryCounter();
  count(categories, "SignInLogs", "AuditLogs", "AuditLogs", undefined, "SignInLogs", "AuditLogs");
  expect(categories.rows()).toEqual([
    { category: "AuditLogs", records: 3 },
    { category: "SignInLogs", records: 2 },
  ]);
  expect([categories.total, categories.without, categories.others]).toEqual([6, 1, 0]);
});

test("a name counts as one, however its JSON is written", () => {
  const categories = new CategoryCounter();
  for (const quoted of ['"A"', '"\\u0041"']) {
    categories.count(Buffer.from(quoted), 0, quoted.length);
  }
  expect(categories.rows()).toEqual([{ category: "A", records: 2 }]);
});

test("names without end do not fill the memory: from the hundred and first on they are others", () => {
  const categories = new CategoryCounter();
  for (let index = 0; index < 1000; index++) {
    count(categories, `category ${index}`);
  }
  count(categories, "x".repeat(10_000));
  expect(categories.rows()).toHaveLength(100);
  expect(categories.others).toBe(901);
  expect(categories.total).toBe(1001);
});
