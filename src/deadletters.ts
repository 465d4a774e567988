import { MAX_BODY_BYTES } from "./connector/contract.ts";
import { DeadLetterReader } from "./connector/deadletter/reader.ts";
import { BlobDeadLetters } from "./connector/deadletter/store.ts";
import { INTAKE_DEFAULTS, IntakeClient } from "./connector/intake/client.ts";
import { type ReplayReport, replayDeadLetters } from "./connector/replay.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Logger } from "./kernel/log.ts";
import type { TriggerArguments } from "./platform/arguments.ts";

function storageOf(settings: TriggerArguments) {
  return {
    storageConnectionString: settings.storage_connection_string,
    containerName: settings.storage_container_name,
    hubName: settings.hub_name,
    consumerGroup: settings.hub_consumer_group,
  };
}

/** The dead letters of the trigger with these settings. */
export function openDeadLetters(settings: TriggerArguments): DeadLetterReader {
  return new DeadLetterReader(storageOf(settings));
}

/** Sends them to the trigger's intake. */
export async function replay(
  settings: TriggerArguments,
  logger: Logger,
  signal: AbortSignal,
): Promise<ReplayReport> {
  const intake = new IntakeClient(
    {
      ...INTAKE_DEFAULTS,
      server: settings.intake_server,
      userAgent: "sekoiaio-connector/azure-eventhub-replay",
    },
    systemClock,
    Math.random,
    logger,
    { failing: () => undefined },
  );
  const chunks = {
    intakeKey: settings.intake_key,
    maxRecords: settings.chunk_size,
    maxBytes: MAX_BODY_BYTES,
    maxAgeMs: 60_000,
  };
  const deadLetters = new BlobDeadLetters(storageOf(settings), systemClock, Math.random, logger);
  try {
    const reader = openDeadLetters(settings);
    return await replayDeadLetters({ reader, deadLetters, intake, chunks, clock: systemClock }, signal);
  } finally {
    intake.close();
  }
}
