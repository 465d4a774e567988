import type { Logger } from "../../kernel/log.ts";
import type { PartitionEnd } from "../contract.ts";
import type { HubHealth } from "./hub-health.ts";
import type { PartitionPump } from "./pump.ts";
import type { Watchdog } from "./watchdog.ts";

/** A partition that is read. */
export type Reading = { readonly pump: PartitionPump; readonly watchdog: Watchdog };

export type ReadingWatchPorts = {
  readonly health: HubHealth;
  readonly logger: Logger;
  readonly stop: AbortSignal;
  /** Asks the hub how far a partition goes. */
  partitionEnd(partitionId: string): Promise<PartitionEnd>;
  /** While receiving waits, nothing stands still that could go on. */
  isWaiting(): boolean;
  /** A link or the connection is reopened because a partition stands still. */
  rebuilt(partitionId: string): void;
};

/** Looks how far each partition goes in the hub: for the lag, and for what stands still. */
export class ReadingWatch {
  readonly #ports: ReadingWatchPorts;

  constructor(ports: ReadingWatchPorts) {
    this.#ports = ports;
  }

  /** @param readings May change meanwhile. */
  async look(readings: ReadonlyMap<string, Reading>): Promise<void> {
    const { partitionEnd, stop, isWaiting } = this.#ports;
    for (const [partitionId, reading] of readings) {
      const end = await partitionEnd(partitionId).catch(() => undefined);
      if (end === undefined || stop.aborted || readings.get(partitionId) !== reading) {
        continue;
      }
      reading.pump.reader.observeEnd(end);
      if (!isWaiting()) {
        this.#watch(partitionId, reading, end);
      }
    }
  }

  #watch(partitionId: string, { pump, watchdog }: Reading, end: PartitionEnd): void {
    const { health, logger, rebuilt } = this.#ports;
    const { after } = pump;
    // A start at the newest event, or at a time, may have nothing to send for good.
    if ("kind" in after && after.kind !== "earliest") {
      return;
    }
    const advice = watchdog.look({
      receivedSequenceNumber: "sequenceNumber" in after ? after.sequenceNumber : -1,
      lastSequenceNumber: end.lastSequenceNumber,
      hasCredit: pump.outstandingEvents > 0,
    });
    if (advice === "fine") {
      return;
    }
    const fields = { partition: partitionId, lastSequenceNumber: end.lastSequenceNumber };
    if (advice === "stuck") {
      health.stuck(partitionId, fields);
      return;
    }
    logger.log(
      "warning",
      `partition ${partitionId} is stuck although the hub holds newer events; reopening its ${advice === "relink" ? "link" : "connection"}`,
      fields,
    );
    rebuilt(partitionId);
    if (advice === "relink") {
      pump.restart();
    } else {
      pump.reconnect(`partition ${partitionId} is stuck`);
    }
  }
}
