import type { EventHubConsumerClient } from "@azure/event-hubs";
import { type Clock, endsWithin } from "../../../kernel/clock.ts";
import type { PartitionEnd } from "../../contract.ts";

const ANSWER_MS = 10_000;
const CLOSE_MS = 2000;

/** Questions about the hub, asked by the SDK's client over a connection of its own. */
export class HubManagement {
  readonly #client: EventHubConsumerClient;
  readonly #clock: Clock;

  constructor(client: EventHubConsumerClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The name by which checkpoints and ownership are kept: that of the host. */
  get namespace(): string {
    return this.#client.fullyQualifiedNamespace;
  }

  get hubName(): string {
    return this.#client.eventHubName;
  }

  /** @throws the SDK's error, or the signal's reason. */
  async partitionIds(signal: AbortSignal): Promise<string[]> {
    return this.#client.getPartitionIds({
      abortSignal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS * 2)]),
    });
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

  /** The SDK's close may never settle (azure-sdk-for-js #34731), so it is given a time. */
  async close(): Promise<void> {
    await endsWithin(
      this.#clock,
      CLOSE_MS,
      this.#client.close().catch(() => undefined),
    );
  }
}
