import type { EventHubConsumerClient, ReceivedEventData } from "@azure/event-hubs";
import { type HubEndpoint, openConsumerClient } from "../connector/endpoint/hub.ts";
import { closeInTime, keptIn } from "./hub-probe.ts";

export type PeekedMessage = {
  readonly partitionId: string;
  readonly enqueuedAtMs: number;
  readonly body: Buffer;
};

const CLIENT_OPTIONS = { retryOptions: { maxRetries: 1, timeoutInMs: 10_000 } };
/** A partition that sends nothing for so long is left with what it has sent. */
const SILENCE_SECONDS = 5;

/**
 * Looks at the newest messages that the hub keeps, spread over its partitions, without a checkpoint and without
 * displacing any reader.
 * @param wanted How many at most.
 * @param take Called with each message, in the order of each partition.
 * @throws the SDK's error when the hub refuses; the signal's reason once it aborts.
 */
export async function peekMessages(
  endpoint: HubEndpoint,
  consumerGroup: string,
  wanted: number,
  take: (message: PeekedMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = openConsumerClient(endpoint, consumerGroup, CLIENT_OPTIONS);
  try {
    const ids = await client.getPartitionIds({ abortSignal: signal });
    const states = await Promise.all(
      ids.map((id) => client.getPartitionProperties(id, { abortSignal: signal })),
    );
    const filled = states.filter((state) => keptIn(state) > 0).sort((a, b) => keptIn(a) - keptIn(b));
    let left = wanted;
    for (const [index, state] of filled.entries()) {
      // The emptiest first: what it cannot give, the fuller ones share.
      const share = Math.min(keptIn(state), Math.ceil(left / (filled.length - index)));
      left -= share;
      if (share === 0) {
        continue;
      }
      const from = state.lastEnqueuedSequenceNumber - share + 1;
      await readPartition(client, state.partitionId, { from, share }, take, signal);
    }
  } finally {
    await closeInTime(client.close());
  }
}

async function readPartition(
  client: EventHubConsumerClient,
  partitionId: string,
  { from, share }: { readonly from: number; readonly share: number },
  take: (message: PeekedMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  const stop = () => done.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  let left = share;
  const reading = client.subscribe(
    partitionId,
    {
      processEvents: async (events) => {
        for (const event of events.slice(0, left)) {
          take({ partitionId, enqueuedAtMs: event.enqueuedTimeUtc.getTime(), body: bytesOf(event) });
        }
        left -= Math.min(left, events.length);
        if (left === 0 || events.length === 0) {
          done.resolve();
        }
      },
      processError: async (error) => done.reject(error),
    },
    {
      startPosition: { sequenceNumber: from, isInclusive: true },
      maxBatchSize: 100,
      maxWaitTimeInSeconds: SILENCE_SECONDS,
      skipParsingBodyAsJson: true,
    },
  );
  try {
    await done.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    await reading.close().catch(() => undefined);
  }
}

/** The bytes of a body as the SDK hands it out unparsed: a data section, several of them, or an AMQP value. */
function bytesOf({ body }: ReceivedEventData): Buffer {
  const value: unknown = body;
  if (value instanceof Uint8Array) {
    return Buffer.from(value);
  }
  if (Array.isArray(value) && value.every((part) => part instanceof Uint8Array)) {
    return Buffer.concat(value);
  }
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}
