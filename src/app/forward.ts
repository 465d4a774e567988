import { BlobOwnership } from "../connector/checkpoint/ownership-records.ts";
import { BlobPositions } from "../connector/checkpoint/positions.ts";
import { ensureContainer, openContainer } from "../connector/checkpoint/store.ts";
import type { PipelineObserver, StartPosition } from "../connector/contract.ts";
import { accessTo } from "../connector/hub/amqp/access.ts";
import { HUB_DEFAULTS, HubConsumer } from "../connector/hub/consumer.ts";
import { PIPELINE_DEFAULTS, Pipeline } from "../connector/pipeline.ts";
import { systemClock } from "../kernel/clock.ts";
import { openEndpoints } from "./endpoints.ts";
import { inFlightLimits } from "./in-flight.ts";
import type { TriggerContext } from "./run-trigger.ts";
import { openDeadLetterStore, openIntake, pipelineSettings } from "./wiring.ts";

/** How long a partition stays ours without a renewal, and how often it is renewed. */
export type Leases = {
  readonly ownershipExpiryMs: number;
  readonly ownershipUpdateMs: number;
  /** How often tokens are renewed; left out: as long as they last. */
  readonly tokenRenewMs?: number;
  /** How often the hub is asked whether it has new partitions; left out: every minute. */
  readonly describeEveryMs?: number;
};

/** The trigger "Consume Eventhub messages": gives the platform's settings to the connector's rooms, and its news back. */
export async function consumeEventhub(context: TriggerContext, leases: Leases = HUB_DEFAULTS): Promise<void> {
  const { logger, limits } = context;
  const settings = context.arguments;
  const forwarding = pipelineSettings(context);
  const endpoints = await openEndpoints(context);
  const container = openContainer(endpoints.storage);
  await ensureContainer(container);
  const observer = observe(context);
  const intake = openIntake(context, {
    failing: (sinceMs, cause) => observer.intakeFailing(sinceMs, cause),
    answered: (answer) => context.metrics.ledger.answered(answer),
  });
  const access = accessTo(endpoints.hub, () => systemClock.now());
  const names = {
    namespace: access.namespace,
    hubName: access.hubName,
    consumerGroup: settings.hub_consumer_group,
  };
  const positions = new BlobPositions(names, { container, logger });
  const ownership = new BlobOwnership(names, { container, clock: systemClock, logger });
  const hub = new HubConsumer(
    {
      ...HUB_DEFAULTS,
      ...leases,
      consumerGroup: settings.hub_consumer_group,
      startPosition: readStartPosition(settings.start_position),
      onInvalidCheckpoint: settings.on_invalid_checkpoint,
      userAgent: context.userAgent,
      maxEventsPerPartition: Math.max(
        inFlightLimits(limits.inFlightMib).eventsPerPartition,
        4 * forwarding.chunkSize,
      ),
    },
    {
      access,
      ownership,
      positions,
      clock: systemClock,
      random: Math.random,
      logger,
      events: {
        failing: (sinceMs, isStuck) => {
          context.health.failing("hub", sinceMs);
          context.health.stuck(isStuck ? sinceMs : null);
        },
        rebuilt: (partitionId) => context.metrics.rebuilt(partitionId),
        positionLost: (partitionId) => pipeline.positionLost(partitionId),
        positionInvalid: (partitionId) => pipeline.positionInvalid(partitionId),
      },
    },
  );
  const deadLetters = openDeadLetterStore(context, endpoints.storage);
  const pipeline = new Pipeline(
    {
      ...forwarding,
      chunkMaxAgeMs: Math.min(PIPELINE_DEFAULTS.chunkMaxAgeMs, limits.frequencyMaxSeconds * 1000),
    },
    { hub, intake, checkpoint: positions, deadLetters, observer, clock: systemClock, logger },
  );
  context.metrics.ledger.follow(() => pipeline.report());
  try {
    await pipeline.run(context.signal);
  } finally {
    intake.close();
  }
}

function readStartPosition(text: string): StartPosition {
  if (text === "earliest" || text === "latest") {
    return { kind: text };
  }
  return { kind: "time", enqueuedAtMs: Date.parse(text) };
}

/** Turns the pipeline's news into metrics and health. */
function observe({ metrics, statistics, health }: TriggerContext): PipelineObserver {
  return {
    partitionOpened(partitionId) {
      metrics.partitionOpened(partitionId);
      statistics.partitionOpened(partitionId);
      health.loopStarted(partitionId);
    },
    partitionClosed(partitionId) {
      metrics.partitionClosed(partitionId);
      statistics.partitionClosed(partitionId);
      health.loopEnded(partitionId);
    },
    received(partitionId, events, records, newestEnqueuedAtMs) {
      metrics.received(partitionId, events, newestEnqueuedAtMs);
      statistics.received(partitionId, records);
    },
    settled(partitionId, outcome, records) {
      metrics.settled(partitionId, outcome, records);
      statistics.settled(partitionId, outcome, records);
      if (outcome === "forwarded") {
        health.eventsForwarded();
      }
    },
    delivered(answer) {
      metrics.delivered(answer.durationMs);
      statistics.answered(answer.status, answer.durationMs);
    },
    checkpointed: (partitionId, position) => metrics.checkpointed(partitionId, position.sequenceNumber),
    lag(partitionId, events) {
      metrics.lag(partitionId, events);
      statistics.lag(partitionId, events);
    },
    intakeFailing(sinceMs) {
      metrics.intakeFailing(sinceMs);
      statistics.intakeFailing(sinceMs);
      health.failing("intake", sinceMs);
    },
    storageFailing(sinceMs) {
      metrics.storageFailing(sinceMs);
      health.failing("storage", sinceMs);
    },
    heartbeat: (partitionId) => health.heartbeat(partitionId),
  };
}
