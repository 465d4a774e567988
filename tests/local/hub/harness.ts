import {
  EventHubConsumerClient,
  type EventHubConsumerClientOptions,
  EventHubProducerClient,
  earliestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type SubscribeOptions,
} from "@azure/event-hubs";
import { onTestFinished } from "vitest";
import type { HubOptions, LocalHubServer } from "../../../src/local/hub/server.ts";
import { closeInTime } from "../../support/close-in-time.ts";
import { type FaultyHub, startHub } from "../../support/hub-faults.ts";

export const HUB = "hub1";

/** Retries that a test can wait for. */
const QUICK: EventHubConsumerClientOptions = { retryOptions: { maxRetries: 3, retryDelayInMs: 50 } };

/** The emulator's configuration with one hub. */
export function configOf(partitionCount: number | string, groups: readonly string[] = ["cg1"]): object {
  return {
    UserConfig: {
      NamespaceConfig: [
        {
          Type: "EventHub",
          Name: "emulatorNs1",
          Entities: [
            {
              Name: HUB,
              PartitionCount: partitionCount,
              ConsumerGroups: groups.map((Name) => ({ Name })),
            },
          ],
        },
      ],
      LoggingConfig: { Type: "File" },
    },
  };
}

/** A server that ends with the test. */
export async function startTestHub(options: Partial<HubOptions> = {}): Promise<FaultyHub> {
  const server = await startHub({ config: configOf(1), port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

export function producerOf(server: LocalHubServer): EventHubProducerClient {
  const producer = new EventHubProducerClient(server.connectionString(), HUB, QUICK);
  onTestFinished(() => closeInTime(producer));
  return producer;
}

export function consumerOf(
  server: LocalHubServer,
  group = "$Default",
  connectionString = server.connectionString(),
): EventHubConsumerClient {
  const consumer = new EventHubConsumerClient(group, connectionString, HUB, QUICK);
  onTestFinished(() => closeInTime(consumer));
  return consumer;
}

/** What one partition's subscription got so far, and how to wait for more. */
export type Subscription = {
  readonly events: readonly ReceivedEventData[];
  readonly errors: readonly (Error & { code?: string })[];
  readonly contexts: readonly PartitionContext[];
  /** Resolves once the condition holds; looked at after each batch and each error. */
  until(condition: (subscription: Subscription) => boolean): Promise<void>;
  close(): Promise<void>;
};

/** Subscribes to one partition, without any store. */
export function subscribe(
  consumer: EventHubConsumerClient,
  partitionId: string,
  options: Partial<SubscribeOptions> = {},
): Subscription {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const contexts: PartitionContext[] = [];
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) {
      watcher();
    }
  };
  const running = consumer.subscribe(
    partitionId,
    {
      processEvents: async (batch, context) => {
        events.push(...batch);
        contexts.push(context);
        notify();
      },
      processError: async (error) => {
        errors.push(error);
        notify();
      },
    },
    {
      startPosition: earliestEventPosition,
      maxWaitTimeInSeconds: 1,
      skipParsingBodyAsJson: true,
      ...options,
    },
  );
  const subscription: Subscription = {
    events,
    errors,
    contexts,
    until: (condition) =>
      new Promise((resolve) => {
        const watcher = () => {
          if (condition(subscription)) {
            watchers.delete(watcher);
            resolve();
          }
        };
        watchers.add(watcher);
        watcher();
      }),
    close: () => closeInTime(running),
  };
  onTestFinished(() => closeInTime(running));
  return subscription;
}

/** Resolves with the first `count` events. */
export async function take(subscription: Subscription, count: number): Promise<readonly ReceivedEventData[]> {
  await subscription.until(({ events, errors }) => {
    if (errors[0] !== undefined) {
      throw errors[0];
    }
    return events.length >= count;
  });
  return subscription.events.slice(0, count);
}

/** Resolves with the first error; of several tries that failed, the first. */
export async function firstError(subscription: Subscription): Promise<Error & { code?: string }> {
  await subscription.until(({ errors }) => errors.length > 0);
  const error = subscription.errors[0];
  return error instanceof AggregateError ? error.errors[0] : (error ?? new Error("unreachable"));
}

export function textsOf(events: readonly ReceivedEventData[]): string[] {
  return events.map(({ body }) => String(body));
}

export function bodiesOf(...texts: string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}
