import { expect, test } from "vitest";
import { Checkpointer } from "../../../src/connector/checkpoint/checkpointer.ts";
import type { Position } from "../../../src/connector/contract.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const at = (sequenceNumber: number): Position => ({ offset: String(sequenceNumber), sequenceNumber });
const NEVER = new AbortController().signal;

/** All events up to this one are settled, each of one record. */
const upTo = (sequenceNumber: number) => ({
  position: at(sequenceNumber),
  settledRecords: sequenceNumber + 1,
  coveredRecords: sequenceNumber + 1,
});

function createCheckpointer(partial: { owns?: () => boolean; failures?: number } = {}) {
  const clock = new ManualClock();
  const written: number[] = [];
  let failures = partial.failures ?? 0;
  const port = {
    write: async (_partitionId: string, position: Position) => {
      if (failures-- > 0) {
        throw new Error("storage is down");
      }
      written.push(position.sequenceNumber);
    },
  };
  const lines: string[] = [];
  const unstored: number[] = [];
  const failing: (number | null)[] = [];
  const hooks = {
    mayWrite: partial.owns ?? (() => true),
    written: () => undefined,
    unstored: (records: number) => void unstored.push(records),
    failing: (sinceMs: number | null) => void failing.push(sinceMs),
  };
  const logger = { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) };
  const checkpointer = new Checkpointer(
    { everyMs: 1000, manyRecords: 500 },
    { checkpoint: port, clock, logger, ...hooks },
  );
  return { clock, written, lines, unstored, failing, checkpointer };
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
  // The hub was recreated: its numbers are lower, and they count.
  checkpointer.begin("1", at(100));
  checkpointer.offer("1", upTo(3));
  clock.advance(1000);
  await settle();
  checkpointer.writeAgain("1");
  clock.advance(1000);
  await settle();
  expect(written).toEqual([7, 3, 3]);
});

test("at most one write a second, of the newest position", async () => {
  const { clock, written, checkpointer } = createCheckpointer();
  checkpointer.offer("0", upTo(1));
  clock.advance(0);
  await settle();
  for (const next of [2, 3, 4]) {
    checkpointer.offer("0", upTo(next));
  }
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
  checkpointer.offer("0", upTo(9));
  checkpointer.offer("0", upTo(5));
  clock.advance(1000);
  await settle();
  expect(written).toEqual([9]);
});

test("a partition that somebody else owns is not checkpointed", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ owns: () => false });
  checkpointer.offer("0", upTo(1));
  clock.advance(5000);
  await settle();
  await checkpointer.flush("0", NEVER);
  expect(written).toEqual([]);
});

test("a write that failed is repeated with the next", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ failures: 1 });
  checkpointer.offer("0", upTo(1));
  clock.advance(0);
  await settle();
  checkpointer.offer("0", upTo(2));
  clock.advance(1000);
  await settle();
  expect(written).toEqual([2]);
});

test("a flush writes at once, and repeats until it is stored", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ failures: 1 });
  checkpointer.offer("0", upTo(3));
  const flushed = checkpointer.flush("0", NEVER);
  await settle();
  clock.advance(1000);
  await flushed;
  expect(written).toEqual([3]);
});

test("what is settled and not stored is counted, until it is stored or the partition is lost", async () => {
  const { clock, unstored, checkpointer } = createCheckpointer({ failures: 1 });
  checkpointer.offer("0", upTo(9));
  checkpointer.offer("1", { position: undefined, settledRecords: 5, coveredRecords: 0 });
  expect(unstored.at(-1)).toBe(15);
  clock.advance(0);
  await settle();
  expect(unstored.at(-1)).toBe(15);
  clock.advance(1000);
  await settle();
  expect(unstored.at(-1)).toBe(5);
  checkpointer.forget("1");
  expect(unstored.at(-1)).toBe(0);
});

test("with much settled and not stored, a position is written without the pause", async () => {
  const { clock, written, checkpointer } = createCheckpointer();
  checkpointer.offer("0", upTo(1));
  clock.advance(0);
  await settle();
  checkpointer.offer("0", upTo(400));
  clock.advance(0);
  await settle();
  expect(written).toEqual([1]);
  checkpointer.offer("0", upTo(600));
  clock.advance(0);
  await settle();
  expect(written).toEqual([1, 600]);
  expect(clock.pending).toBe(0);
});

test("a partition that is not ours is not asked about without a pause, however much is unstored", async () => {
  const { clock, written, checkpointer } = createCheckpointer({ owns: () => false });
  checkpointer.offer("0", upTo(5000));
  clock.advance(0);
  await settle();
  expect(clock.nextDelayMs).toBe(1000);
  expect(written).toEqual([]);
});

test("an outage of the storage is reported once a minute with its length and what is at stake, and so is its end", async () => {
  const { clock, lines, failing, checkpointer } = createCheckpointer({ failures: 100 });
  const beganAtMs = clock.now();
  for (let second = 0; second < 110; second++) {
    checkpointer.offer("0", upTo(second));
    clock.advance(second === 0 ? 0 : 1000);
    await settle();
  }
  expect(lines.map((line) => line.replace(/; retrying.*/, ""))).toEqual([
    "warning: checkpoints could not be stored for 0 s, so 1 forwarded record would be sent again after a crash",
    "warning: checkpoints could not be stored for 60 s, so 61 forwarded records would be sent again after a crash",
    "info: checkpoints are stored again",
  ]);
  expect(failing.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => beganAtMs));
  expect(failing.at(-1)).toBeNull();
});
