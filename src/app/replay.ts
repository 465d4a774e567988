import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import {
  type Chunk,
  type DeadLetter,
  type DeadLetterPort,
  type Delivery,
  type IntakePort,
  silentObserver,
} from "../connector/contract.ts";
import type { StorageEndpoint } from "../connector/endpoint/storage.ts";
import { accessTo } from "../connector/hub/amqp/access.ts";
import { type RangeProgress, RangeReader } from "../connector/hub/range-reader.ts";
import { Pipeline } from "../connector/pipeline.ts";
import { systemClock } from "../kernel/clock.ts";
import { InputInvalid, messageOf } from "../kernel/errors.ts";
import type { Logger } from "../kernel/log.ts";
import { openEndpoints } from "./endpoints.ts";
import type { TriggerContext } from "./run-trigger.ts";
import { openDeadLetterStore, openIntake, pipelineSettings } from "./wiring.ts";

export type RangeOptions = {
  /** Milliseconds since 1970: the first included, the second not. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Every partition unless given. */
  readonly partitionId: string | undefined;
  readonly consumerGroup: string;
  /** A file to write instead of sending to the intake: a JSON array of the events' texts. */
  readonly file: string | undefined;
};

export type RangeSummary = {
  readonly events: number;
  readonly forwarded: number;
  readonly filtered: number;
  readonly heartbeats: number;
  readonly setAside: number;
};

/**
 * Reads what the hub stored between two times and sends it to the intake, or writes it into a file. Neither ownership
 * nor checkpoints are touched.
 * @param watch Gets a function that tells the progress.
 * @throws the signal's reason, when it aborts before the range is through.
 */
export async function replayRange(
  context: TriggerContext,
  options: RangeOptions,
  watch: (progress: () => RangeProgress) => void,
): Promise<RangeSummary> {
  const { logger, signal, userAgent } = context;
  const endpoints = await openEndpoints(context);
  const hub = new RangeReader(
    { ...options, userAgent },
    {
      access: accessTo(endpoints.hub, () => systemClock.now()),
      clock: systemClock,
      random: Math.random,
      logger,
    },
  );
  watch(() => hub.progress);
  const target =
    options.file === undefined
      ? intakeTarget(context, endpoints.storage)
      : await fileTarget(options.file, logger);
  // Without checkpoints, none of what is forwarded is ever covered by one.
  const settings = { ...pipelineSettings(context), unstoredMaxRecords: Number.POSITIVE_INFINITY };
  const pipeline = new Pipeline(settings, {
    hub,
    intake: target.intake,
    deadLetters: target.deadLetters,
    // Never asked to, since a guest owns no partition.
    checkpoint: { write: () => Promise.resolve() },
    // Nobody's health or metrics depend on a replay.
    observer: silentObserver,
    clock: systemClock,
    logger,
  });
  const through = new AbortController();
  void hub.done.then(() => through.abort());
  try {
    await pipeline.run(AbortSignal.any([signal, through.signal]));
  } finally {
    await target.close();
  }
  if (!through.signal.aborted) {
    throw signal.reason;
  }
  const { forwarded, filtered, heartbeats, deadLettered } = pipeline.report().total;
  return { events: hub.progress.events, forwarded, filtered, heartbeats, setAside: deadLettered };
}

type Target = {
  readonly intake: IntakePort;
  readonly deadLetters: DeadLetterPort;
  close(): Promise<void>;
};

function intakeTarget(context: TriggerContext, storage: StorageEndpoint): Target {
  const intake = openIntake(context);
  const deadLetters = openDeadLetterStore(context, storage);
  return { intake, deadLetters, close: async () => intake.close() };
}

/** @throws InputInvalid when the file cannot be written. */
async function fileTarget(path: string, logger: Logger): Promise<Target> {
  const stream = createWriteStream(path, { mode: 0o600 });
  await once(stream, "open").catch((thrown: unknown) => {
    throw new InputInvalid(`${path} cannot be written: ${messageOf(thrown)}`);
  });
  let separator = "[\n";
  const deliver = async (chunk: Chunk): Promise<Delivery> => {
    const lines: string[] = [];
    for (let index = 0; index < chunk.recordCount; index++) {
      lines.push(separator, JSON.stringify(chunk.recordAt(index).bytes.toString()));
      separator = ",\n";
    }
    if (!stream.write(lines.join(""))) {
      await once(stream, "drain");
    }
    const lastAnswer = { status: 200, durationMs: 0 };
    return { refused: [], accepted: chunk.recordCount, lastAnswer, isBodyFree: true };
  };
  const store = async (letters: readonly DeadLetter[]) => {
    for (const { partitionId, sequenceNumber, reason, detail } of letters) {
      logger.log("warning", `an event is left out of the file: ${detail}`, {
        code: reason,
        partition: partitionId,
        sequenceNumber,
      });
    }
  };
  return {
    intake: { deliver },
    deadLetters: { store },
    async close() {
      stream.end(`${separator === ",\n" ? "" : "["}\n]\n`);
      await finished(stream);
    },
  };
}
