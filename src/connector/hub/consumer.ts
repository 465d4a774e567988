import { randomUUID } from "node:crypto";
import type { Checkpoint, CheckpointStore } from "@azure/event-hubs";
import { type Clock, endsWithin, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import type {
  CheckpointPort,
  HubPort,
  PartitionEnd,
  PartitionReader,
  Position,
  ReceiveBudget,
  StartPosition,
} from "../contract.ts";
import { type HubAccess, partitionAddress } from "./amqp/access.ts";
import { CreditPolicy } from "./amqp/credit.ts";
import { type Dialer, dialerTo } from "./amqp/dialer.ts";
import type { HubFault } from "./amqp/faults.ts";
import { HubManagement } from "./amqp/management.ts";
import { RHEA_HOOKS, testHooks } from "./amqp/self-test.ts";
import { CheckpointInvalid, explainHubError } from "./errors.ts";
import { Balancer } from "./ownership/balancer.ts";
import { PartitionPump } from "./pump.ts";
import { Watchdog } from "./watchdog.ts";

export type HubSettings = {
  readonly consumerGroup: string;
  readonly startPosition: StartPosition;
  /** What to do about a checkpoint that the hub does not know. */
  readonly onInvalidCheckpoint: "earliest" | "latest" | "fail";
  readonly userAgent: string;
  readonly ownershipUpdateMs: number;
  readonly ownershipExpiryMs: number;
  /** Events of a partition that are granted or received, and not settled. */
  readonly maxEventsPerPartition: number;
  readonly lookEveryMs: number;
  readonly tokenRenewMs?: number;
};

export const HUB_DEFAULTS = {
  ownershipUpdateMs: 10_000,
  ownershipExpiryMs: 60_000,
  maxEventsPerPartition: 10_000,
  lookEveryMs: 10_000,
} as const;

export type HubEvents = {
  /** `null` when the hub can be read again. */
  failing(sinceMs: number | null): void;
  /** A link or the connection was opened anew because a partition stood still. */
  rebuilt(partitionId: string): void;
  /** The partition is still ours, but its records in the store were deleted: the position must be written anew. */
  positionLost(partitionId: string): void;
  /** The hub does not know the position; reading goes on at another one, which may be lower. */
  positionInvalid(partitionId: string): void;
};

const START_RETRY_MS = 5000;
const ALIVE_EVERY_MS = 2000;
const RELEASE_MS = 3000;
const LOG_EVERY_MS = 60_000;
/** All present clients of the service that balance use this owner level, so that each may replace the other. */
const OWNER_LEVEL = 0;

type Reading = { readonly pump: PartitionPump; readonly watchdog: Watchdog };
type Open = (partitionId: string, from: Position | StartPosition) => PartitionReader;

/** Reads the partitions that are ours by one connection, and keeps what is ours. Also writes the checkpoints. */
export class HubConsumer implements HubPort, CheckpointPort {
  readonly #settings: HubSettings;
  readonly #access: HubAccess;
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #events: HubEvents;
  readonly #hooks: typeof RHEA_HOOKS;
  readonly #identifier = `eventhub-intake-${randomUUID()}`;
  readonly #management: HubManagement;
  readonly #readings = new Map<string, Reading>();
  readonly #stop = new AbortController();
  readonly #logThrottle: LogThrottle;
  #balancer: Balancer | undefined;
  #dialer: Dialer | undefined;
  #failingSinceMs: number | null = null;

  /** @param hooks What is used of rhea's inside; an argument for the test of the fallback. */
  constructor(
    settings: HubSettings,
    access: HubAccess,
    store: CheckpointStore,
    clock: Clock,
    random: () => number,
    logger: Logger,
    events: HubEvents,
    hooks: typeof RHEA_HOOKS = RHEA_HOOKS,
  ) {
    this.#settings = settings;
    this.#access = access;
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#logThrottle = new LogThrottle(clock, LOG_EVERY_MS);
    this.#events = events;
    this.#hooks = hooks;
    this.#management = new HubManagement(access.openClient(settings.consumerGroup), clock);
  }

  owns(partitionId: string): boolean {
    return this.#balancer?.owns(partitionId) ?? false;
  }

  async write(partitionId: string, { offset, sequenceNumber }: Position): Promise<void> {
    await this.#store.updateCheckpoint({
      fullyQualifiedNamespace: this.#management.namespace,
      eventHubName: this.#management.hubName,
      consumerGroup: this.#settings.consumerGroup,
      partitionId,
      offset,
      sequenceNumber,
    });
  }

  async start(open: Open, budget: ReceiveBudget, fail: (error: unknown) => void): Promise<void> {
    const partitionIds = await this.#partitionIds();
    if (this.#stop.signal.aborted) return;
    this.#dialer = this.#createDialer(budget, fail);
    this.#balancer = new Balancer(
      this.#store,
      {
        namespace: this.#management.namespace,
        hubName: this.#management.hubName,
        consumerGroup: this.#settings.consumerGroup,
        ownerId: this.#identifier,
        updateMs: this.#settings.ownershipUpdateMs,
        expiryMs: this.#settings.ownershipExpiryMs,
      },
      this.#clock,
      this.#random,
      this.#logger,
      {
        claimed: (partitionId, checkpoint) => this.#begin(partitionId, checkpoint, open, fail),
        lost: (partitionId) => this.#end(partitionId),
        recordLost: (partitionId) => this.#events.positionLost(partitionId),
      },
    );
    this.#balancer.start(partitionIds);
    this.#repeat(this.#settings.lookEveryMs, () => this.#look());
    this.#repeat(ALIVE_EVERY_MS, async () => {
      for (const { pump } of this.#readings.values()) if (pump.isOpen) pump.reader.alive();
    });
  }

  pause(): void {
    this.#stop.abort(new Error("reading stops"));
    for (const { pump } of this.#readings.values()) pump.stop();
  }

  async release(): Promise<void> {
    const released = Promise.all([
      this.#balancer?.release(),
      this.#dialer?.close(),
      this.#management.close(),
    ]).catch((thrown: unknown) => {
      this.#logger.log(
        "warning",
        `ownership could not be given back; it expires by itself: ${messageOf(thrown)}`,
      );
    });
    await endsWithin(this.#clock, RELEASE_MS, released);
    this.#readings.clear();
  }

  #createDialer(budget: ReceiveBudget, fail: (error: unknown) => void): Dialer {
    const fault = testHooks(this.#hooks);
    if (fault !== undefined) {
      this.#logger.log(
        "warning",
        `reading falls back to the slower way, since the self-test failed: ${fault}`,
      );
    }
    const { tokenRenewMs, userAgent, maxEventsPerPartition } = this.#settings;
    const frameReading = fault === undefined ? "own" : "rhea";
    return dialerTo(
      this.#access,
      { frameReading, tokenRenewMs, userAgent },
      {
        budget,
        credit: new CreditPolicy(budget, maxEventsPerPartition),
        clock: this.#clock,
        claimFailed: (error) => this.#tell("claim", explainHubError(error).message, {}),
        crashed: fail,
      },
      this.#random,
      (thrown) => this.#hubFails(thrown),
    );
  }

  #begin(
    partitionId: string,
    checkpoint: Checkpoint | undefined,
    open: Open,
    fail: (error: unknown) => void,
  ): void {
    if (this.#stop.signal.aborted || this.#dialer === undefined) return;
    const from: Position | StartPosition =
      checkpoint === undefined
        ? this.#settings.startPosition
        : { offset: checkpoint.offset, sequenceNumber: checkpoint.sequenceNumber };
    const dialer = this.#dialer;
    const pump = new PartitionPump(partitionId, open(partitionId, from), from, {
      connect: (signal) => dialer.connect(signal),
      source: {
        address: partitionAddress(this.#access, this.#settings.consumerGroup, partitionId),
        identifier: this.#identifier,
        ownerLevel: OWNER_LEVEL,
      },
      clock: this.#clock,
      random: this.#random,
      opened: () => this.#hubWorks(),
      failed: (fault) => this.#hubFails(fault, partitionId),
      stolen: (fault) => {
        this.#tell(
          `stolen ${partitionId}`,
          `another reader has taken partition ${partitionId}: ${fault.message}`,
          {
            code: "OWNERSHIP_LOST",
            partition: partitionId,
          },
        );
        this.#balancer?.forfeit(partitionId);
      },
      recover: (position, fault) => this.#recover(partitionId, position, fault),
      crashed: fail,
    });
    this.#readings.set(partitionId, { pump, watchdog: new Watchdog() });
  }

  #end(partitionId: string): void {
    const pump = this.#readings.get(partitionId)?.pump;
    this.#readings.delete(partitionId);
    pump?.stop();
    if (this.#stop.signal.aborted) return;
    pump?.reader.close();
    this.#logger.log("info", `partition ${partitionId} is another consumer's now`, {
      partition: partitionId,
    });
  }

  /** The hub refuses a checkpoint: it was made anew, or the checkpoint is another hub's. */
  async #recover(partitionId: string, position: Position, fault: HubFault): Promise<StartPosition> {
    const end = await this.#management.partitionEnd(partitionId).catch(() => undefined);
    const { onInvalidCheckpoint } = this.#settings;
    const account = `the hub does not know the checkpoint of partition ${partitionId}, sequence number ${position.sequenceNumber}: ${describeEnd(position, end)} (${fault.message})`;
    const fields = {
      code: "CHECKPOINT_INVALID",
      partition: partitionId,
      sequenceNumber: position.sequenceNumber,
    };
    if (onInvalidCheckpoint === "fail") {
      throw new CheckpointInvalid(
        `${account}; set on_invalid_checkpoint to earliest or latest, or delete the checkpoint`,
      );
    }
    this.#logger.log("critical", `${account}; reading starts at the ${onInvalidCheckpoint} event`, fields);
    this.#events.positionInvalid(partitionId);
    return { kind: onInvalidCheckpoint };
  }

  async #partitionIds(): Promise<string[]> {
    for (;;) {
      try {
        const partitionIds = await this.#management.partitionIds(this.#stop.signal);
        this.#hubWorks();
        return partitionIds;
      } catch (thrown) {
        if (this.#stop.signal.aborted) return [];
        this.#hubFails(thrown);
        await sleep(this.#clock, START_RETRY_MS, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  /** Asks the hub how far each partition goes: for the lag, and for the watchdog. */
  async #look(): Promise<void> {
    for (const [partitionId, reading] of this.#readings) {
      const end = await this.#management.partitionEnd(partitionId).catch(() => undefined);
      if (end === undefined || this.#stop.signal.aborted) continue;
      if (this.#readings.get(partitionId) !== reading) continue;
      reading.pump.reader.observeEnd(end);
      this.#watch(partitionId, reading, end);
    }
  }

  #watch(partitionId: string, { pump, watchdog }: Reading, end: PartitionEnd): void {
    const { after } = pump;
    // A start at the newest event, or at a time, may have nothing to send for good.
    if ("kind" in after && after.kind !== "earliest") return;
    const advice = watchdog.look({
      receivedSequenceNumber: "sequenceNumber" in after ? after.sequenceNumber : -1,
      lastSequenceNumber: end.lastSequenceNumber,
      hasCredit: pump.outstandingEvents > 0,
    });
    if (advice === "fine") return;
    const fields = { partition: partitionId, lastSequenceNumber: end.lastSequenceNumber };
    if (advice === "stuck") {
      this.#failing();
      this.#tell(
        `stuck ${partitionId}`,
        `partition ${partitionId} stands still, and a new connection did not help`,
        fields,
      );
      return;
    }
    this.#logger.log(
      "warning",
      `partition ${partitionId} stands still although the hub holds newer events: ${advice}`,
      fields,
    );
    this.#events.rebuilt(partitionId);
    if (advice === "relink") pump.restart();
    else pump.reconnect(`partition ${partitionId} stands still`);
  }

  /** Runs a task again and again, `everyMs` after it ended, until the stop. A failure shows elsewhere. */
  #repeat(everyMs: number, task: () => Promise<void>): void {
    const { signal } = this.#stop;
    const run = async () => {
      while (!signal.aborted) {
        await task();
        await sleep(this.#clock, everyMs, signal).catch(() => undefined);
      }
    };
    run().catch((thrown: unknown) => this.#tell("repeat", messageOf(thrown), {}));
  }

  #hubFails(thrown: unknown, partitionId?: string): void {
    if (this.#stop.signal.aborted) return;
    const error = explainHubError(thrown);
    this.#failing();
    const fields = { code: error.code, ...(partitionId === undefined ? {} : { partition: partitionId }) };
    this.#tell(error.message, error.message, fields, error.code === "HUB_REFUSED" ? "critical" : "warning");
  }

  #failing(): void {
    this.#failingSinceMs ??= this.#clock.now();
    this.#events.failing(this.#failingSinceMs);
  }

  #hubWorks(): void {
    if (this.#failingSinceMs === null) return;
    this.#logger.log("info", "the hub can be read again", {
      failedForMs: this.#clock.now() - this.#failingSinceMs,
    });
    this.#failingSinceMs = null;
    this.#events.failing(null);
  }

  /** Logs one line of a kind a minute: many partitions often fail for one reason. */
  #tell(
    kind: string,
    message: string,
    fields: Parameters<Logger["log"]>[2],
    level: "warning" | "critical" = "warning",
  ): void {
    if (this.#logThrottle.isDue(kind)) this.#logger.log(level, message, fields);
  }
}

function describeEnd({ sequenceNumber }: Position, end: PartitionEnd | undefined): string {
  if (end === undefined) return "what it holds could not be asked";
  const { firstSequenceNumber, lastSequenceNumber } = end;
  if (lastSequenceNumber < sequenceNumber) {
    return `it holds ${firstSequenceNumber} to ${lastSequenceNumber}, so it was created anew or is another hub`;
  }
  const missing = firstSequenceNumber - sequenceNumber - 1;
  return `it holds ${firstSequenceNumber} to ${lastSequenceNumber}; ${Math.max(0, missing)} events in between are gone`;
}
