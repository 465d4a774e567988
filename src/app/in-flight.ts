import { HUB_DEFAULTS } from "../connector/hub/consumer.ts";
import { INTAKE_DEFAULTS } from "../connector/intake/client.ts";
import { PIPELINE_DEFAULTS } from "../connector/pipeline.ts";

const DEFAULT_IN_FLIGHT_MIB = PIPELINE_DEFAULTS.inFlightMaxBytes / 2 ** 20;
/** What a process needs beside what is in flight, with all that the allocator keeps. */
const BASE_MIB = 300;
/** In a container without a limit of its own: more gains nothing with any intake that was measured. */
const MOST_MIB = 160;

/**
 * How much may be received and not yet acknowledged, and what follows from it.
 * @param givenMib The setting; else what the container's memory leaves, never less than the default.
 */
export function inFlightLimits(givenMib: number | undefined, memoryBytes = process.constrainedMemory()) {
  // Without a limit the system answers with a number beyond any machine's memory.
  const spareMib = memoryBytes > 0 && memoryBytes < 2 ** 50 ? memoryBytes / 2 ** 20 - BASE_MIB : 0;
  const mib = givenMib ?? Math.round(Math.min(MOST_MIB, Math.max(DEFAULT_IN_FLIGHT_MIB, spareMib / 2)));
  const factor = mib / DEFAULT_IN_FLIGHT_MIB;
  return {
    mib,
    records: Math.round(PIPELINE_DEFAULTS.inFlightMaxRecords * factor),
    requests: Math.max(1, Math.round(INTAKE_DEFAULTS.maxConcurrentRequests * factor)),
    eventsPerPartition: Math.round(HUB_DEFAULTS.maxEventsPerPartition * factor),
  };
}
