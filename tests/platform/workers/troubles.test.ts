import { expect, test } from "vitest";
import { Troubles } from "../../../src/platform/workers/troubles.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const WRONG_KEY = "the intake answered HTTP 401: check intake_key";

test("what two workers have in common is told once a minute; what one repeats is its own affair", () => {
  const clock = new ManualClock(0);
  const troubles = new Troubles(clock);
  expect(troubles.isNew(1, "critical", WRONG_KEY)).toBe(true);
  expect(troubles.isNew(2, "critical", WRONG_KEY)).toBe(false);
  expect(troubles.isNew(1, "critical", WRONG_KEY)).toBe(true);
  expect(troubles.isNew(2, "error", WRONG_KEY)).toBe(true);
  clock.advance(60_000);
  expect(troubles.isNew(2, "critical", WRONG_KEY)).toBe(true);
});

test("news that is no trouble is always told, and troubles fill no memory", () => {
  const troubles = new Troubles(new ManualClock(0));
  expect([1, 2].map((worker) => troubles.isNew(worker, "info", "drained"))).toEqual([true, true]);
  for (let index = 0; index <= 100; index++) troubles.isNew(1, "error", `trouble ${index}`);
  expect(troubles.isNew(2, "error", "trouble 0")).toBe(true);
  expect(troubles.isNew(2, "error", "trouble 100")).toBe(false);
});
