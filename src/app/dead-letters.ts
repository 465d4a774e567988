import { Chunker } from "../connector/chunks/chunker.ts";
import { BodyPool } from "../connector/chunks/pool.ts";
import { MAX_BODY_BYTES } from "../connector/contract.ts";
import { DeadLetterReader } from "../connector/deadletter/reader.ts";
import { type ResendReport, resendDeadLetters } from "../connector/deadletter/resend.ts";
import type { StorageEndpoint } from "../connector/endpoint/storage.ts";
import { type EndpointContext, openEndpoints } from "./endpoints.ts";
import type { TriggerContext } from "./run-trigger.ts";
import { chunkSize, openDeadLetterStore, openIntake } from "./wiring.ts";

/** The dead letters of the trigger with these settings. */
export async function openDeadLetters(context: EndpointContext): Promise<DeadLetterReader> {
  const { storage } = await openEndpoints(context);
  return readerOf(context, storage);
}

/** Sends them to the trigger's intake. */
export async function replay(context: TriggerContext): Promise<ResendReport> {
  const { arguments: settings, signal } = context;
  const { storage } = await openEndpoints(context);
  const reader = readerOf(context, storage);
  const deadLetters = openDeadLetterStore(context, storage);
  const chunks = {
    intakeKey: settings.intake_key,
    maxRecords: chunkSize(context),
    maxBytes: MAX_BODY_BYTES,
  };
  // The letters have nothing beside them that could prove the key, and what is refused again is set aside again.
  const intake = openIntake(context, { isKeyTrusted: true });
  try {
    const chunker = new Chunker(chunks, new BodyPool(0));
    return await resendDeadLetters({ reader, deadLetters, intake, chunker }, signal);
  } finally {
    intake.close();
  }
}

function readerOf({ arguments: settings }: EndpointContext, storage: StorageEndpoint): DeadLetterReader {
  const { hub_name: hubName, hub_consumer_group: consumerGroup } = settings;
  return new DeadLetterReader({ storage, hubName, consumerGroup });
}
