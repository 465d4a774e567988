import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import {
  type Chunk,
  type DeadLetter,
  type Delivery,
  type HubPort,
  type PartitionReader,
  type Position,
  type ReceiveBudget,
  silentObserver,
} from "../../src/connector/contract.ts";
import { PIPELINE_DEFAULTS, Pipeline } from "../../src/connector/pipeline.ts";
import { silentLogger } from "../../src/kernel/log.ts";
import { ManualClock } from "../support/manual-clock.ts";

const EARLIEST = { kind: "earliest" } as const;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A pipeline whose hub, intake and storage are played by the test. */
function startPipeline() {
  const clock = new ManualClock();
  const chunks: { chunk: Chunk; accept: () => void }[] = [];
  const letters: { letters: readonly DeadLetter[]; stored: () => void }[] = [];
  const checkpoints: number[] = [];
  const stored: string[] = [];
  const played = { owns: true };
  let budget: ReceiveBudget | undefined;
  let open: ((partitionId: string, from: Position | typeof EARLIEST) => PartitionReader) | undefined;
  const hub: HubPort = {
    start: async (opened, given) => {
      open = opened;
      budget = given;
    },
    pause: () => undefined,
    release: async () => undefined,
    owns: () => played.owns,
  };
  const pipeline = new Pipeline(
    { ...PIPELINE_DEFAULTS, intakeKey: "key", chunkSize: 1000, categories: [], repairsJson: true },
    {
      hub,
      intake: {
        deliver: (chunk, signal) =>
          new Promise<Delivery>((resolve, reject) => {
            const lastAnswer = { status: 200, durationMs: 1 };
            const delivery = { refused: [], accepted: chunk.recordCount, lastAnswer, isBodyFree: true };
            chunks.push({ chunk, accept: () => resolve(delivery) });
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          }),
      },
      checkpoint: {
        write: async (partitionId, { sequenceNumber }) => {
          checkpoints.push(sequenceNumber);
          stored.push(`${partitionId} at ${sequenceNumber}`);
        },
      },
      deadLetters: {
        store: (given, signal) =>
          new Promise<void>((resolve, reject) => {
            letters.push({ letters: given, stored: resolve });
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          }),
      },
      observer: silentObserver,
      clock,
      logger: silentLogger,
    },
  );
  const stop = new AbortController();
  const running = pipeline.run(stop.signal);
  onTestFinished(async () => {
    stop.abort(new Error("stop"));
    await turn();
    // Whatever is open is given up when the time to drain is over.
    clock.advance(PIPELINE_DEFAULTS.drainMs);
    await running;
  });
  const openPartition = (partitionId: string) => open?.(partitionId, EARLIEST) as PartitionReader;
  const reader = openPartition("0");
  return {
    pipeline,
    stop,
    running,
    reader,
    openPartition,
    budget: () => budget as ReceiveBudget,
    chunks,
    letters,
    checkpoints,
    stored,
    played,
    receive(sequenceNumber: number, body: string | Buffer, to = reader) {
      const bytes = Buffer.from(body);
      to.receive(bytes, 0, bytes.length, sequenceNumber);
      to.reach({ offset: String(sequenceNumber), sequenceNumber }, 0);
    },
    /** Moves time on, and lets everything run that follows from it. */
    async pass(ms: number) {
      clock.advance(ms);
      await turn();
      clock.advance(0);
      await turn();
    },
  };
}

test("an event is checkpointed when the intake has accepted it, and not before", async () => {
  const { receive, pass, chunks, checkpoints } = startPipeline();
  receive(0, "a");
  await pass(5000);
  expect(chunks).toHaveLength(1);
  expect(checkpoints).toEqual([]);
  chunks[0]?.accept();
  await pass(1000);
  expect(checkpoints).toEqual([0]);
});

test("a dead letter is checkpointed when it is stored, and not before", async () => {
  const { pipeline, receive, pass, letters, checkpoints } = startPipeline();
  receive(0, Buffer.from([0xff]));
  await pass(5000);
  expect(letters).toHaveLength(1);
  expect(checkpoints).toEqual([]);
  expect(pipeline.report().total).toMatchObject({ pending: 1, deadLettered: 0, imbalance: 0 });
  letters[0]?.stored();
  await pass(1000);
  expect(checkpoints).toEqual([0]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, deadLettered: 1, imbalance: 0 });
});

