import { expect, test } from "vitest";
import { BodyPool } from "../../../src/connector/chunks/pool.ts";

test("a buffer that was given back is used again, also for a body that is somewhat smaller", () => {
  const pool = new BodyPool(1_000_000);
  const first = pool.take(100_000);
  expect(first.length).toBeGreaterThanOrEqual(100_000);
  expect(first.length).toBeLessThanOrEqual(125_000);
  pool.give(first);
  expect(pool.take(80_000)).toBe(first);
});

test("a small body does not take a large buffer away", () => {
  const pool = new BodyPool(1_000_000);
  const large = pool.take(500_000);
  pool.give(large);
  expect(pool.take(10_000)).not.toBe(large);
});

test("growing keeps what was written, and gives the old buffer back", () => {
  const pool = new BodyPool(1_000_000);
  const small = pool.take(20_000);
  small.write("kept");
  const larger = pool.grow(small, 30_000, 4);
  expect(larger.toString("latin1", 0, 4)).toBe("kept");
  expect(pool.take(20_000)).toBe(small);
});

test("what is beyond the bound is let go, and so is what nobody needed between two trims", () => {
  const pool = new BodyPool(150_000);
  const [one, two] = [pool.take(100_000), pool.take(100_000)];
  pool.give(one);
  pool.give(two);
  expect(pool.take(100_000)).toBe(one);
  expect(pool.take(100_000)).not.toBe(two);
  pool.give(one);
  pool.trim();
  expect(pool.take(100_000)).toBe(one);
  pool.give(one);
  pool.trim();
  pool.trim();
  expect(one.length, "its memory is free at once").toBe(0);
  expect(pool.take(100_000).length).toBeGreaterThanOrEqual(100_000);
});
