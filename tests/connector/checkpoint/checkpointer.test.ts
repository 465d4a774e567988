import { expect, test } from "vitest";
import { Checkpointer } from "../../../src/connector/checkpoint/checkpointer.ts";
import type { Position } from "../../../src/connector/contract.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const at = (sequenceNumber: number): Position => ({ offset: String(sequenceNumber), sequenceNumber });
const NEVER = new AbortController().signal;

function createCheckpointer(partial: { owns?: () => boolean; failures?: number } = {}) {
  const clock = new ManualClock();
  const written: number[] = [];
  let failures = partial.failures ?? 0;
  const port = {
    write: async (_partitionId: string, position: Position) => {
      if (failures-- > 0) throw new Error("storage is down");
      written.push(position.sequenceNumber);
    },
  };
  const hooks = { mayWrite: partial.owns ?? (() => true), written: () => undefined };
  return { clock, written, checkpointer: new Checkpointer(port, 1000, clock, silentLogger, hooks) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a position whose record was deleted is written again, also one that reading only began at", async () => {
  const { clock, written, checkpointer } = createCheckpointer();
  checkpointer.begin("0", at(7));
  clock.advance(5000);
  await settle();
  expect(written).toEqual([]);
  checkpointer.writeAgain("0");
  clock.advance(0);
  await settle();
  // The hub was made anew: its numbers are lower, and they count.
  checkpointer.begin("1", at(100));
  checkpointer.offer("1", at(3));
  clock.advance(1000);
  await settle();
  checkpointer.writeAgain("1");
  clock.advance(1000);
  await settle();
  expect(written).toEqual([7, 3, 3]);
});

test("at most one write a second, of the newest position", async () => {
  const { clock, written, checkpointer } = createCheckpointer();
  checkpointer.offer("0", at(1));
  clock.advance(0);
  await settle();
  for (const next of [2, 3, 4]) checkpointer.offer("0", at(next));
  clock.advance(999);
  await settle();
  expect(written).toEqual([1]);
  clock.advance(1);
  await settle();
  expect(written).toEqual([1, 4]);
  expect(clock.pending).toBe(0);
});

test("a checkpoint never goes back", async () => {
  const { clock, written, checkpointer } = createCheckpointer();
  checkpointer.offer("0", at(9));
  checkpointer.offer("0", at(5));
  clock.advance(1000);
  await settle();
  expect(written).toEqual([9]);
});

test("a partition that somebody else owns is not checkpointed", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ owns: () => false });
  checkpointer.offer("0", at(1));
  clock.advance(5000);
  await settle();
  await checkpointer.flush("0", NEVER);
  expect(written).toEqual([]);
});

test("a write that failed is repeated with the next", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ failures: 1 });
  checkpointer.offer("0", at(1));
  clock.advance(0);
  await settle();
  checkpointer.offer("0", at(2));
  clock.advance(1000);
  await settle();
  expect(written).toEqual([2]);
});

test("a flush writes at once, and repeats until it is stored", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ failures: 1 });
  checkpointer.offer("0", at(3));
  const flushed = checkpointer.flush("0", NEVER);
  await settle();
  clock.advance(1000);
  await flushed;
  expect(written).toEqual([3]);
});