test("a partition that is not ours is not checkpointed", async () => {
  const { receive, pass, chunks, checkpoints, played } = startPipeline();
  played.owns = false;
  receive(0, "a");
  await pass(1000);
  chunks[0]?.accept();
  await pass(10_000);
  expect(checkpoints).toEqual([]);
});

test("a partition that is lost sends nothing more; what was under way is settled, and its position stored a last time", async () => {
  const { pipeline, reader, receive, pass, chunks, checkpoints, played } = startPipeline();
  receive(0, "under way");
  await pass(1000);
  receive(1, "waits for company");
  played.owns = false;
  reader.close();
  receive(2, "comes too late");
  chunks[0]?.accept();
  await pass(0);
  expect(checkpoints).toEqual([0]);
  await pass(10_000);
  expect(chunks).toHaveLength(1);
  expect(checkpoints).toEqual([0]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: 1, returned: 1, imbalance: 0 });
});

test("what a lost partition has under way for more than five seconds is given back, and nothing is stored any more", async () => {
  const { pipeline, reader, receive, pass, chunks, checkpoints } = startPipeline();
  receive(0, "under way");
  await pass(1000);
  reader.close();
  await pass(4999);
  expect(pipeline.report().total).toMatchObject({ pending: 1, returned: 0, imbalance: 0 });
  await pass(1);
  chunks[0]?.accept();
  await pass(10_000);
  expect(checkpoints).toEqual([]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: 0, returned: 1, imbalance: 0 });
});

test("at the stop, what waits for company is sent, and the stop waits for its answer and its checkpoint", async () => {
  const { stop, running, receive, pass, chunks, checkpoints } = startPipeline();
  receive(0, "waits for company");
  let isOver = false;
  void running.then(() => {
    isOver = true;
  });
  stop.abort(new Error("stop"));
  await turn();
  expect(chunks).toHaveLength(1);
  await pass(0);
  expect(isOver).toBe(false);
  chunks[0]?.accept();
  await pass(0);
  expect(checkpoints).toEqual([0]);
  expect(isOver).toBe(true);
});

test("answers in any order move the checkpoint to the end of what is answered without a hole", async () => {
  const { receive, pass, chunks, checkpoints } = startPipeline();
  for (const sequenceNumber of [0, 1, 2]) {
    receive(sequenceNumber, "event");
    await pass(1000);
  }
  chunks[2]?.accept();
  await pass(1000);
  expect(checkpoints).toEqual([]);
  chunks[0]?.accept();
  await pass(1000);
  expect(checkpoints).toEqual([0]);
  chunks[1]?.accept();
  await pass(1000);
  expect(checkpoints).toEqual([0, 2]);
});

const textsOf = ({ chunk }: { chunk: Chunk }) =>
  (JSON.parse(chunk.body.toString()) as { jsons: string[] }).jsons;

test("while the intake is idle, what came is sent after 50 ms; while it is busy, bodies fill for a second", async () => {
  const { receive, pass, chunks } = startPipeline();
  receive(0, "a");
  await pass(49);
  receive(1, "b");
  expect(chunks).toHaveLength(0);
  await pass(1);
  expect(chunks.map(textsOf)).toEqual([["a", "b"]]);
  receive(2, "c");
  await pass(999);
  receive(3, "d");
  expect(chunks).toHaveLength(1);
  await pass(1);
  expect(chunks.map(textsOf)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a body that has lingered goes out with the answer that makes the intake idle", async () => {
  const { receive, pass, chunks } = startPipeline();
  receive(0, "a");
  await pass(50);
  receive(1, "b");
  await pass(60);
  expect(chunks).toHaveLength(1);
  chunks[0]?.accept();
  await pass(0);
  expect(chunks.map(textsOf)).toEqual([["a"], ["b"]]);
});

test("the records of all partitions share a body, and its answer settles each of them", async () => {
  const { pipeline, receive, openPartition, pass, chunks, stored } = startPipeline();
  const other = openPartition("1");
  receive(4, "a");
  receive(7, "b", other);
  receive(5, "c");
  await pass(50);
  expect(chunks.map(textsOf)).toEqual([["a", "b", "c"]]);
  expect(pipeline.report().total).toMatchObject({ pending: 3, imbalance: 0 });
  chunks[0]?.accept();
  await pass(1000);
  expect(stored.sort()).toEqual(["0 at 5", "1 at 7"]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: 3, imbalance: 0 });
});

