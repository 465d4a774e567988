import { expect, test } from "vitest";
import { endsWithin } from "../../src/kernel/clock.ts";
import { LogThrottle } from "../../src/kernel/log-throttle.ts";
import { ManualClock } from "../support/manual-clock.ts";

test("work that ends in time is waited for, and its error is reported", async () => {
  const clock = new ManualClock();
  await expect(endsWithin(clock, 100, Promise.resolve(1))).resolves.toBe(true);
  await expect(endsWithin(clock, 100, Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("work that is late is left to itself, whatever becomes of it", async () => {
  const clock = new ManualClock();
  const work = Promise.withResolvers<void>();
  const ends = endsWithin(clock, 100, work.promise);
  clock.advance(100);
  await expect(ends).resolves.toBe(false);
  work.reject(new Error("nobody hears this"));
});

test("one line of a kind is due in a time, and kinds do not hold each other up", () => {
  const clock = new ManualClock();
  const limit = new LogThrottle(clock, 1000);
  expect([limit.isDue("a"), limit.isDue("a"), limit.isDue("b")]).toEqual([true, false, true]);
  clock.advance(1000);
  expect(limit.isDue("a")).toBe(true);
});
