import { randomUUID } from "node:crypto";
import {
  type CheckpointStore,
  EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type Subscription,
} from "@azure/event-hubs";
import { type Clock, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import type {
  CheckpointPort,
  HubEvent,
  HubPort,
  PartitionReader,
  Position,
  StartPosition,
} from "../contract.ts";
import { bodyBytes } from "./bodyBytes.ts";
import { capCredit } from "./credit.ts";
import { explainHubError, OwnershipLost } from "./errors.ts";
import { OwnershipWatch } from "./ownership.ts";

export type HubSettings = {
  readonly connectionString: string;
  readonly hubName: string;
  readonly consumerGroup: string;
  readonly startPosition: StartPosition;
  /** A receive returns after this time without events; a lost connection shows no sooner. */
  readonly maxWaitSeconds: number;
  readonly ownershipUpdateMs: number;
  readonly ownershipExpiryMs: number;
};

export const HUB_DEFAULTS = { ownershipUpdateMs: 10_000, ownershipExpiryMs: 60_000 } as const;

const BATCH_EVENTS = 1000;
/** Events that the SDK may hold over all partitions, beside one batch a partition. */
const PREFETCH_EVENTS = 24_000;
const LAG_EVERY_MS = 10_000;
const CLOSE_MS = 3000;
const START_RETRY_MS = 5000;

type Open = (partitionId: string, from: Position | StartPosition) => PartitionReader;

/** Reads the hub by the SDK's subscriber, with the guards that it lacks. Also writes the checkpoints: one name for both. */
export class HubConsumer implements HubPort, CheckpointPort {
  readonly #settings: HubSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onHubFailing: (sinceMs: number | null) => void;
  readonly #watch: OwnershipWatch;
  readonly #client: EventHubConsumerClient;
  readonly #readers = new Map<string, PartitionReader>();
  readonly #stop = new AbortController();
  #subscription: Subscription | undefined;
  #releaseHeld: () => void = () => {};
  readonly #held = new Promise<void>((resolve) => {
    this.#releaseHeld = resolve;
  });

  constructor(
    settings: HubSettings,
    store: CheckpointStore,
    clock: Clock,
    logger: Logger,
    onHubFailing: (sinceMs: number | null) => void,
  ) {
    capCredit();
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#onHubFailing = onHubFailing;
    const identifier = `eventhub-intake-${randomUUID()}`;
    this.#watch = new OwnershipWatch(store, identifier);
    const { connectionString, hubName, consumerGroup } = settings;
    this.#client = new EventHubConsumerClient(consumerGroup, connectionString, hubName, this.#watch, {
      identifier,
      retryOptions: { maxRetries: 1_000_000, retryDelayInMs: 1000, maxRetryDelayInMs: 10_000 },
      loadBalancingOptions: {
        strategy: "greedy",
        updateIntervalInMs: settings.ownershipUpdateMs,
        partitionOwnershipExpirationIntervalInMs: settings.ownershipExpiryMs,
      },
    });
  }

  owns(partitionId: string): boolean {
    return !this.#watch.isOwnedByAnother(partitionId);
  }

  async write(partitionId: string, { offset, sequenceNumber }: Position): Promise<void> {
    await this.#watch.updateCheckpoint({
      fullyQualifiedNamespace: this.#client.fullyQualifiedNamespace,
      eventHubName: this.#client.eventHubName,
      consumerGroup: this.#settings.consumerGroup,
      partitionId,
      offset,
      sequenceNumber,
    });
  }

  async start(open: Open): Promise<void> {
    const partitions = await this.#partitionIds();
    if (this.#stop.signal.aborted) return;
    this.#subscription = this.#client.subscribe(
      {
        processInitialize: async ({ partitionId }) => {
          const checkpoint = this.#watch.checkpointOf(partitionId);
          this.#readers.set(partitionId, open(partitionId, checkpoint ?? this.#settings.startPosition));
        },
        processEvents: (events, context) => this.#receive(events, context),
        processError: async (thrown, { partitionId }) => {
          if (thrown instanceof OwnershipLost || this.#stop.signal.aborted) return;
          const error = explainHubError(thrown);
          this.#logger.log("warning", error.message, { code: error.code, partition: partitionId });
        },
        processClose: async (_reason, { partitionId }) => {
          const reader = this.#readers.get(partitionId);
          this.#readers.delete(partitionId);
          if (!this.#stop.signal.aborted) await reader?.close("lost");
        },
      },
      {
        startPosition: toEventPosition(this.#settings.startPosition),
        maxBatchSize: BATCH_EVENTS,
        prefetchCount: Math.min(
          3000,
          Math.max(BATCH_EVENTS, Math.floor(PREFETCH_EVENTS / partitions.length)),
        ),
        maxWaitTimeInSeconds: this.#settings.maxWaitSeconds,
        skipParsingBodyAsJson: true,
      },
    );
    this.#watchLag();
  }

  async pause(): Promise<void> {
    this.#stop.abort(new Error("reading stops"));
  }

  async release(): Promise<void> {
    this.#releaseHeld();
    const closed = (async () => {
      await this.#subscription?.close();
      await this.#client.close();
    })().catch((thrown: unknown) => {
      this.#logger.log(
        "warning",
        `ownership could not be given back; it expires by itself: ${messageOf(thrown)}`,
      );
    });
    // The SDK's close may never settle (azure-sdk-for-js #34731).
    await Promise.race([closed, sleep(this.#clock, CLOSE_MS, new AbortController().signal)]);
  }

  /** Nothing but a plain error may leave: one that says `retryable` would make the SDK skip the batch. */
  async #receive(events: readonly ReceivedEventData[], { partitionId }: PartitionContext): Promise<void> {
    // Held until the drain is done: closing earlier would give the ownership away before the last checkpoint.
    if (this.#stop.signal.aborted) await this.#held;
    const reader = this.#readers.get(partitionId);
    if (reader === undefined || this.#stop.signal.aborted || !this.owns(partitionId)) {
      throw new OwnershipLost(`partition ${partitionId} is read by another consumer of the group now`);
    }
    this.#onHubFailing(null);
    try {
      await reader.receive(events.map(toHubEvent));
    } catch (thrown) {
      throw new OwnershipLost(`partition ${partitionId} is read no longer: ${messageOf(thrown)}`);
    }
  }

  async #partitionIds(): Promise<string[]> {
    const failingSinceMs = this.#clock.now();
    for (;;) {
      try {
        return await this.#client.getPartitionIds({ abortSignal: this.#stop.signal });
      } catch (thrown) {
        if (this.#stop.signal.aborted) return [];
        const error = explainHubError(thrown);
        this.#logger.log(error.code === "HUB_REFUSED" ? "critical" : "error", error.message, {
          code: error.code,
        });
        this.#onHubFailing(failingSinceMs);
        await sleep(this.#clock, START_RETRY_MS, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  #watchLag(): void {
    const ask = async () => {
      for (const [partitionId, reader] of this.#readers) {
        const { lastEnqueuedSequenceNumber, lastEnqueuedOnUtc } =
          await this.#client.getPartitionProperties(partitionId);
        reader.observeEnd(lastEnqueuedSequenceNumber, lastEnqueuedOnUtc.getTime());
      }
    };
    const again = () => {
      if (this.#stop.signal.aborted) return;
      const next = () => {
        const cancel = this.#clock.after(LAG_EVERY_MS, again);
        this.#stop.signal.addEventListener("abort", cancel, { once: true });
      };
      // A failure shows in the receivers as well; the lag is asked for again.
      ask().then(next, next);
    };
    again();
  }
}

function toEventPosition(start: StartPosition): EventPosition {
  if (start.kind === "earliest") return earliestEventPosition;
  return start.kind === "latest" ? latestEventPosition : { enqueuedOn: start.enqueuedAtMs };
}

function toHubEvent(event: ReceivedEventData): HubEvent {
  return {
    position: { offset: event.offset, sequenceNumber: event.sequenceNumber },
    enqueuedAtMs: event.enqueuedTimeUtc.getTime(),
    body: bodyBytes(event.body),
  };
}
