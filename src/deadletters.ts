import { MAX_BODY_BYTES } from "./connector/contract.ts";
import { DeadLetterReader } from "./connector/deadletter/reader.ts";
import { BlobDeadLetters } from "./connector/deadletter/store.ts";
import { INTAKE_DEFAULTS, IntakeClient } from "./connector/intake/client.ts";
import { type ReplayReport, replayDeadLetters } from "./connector/replay.ts";
import { type EndpointContext, openEndpoints } from "./endpoints.ts";
import { systemClock } from "./kernel/clock.ts";
import type { ModuleContext } from "./platform/run-module.ts";

async function storageOf(context: EndpointContext) {
  return {
    storage: (await openEndpoints(context)).storage,
    hubName: context.arguments.hub_name,
    consumerGroup: context.arguments.hub_consumer_group,
  };
}

/** The dead letters of the trigger with these settings. */
export async function openDeadLetters(context: EndpointContext): Promise<DeadLetterReader> {
  return new DeadLetterReader(await storageOf(context));
}

/** Sends them to the trigger's intake. */
export async function replay(context: ModuleContext): Promise<ReplayReport> {
  const { arguments: settings, proxies, logger, signal, userAgent } = context;
  const intake = new IntakeClient(
    { ...INTAKE_DEFAULTS, server: settings.intake_server, proxies, userAgent },
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
  const deadLetters = new BlobDeadLetters(await storageOf(context), systemClock, Math.random, logger);
  try {
    const reader = await openDeadLetters(context);
    return await replayDeadLetters({ reader, deadLetters, intake, chunks, clock: systemClock }, signal);
  } finally {
    intake.close();
  }
}
