import {
  type EventHubConsumerClient,
  type EventHubProperties,
  earliestEventPosition,
  type PartitionProperties,
  type ReceivedEventData,
} from "@azure/event-hubs";
import {
  type HubEndpoint,
  namespaceOf,
  openConsumerClient,
  openProducerClient,
} from "../connector/endpoint/hub.ts";
import { endsWithin, systemClock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";

/** What an attempt came to; `code` is the SDK's name of the error. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** A check waits for the first answer, not for a service to come back. */
const CLIENT_OPTIONS = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const CLOSE_MS = 2000;
/** Partitions whose state is asked for at once. */
const AT_ONCE = 32;

/** Asks the hub with the settings' own key; each question is asked once, and nothing is consumed. */
export class HubProbe {
  readonly #endpoint: HubEndpoint;
  readonly #client: EventHubConsumerClient;
  #properties: Promise<Attempt<EventHubProperties>> | undefined;
  #partitions: Promise<Attempt<readonly PartitionProperties[]>> | undefined;
  #oldest: Promise<Attempt<ReceivedEventData | undefined>> | undefined;

  constructor(endpoint: HubEndpoint, consumerGroup: string) {
    this.#endpoint = endpoint;
    this.#client = openConsumerClient(endpoint, consumerGroup, CLIENT_OPTIONS);
  }

  /** The namespace as checkpoints are filed under it. */
  get namespace(): string {
    return namespaceOf(this.#endpoint);
  }

  properties(): Promise<Attempt<EventHubProperties>> {
    this.#properties ??= attempt(() => this.#client.getEventHubProperties());
    return this.#properties;
  }

  /** The state of every partition. */
  partitions(): Promise<Attempt<readonly PartitionProperties[]>> {
    this.#partitions ??= attempt(async () => {
      const ids = await this.#client.getPartitionIds();
      const states: PartitionProperties[] = [];
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE).map((id) => this.#client.getPartitionProperties(id));
        states.push(...(await Promise.all(some)));
      }
      return states;
    });
    return this.#partitions;
  }

  /**
   * Attaches a reader to the fullest partition and looks at the oldest event. Without a level of ownership a reader
   * never displaces another one.
   */
  oldest(): Promise<Attempt<ReceivedEventData | undefined>> {
    this.#oldest ??= attempt(async () => {
      const states = await this.partitions();
      const kept = states.ok ? [...states.value].sort((a, b) => keptIn(b) - keptIn(a)) : [];
      return firstEvent(this.#client, kept[0]?.partitionId ?? "0");
    });
    return this.#oldest;
  }

  /** Whether the key would let us send: a link is attached, and nothing sent. */
  async maySend(): Promise<boolean> {
    const producer = openProducerClient(this.#endpoint, CLIENT_OPTIONS);
    try {
      return (await attempt(() => producer.createBatch())).ok;
    } finally {
      await closeInTime(producer.close());
    }
  }

  async close(): Promise<void> {
    await closeInTime(this.#client.close());
  }
}

/** Events that a partition keeps. */
export function keptIn(partition: PartitionProperties): number {
  return partition.isEmpty ? 0 : partition.lastEnqueuedSequenceNumber - partition.beginningSequenceNumber + 1;
}

function firstEvent(
  client: EventHubConsumerClient,
  partitionId: string,
): Promise<ReceivedEventData | undefined> {
  return new Promise<ReceivedEventData | undefined>((resolve, reject) => {
    const reading = client.subscribe(
      partitionId,
      {
        processEvents: async ([event]) => {
          resolve(event);
          void closeInTime(reading.close());
        },
        processError: async (error) => {
          reject(error);
          void closeInTime(reading.close());
        },
      },
      {
        startPosition: earliestEventPosition,
        maxBatchSize: 1,
        prefetchCount: 1,
        maxWaitTimeInSeconds: 2,
        skipParsingBodyAsJson: true,
      },
    );
  });
}

async function attempt<T>(ask: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (thrown) {
    const error: unknown =
      thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors[0] : thrown;
    const code = (error as { code?: unknown } | null)?.code;
    return { ok: false, code: typeof code === "string" ? code : "", reason: messageOf(error) };
  }
}

/** A connection that does not close in order is left to end by itself. */
export async function closeInTime(closing: Promise<void>): Promise<void> {
  await endsWithin(
    systemClock,
    CLOSE_MS,
    closing.catch(() => undefined),
  );
}