test("of a partition that is lost nothing more is sent, and the others of its body go on", async () => {
  const { pipeline, receive, openPartition, pass, chunks, stored } = startPipeline();
  const other = openPartition("1");
  receive(0, "under way");
  receive(0, "under way, lost", other);
  await pass(50);
  receive(1, "open");
  receive(1, "open, lost", other);
  other.close();
  expect(pipeline.report().total).toMatchObject({ pending: 4, returned: 0, imbalance: 0 });
  for (const index of [0, 1]) {
    chunks[index]?.accept();
    await pass(0);
    await pass(1000);
  }
  expect(chunks.map(textsOf)).toEqual([["under way", "under way, lost"], ["open"]]);
  expect(stored.sort()).toEqual(["0 at 0", "0 at 1", "1 at 0"]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: 3, returned: 1, imbalance: 0 });
});

const MANY = 300_000;
/** A message of many records, each another. */
const manyRecords = () => `[${Array.from({ length: MANY }, (_, index) => index).join()}]`;

test("a message of very many tiny records counts as what memory holds of it, and waits for room within itself", async () => {
  const { pipeline, receive, budget } = startPipeline();
  receive(0, manyRecords());
  const taken = 1.25 * PIPELINE_DEFAULTS.inFlightMaxRecords;
  expect(budget().pendingBytes).toBeGreaterThan(taken * (3 + 18));
  expect(budget().pendingBytes).toBeLessThan(taken * (9 + 18));
  expect(budget().isFull).toBe(true);
  expect(budget().mustPause).toBe(true);
  expect(pipeline.report().total).toMatchObject({ received: MANY, pending: MANY, imbalance: 0 });
});

test("the records of a message that waited for room follow in their order, and only all of them move the checkpoint", async () => {
  const { pipeline, receive, budget, pass, chunks, checkpoints } = startPipeline();
  receive(0, "before");
  receive(1, manyRecords());
  const texts: string[] = [];
  let accepted = 0;
  const acceptNext = () => {
    const next = chunks[accepted++];
    // Once it is accepted, its memory is used again.
    if (next !== undefined) {
      texts.push(...textsOf(next));
    }
    next?.accept();
  };
  while (budget().mustPause) {
    expect(pipeline.report().total).toMatchObject({ imbalance: 0 });
    expect(checkpoints.every((sequenceNumber) => sequenceNumber < 1)).toBe(true);
    acceptNext();
    await pass(0);
  }
  receive(2, "after");
  await pass(1000);
  while (accepted < chunks.length) {
    acceptNext();
    await pass(1000);
  }
  expect(texts).toEqual(["before", ...Array.from({ length: MANY }, (_, index) => String(index)), "after"]);
  expect(checkpoints.at(-1)).toBe(2);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: MANY + 2, imbalance: 0 });
}, 60_000);

test("texts of others that are scanned meanwhile change nothing in a message that waits", async () => {
  const { receive, openPartition, pass, chunks } = startPipeline();
  const other = openPartition("1");
  receive(0, manyRecords());
  // The connection would not hand it on, but nothing may depend on that.
  receive(0, '[{"a":"other"},{"b":"other"}]', other);
  const texts: string[] = [];
  for (let accepted = 0; accepted < chunks.length; accepted++) {
    texts.push(...textsOf(chunks[accepted] as { chunk: Chunk }));
    chunks[accepted]?.accept();
    await pass(1000);
  }
  expect(texts.filter((text) => !text.startsWith("{"))).toEqual(
    Array.from({ length: MANY }, (_, index) => String(index)),
  );
  expect(texts).toHaveLength(MANY + 2);
}, 60_000);

