import { EventHubProducerClient, parseEventHubConnectionString } from "@azure/event-hubs";
import { type Clock, sleep } from "../kernel/clock.ts";
import { AppError, InputInvalid, messageOf } from "../kernel/errors.ts";

export type SendOptions = {
  readonly connectionString: string;
  /** Needed unless the connection string has an EntityPath. */
  readonly hubName?: string | undefined;
  /** Messages a second; as fast as the hub takes them unless given. */
  readonly rate?: number | undefined;
  /** Told after each batch, with all messages sent so far. */
  readonly onSent?: (messages: number) => void;
};

/** The hub took nothing more. */
class SendFailed extends AppError {
  readonly code = "HUB_UNREACHABLE";
  readonly disposition = "stop";
}

/** A person waits: soon a sentence instead of long patience. */
const RETRY_OPTIONS = { maxRetries: 2, retryDelayInMs: 500, timeoutInMs: 10_000 };
/** Messages of one batch when nothing asks for less. */
const BATCH_MESSAGES = 1_000;
/** With a rate, batches follow each other in steps of this length. */
const STEP_MS = 100;

/**
 * Sends messages into a hub, each body as one message; the hub chooses the partitions.
 * @returns how many the hub has taken: all, unless `signal` aborted.
 * @throws InputInvalid for an invalid connection string or a message that no batch can hold; SendFailed when the
 * hub does not take them.
 */
export async function sendMessages(
  bodies: Iterable<string>,
  options: SendOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const producer = openProducer(options);
  const { rate } = options;
  const batchMessages =
    rate === undefined
      ? BATCH_MESSAGES
      : Math.min(BATCH_MESSAGES, Math.max(1, Math.round((rate * STEP_MS) / 1000)));
  const startedAtMs = clock.now();
  let sent = 0;
  try {
    for (const group of groupsOf(bodies, batchMessages)) {
      await sendGroup(producer, group, sent, signal);
      sent += group.length;
      options.onSent?.(sent);
      if (rate !== undefined) {
        await sleep(clock, Math.max(0, startedAtMs + (sent / rate) * 1000 - clock.now()), signal);
      }
    }
  } catch (thrown) {
    if (!signal.aborted) {
      throw thrown instanceof InputInvalid ? thrown : sendFailure(thrown, sent);
    }
  } finally {
    await producer.close().catch(() => {
      // What was sent is acknowledged; a connection that cannot be closed in order is gone anyway.
    });
  }
  return sent;
}

function openProducer({ connectionString, hubName }: SendOptions): EventHubProducerClient {
  let entity: string | undefined;
  try {
    entity = parseEventHubConnectionString(connectionString).eventHubName;
  } catch {
    // The client's message may quote the connection string.
    throw new InputInvalid(
      "the connection string is not valid; it looks like Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…",
    );
  }
  if (entity === undefined && hubName === undefined) {
    throw new InputInvalid("the connection string names no event hub (EntityPath=…); name one");
  }
  if (entity !== undefined && hubName !== undefined && entity !== hubName) {
    throw new InputInvalid(`the connection string is for the event hub ${entity}, not for ${hubName}`);
  }
  const options = { retryOptions: RETRY_OPTIONS };
  return entity === undefined && hubName !== undefined
    ? new EventHubProducerClient(connectionString, hubName, options)
    : new EventHubProducerClient(connectionString, options);
}

function* groupsOf(bodies: Iterable<string>, size: number): Generator<readonly string[]> {
  let group: string[] = [];
  for (const body of bodies) {
    group.push(body);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) {
    yield group;
  }
}

/** Sends a group in as few batches as the hub's limit of bytes allows. */
async function sendGroup(
  producer: EventHubProducerClient,
  group: readonly string[],
  sentBefore: number,
  signal: AbortSignal,
): Promise<void> {
  let batch = await producer.createBatch({ abortSignal: signal });
  for (const [index, body] of group.entries()) {
    // Bytes, so that the client sends them as they are instead of writing a string as JSON.
    const event = { body: Buffer.from(body) };
    if (batch.tryAdd(event)) {
      continue;
    }
    if (batch.count > 0) {
      await producer.sendBatch(batch, { abortSignal: signal });
      batch = await producer.createBatch({ abortSignal: signal });
    }
    if (!batch.tryAdd(event)) {
      throw new InputInvalid(
        `message ${sentBefore + index + 1} has ${event.body.length} bytes; the hub takes at most ${batch.maxSizeInBytes} a batch`,
      );
    }
  }
  await producer.sendBatch(batch, { abortSignal: signal });
}

function sendFailure(cause: unknown, sent: number): SendFailed {
  return new SendFailed(
    `the hub stopped taking messages after ${sent}: ${messageOf(cause)}; check the address, the hub's name and that the key may send`,
    { cause },
  );
}
