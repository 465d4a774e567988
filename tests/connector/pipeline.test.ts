import { expect, onTestFinished, test } from "vitest";
import {
  type Chunk,
  type DeadLetter,
  type Delivery,
  type HubPort,
  type PartitionReader,
  type Position,
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
  const played = { owns: true };
  let open: ((partitionId: string, from: Position | typeof EARLIEST) => PartitionReader) | undefined;
  const hub: HubPort = {
    start: async (opened) => {
      open = opened;
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
        write: async (_partitionId, { sequenceNumber }) => void checkpoints.push(sequenceNumber),
      },
      deadLetters: {
        store: (stored, signal) =>
          new Promise<void>((resolve, reject) => {
            letters.push({ letters: stored, stored: resolve });
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
  const reader = open?.("0", EARLIEST) as PartitionReader;
  return {
    pipeline,
    stop,
    running,
    reader,
    chunks,
    letters,
    checkpoints,
    played,
    receive(sequenceNumber: number, body: string | Buffer) {
      const bytes = Buffer.from(body);
      reader.receive(bytes, 0, bytes.length, sequenceNumber);
      reader.reach({ offset: String(sequenceNumber), sequenceNumber }, 0);
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

test("a partition that is lost sends nothing more, checkpoints nothing more, and gives back what it held", async () => {
  const { pipeline, reader, receive, pass, chunks, checkpoints } = startPipeline();
  receive(0, "under way");
  await pass(1000);
  receive(1, "waits for company");
  reader.close();
  chunks[0]?.accept();
  await pass(5000);
  expect(chunks).toHaveLength(1);
  expect(checkpoints).toEqual([]);
  expect(pipeline.report().total).toMatchObject({ pending: 0, returned: 2, imbalance: 0 });
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
