import { MAX_CHUNK_RECORDS } from "../connector/contract.ts";
import { BlobDeadLetters } from "../connector/deadletter/store.ts";
import { isExposed } from "../connector/endpoint/intake.ts";
import type { StorageEndpoint } from "../connector/endpoint/storage.ts";
import { INTAKE_DEFAULTS, IntakeClient, type IntakePorts } from "../connector/intake/client.ts";
import { PIPELINE_DEFAULTS } from "../connector/pipeline.ts";
import { systemClock } from "../kernel/clock.ts";
import { inFlightLimits } from "./in-flight.ts";
import type { TriggerContext } from "./run-trigger.ts";

/** The trigger's intake, for the trigger and for the commands that send to it. */
export function openIntake(
  { arguments: settings, limits, logger, proxies, userAgent }: TriggerContext,
  {
    failing = () => undefined,
    answered = () => undefined,
    isKeyTrusted = false,
  }: Partial<Pick<IntakePorts, "failing" | "answered">> & { readonly isKeyTrusted?: boolean } = {},
): IntakeClient {
  if (isExposed(settings.intake_server)) {
    logger.log(
      "warning",
      `the intake ${new URL(settings.intake_server).origin} is used without encryption: anyone on the network path can read the events and the intake key; use its https address`,
    );
  }
  return new IntakeClient(
    {
      ...INTAKE_DEFAULTS,
      maxConcurrentRequests: inFlightLimits(limits.inFlightMib).requests,
      isKeyTrusted,
      server: settings.intake_server,
      proxies,
      userAgent,
    },
    { clock: systemClock, random: Math.random, logger, failing, answered },
  );
}

/** Where the trigger with these settings sets aside what cannot be sent. */
export function openDeadLetterStore(
  { arguments: settings, logger }: TriggerContext,
  storage: StorageEndpoint,
): BlobDeadLetters {
  const { hub_name: hubName, hub_consumer_group: consumerGroup } = settings;
  return new BlobDeadLetters(
    { storage, hubName, consumerGroup },
    { clock: systemClock, random: Math.random, logger },
  );
}

/** Records that a request to the intake carries at most. */
export function chunkSize({ arguments: settings, logger }: TriggerContext): number {
  const { chunk_size: wanted } = settings;
  if (wanted > MAX_CHUNK_RECORDS) {
    logger.log(
      "warning",
      `chunk_size is ${wanted}, which is more than a request carries; ${MAX_CHUNK_RECORDS} is used`,
    );
  }
  return Math.min(wanted, MAX_CHUNK_RECORDS);
}

/** What becomes of messages, as the settings have it. */
export function pipelineSettings(context: TriggerContext) {
  const { arguments: settings, limits } = context;
  const { mib, records } = inFlightLimits(limits.inFlightMib);
  return {
    ...PIPELINE_DEFAULTS,
    inFlightMaxBytes: mib * 2 ** 20,
    inFlightMaxRecords: records,
    intakeKey: settings.intake_key,
    chunkSize: chunkSize(context),
    categories: settings.categories,
    silenceMs: settings.silence_minutes === undefined ? undefined : settings.silence_minutes * 60_000,
    repairsJson: settings.repair_json,
  };
}
