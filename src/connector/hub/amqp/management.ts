import type { EventHubConsumerClient } from "@azure/event-hubs";
import { type Clock, endsWithin } from "../../../kernel/clock.ts";
import type { PartitionEnd, Position } from "../../contract.ts";

const ANSWER_MS = 10_000;
const CLOSE_MS = 2000;
const BEFORE_THE_FIRST: Position = { offset: "-1", sequenceNumber: -1 };

export type HubDescription = {
  readonly partitionIds: readonly string[];
  /** Milliseconds since 1970; undefined where the hub does not tell. */
  readonly createdAtMs: number | undefined;
};

/** Questions about the hub, asked by the SDK's client over a connection of its own. */
export class HubManagement {
  readonly #client: EventHubConsumerClient;
  readonly #clock: Clock;

  constructor(client: EventHubConsumerClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws the SDK's error, or the signal's reason. */
  async hub(signal: AbortSignal): Promise<HubDescription> {
    const { partitionIds, createdOn } = await this.#client.getEventHubProperties({
      abortSignal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS * 2)]),
    });
    const createdAtMs = createdOn?.getTime() ?? Number.NaN;
    return { partitionIds, createdAtMs: createdAtMs > 0 ? createdAtMs : undefined };
  }

  /** @throws the SDK's error; also when the answer takes too long. */
  async partitionEnd(partitionId: string): Promise<PartitionEnd> {
    // The SDK's own wait is 60 s and three attempts long.
    const abortSignal = AbortSignal.timeout(ANSWER_MS);
    const properties = await this.#client.getPartitionProperties(partitionId, { abortSignal });
    return {
      firstSequenceNumber: properties.beginningSequenceNumber,
      lastSequenceNumber: properties.isEmpty ? -1 : properties.lastEnqueuedSequenceNumber,
      lastEnqueuedAtMs: properties.lastEnqueuedOnUtc.getTime(),
    };
  }

  /**
   * The position of the newest event that the partition ever had; that before the first one if it had none.
   * @throws the SDK's error; also when the answer takes too long.
   */
  async newest(partitionId: string): Promise<Position> {
    const abortSignal = AbortSignal.timeout(ANSWER_MS);
    const properties = await this.#client.getPartitionProperties(partitionId, { abortSignal });
    const { lastEnqueuedOffset, lastEnqueuedSequenceNumber } = properties;
    if (lastEnqueuedSequenceNumber < 0) {
      return BEFORE_THE_FIRST;
    }
    return { offset: String(lastEnqueuedOffset), sequenceNumber: lastEnqueuedSequenceNumber };
  }

  /** The SDK's close may never settle (azure-sdk-for-js #34731), so it is given a time. */
  async close(): Promise<void> {
    await endsWithin(
      this.#clock,
      CLOSE_MS,
      this.#client.close().catch(() => undefined),
    );
  }
}
