import { expect, test } from "vitest";
import { AutomatonMemory, automatonMemory, type Holder } from "../../../src/ecs/regex/automaton-memory.ts";
import { compileRegex, Regex } from "../../../src/ecs/regex/index.ts";

class FakeHolder implements Holder {
  cells = 0;
  usedAt = 0;

  forget(): void {
    this.cells = 0;
  }
}

test("when all together hold too much, those forget that were not used for longest", () => {
  const memory = new AutomatonMemory();
  const holders = Array.from({ length: 10 }, () => new FakeHolder());
  for (const holder of holders) {
    memory.join(holder);
    holder.cells = 900_000;
    holder.usedAt = memory.tick();
    memory.grow(holder.cells);
  }
  memory.makeRoom();
  expect(holders.map(({ cells }) => cells > 0)).toEqual([...Array(6).fill(false), ...Array(4).fill(true)]);
  expect(memory.cells).toBe(3_600_000);
});

test("patterns beyond number stay within the bound, and match as before", () => {
  const text = "x=1;".repeat(400);
  const first = compileRegex("(?P<a>(x=\\d;)*)(?P<b>.*)", { keepUnnamed: false });
  if (!(first instanceof Regex)) {
    throw new Error(first.reason);
  }
  const before = first.fullMatch(text);
  for (let i = 0; i < 400; i++) {
    // Each remembers which of the last characters was an x.
    const regex = compileRegex(`(?:.*x.{${10 + (i % 3)}}|y${i}).*`, { keepUnnamed: false });
    if (!(regex instanceof Regex)) {
      throw new Error(regex.reason);
    }
    regex.fullMatch(text);
  }
  expect(automatonMemory.cells).toBeLessThan(9_000_000);
  expect(first.fullMatch(text)).toEqual(before);
});