test("a long text keeps its memory while it waits, and its records follow whole", async () => {
  const { pipeline, receive, pass, chunks, budget } = startPipeline();
  const text = "x".repeat(1000);
  const fitting = Math.floor((32e6 - 3) / (text.length + 20));
  receive(
    0,
    gzipSync(`[${Array.from({ length: fitting }, (_, index) => `{"n":${index},"t":"${text}"}`).join()}]`),
  );
  receive(1, "after");
  expect(budget().pendingBytes).toBeLessThan(1.3 * PIPELINE_DEFAULTS.inFlightMaxBytes);
  let next = 0;
  for (let accepted = 0; accepted < chunks.length; accepted++) {
    for (const each of textsOf(chunks[accepted] as { chunk: Chunk })) {
      if (each === `{"n":${next},"t":"${text}"}`) {
        next++;
      }
    }
    chunks[accepted]?.accept();
    await pass(1000);
  }
  expect(next).toBe(fitting);
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded: fitting + 1, imbalance: 0 });
}, 60_000);

test("a partition that is lost while a message waits for room gives all of it back, and the others go on", async () => {
  const { pipeline, reader, receive, openPartition, budget, pass, chunks, checkpoints } = startPipeline();
  const other = openPartition("1");
  receive(0, manyRecords());
  reader.close();
  expect(pipeline.report().total).toMatchObject({ pending: MANY, returned: 0, imbalance: 0 });
  let forwarded = 0;
  for (let accepted = 0; accepted < chunks.length; accepted++) {
    forwarded += chunks[accepted]?.chunk.recordCount ?? 0;
    chunks[accepted]?.accept();
    await pass(10);
  }
  await pass(5000);
  const returned = MANY - forwarded;
  expect(pipeline.report().total).toMatchObject({ pending: 0, forwarded, returned, imbalance: 0 });
  expect(budget()).toMatchObject({ isFull: false, mustPause: false, pendingBytes: 0 });
  receive(0, "goes on", other);
  await pass(50);
  expect(textsOf(chunks.at(-1) as { chunk: Chunk })).toEqual(["goes on"]);
  expect(checkpoints).toEqual([]);
});

test("at the stop, a message that waits for room is sent whole", async () => {
  const { stop, running, receive, pass, chunks, checkpoints } = startPipeline();
  receive(0, manyRecords());
  stop.abort(new Error("stop"));
  let isOver = false;
  void running.then(() => {
    isOver = true;
  });
  for (let accepted = 0; !isOver; accepted++) {
    chunks[accepted]?.accept();
    await pass(0);
  }
  expect(chunks.reduce((sum, { chunk }) => sum + chunk.recordCount, 0)).toBe(MANY);
  expect(checkpoints).toEqual([0]);
}, 60_000);

test("the dead letters of one message are stored in groups, and wait for room as its other records do", async () => {
  const { pipeline, receive, pass, letters, chunks, budget, checkpoints } = startPipeline();
  const record = Buffer.from([0x22, 0xff, 0x22, 0x2c]);
  receive(0, Buffer.concat([Buffer.from("["), ...Array<Buffer>(MANY - 1).fill(record), Buffer.from("1]")]));
  expect(budget().mustPause).toBe(true);
  expect(letters.reduce((sum, { letters: each }) => sum + each.length, 0)).toBeLessThanOrEqual(126_000);
  for (let stored = 0; stored < letters.length; stored++) {
    letters[stored]?.stored();
    await pass(0);
  }
  await pass(1000);
  expect(letters.reduce((sum, { letters: each }) => sum + each.length, 0)).toBe(MANY - 1);
  chunks[0]?.accept();
  await pass(1000);
  expect(checkpoints).toEqual([0]);
  const total = { pending: 0, deadLettered: MANY - 1, forwarded: 1, imbalance: 0 };
  expect(pipeline.report().total).toMatchObject(total);
}, 60_000);
