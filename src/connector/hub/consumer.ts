import { randomUUID } from "node:crypto";
import { type Clock, endsWithin, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import type {
  HubPort,
  OwnershipStore,
  PartitionReader,
  Position,
  PositionStore,
  ReceiveBudget,
  StartPosition,
} from "../contract.ts";
import { type HubAccess, partitionAddress } from "./amqp/access.ts";
import { CreditPolicy } from "./amqp/credit.ts";
import { type Dialer, dialerTo } from "./amqp/dialer.ts";
import { HubFault } from "./amqp/faults.ts";
import { HubManagement } from "./amqp/management.ts";
import type { LinkSource } from "./amqp/open-link.ts";
import { explainHubError } from "./errors.ts";
import { HubHealth } from "./hub-health.ts";
import { HubWatch } from "./hub-watch.ts";
import { Balancer } from "./ownership/balancer.ts";
import { PartitionPump } from "./pump.ts";
import { type Reading, ReadingWatch } from "./reading-watch.ts";
import { StartFinder, type StartSettings } from "./start-finder.ts";
import { endReader } from "./takeover.ts";
import { Watchdog } from "./watchdog.ts";

export type HubSettings = StartSettings & {
  readonly consumerGroup: string;
  readonly userAgent: string;
  readonly ownershipUpdateMs: number;
  readonly ownershipExpiryMs: number;
  /** Events of a partition that are granted or received, and not settled. */
  readonly maxEventsPerPartition: number;
  readonly lookEveryMs: number;
  /** How often the hub is asked whether it has new partitions, or was recreated. */
  readonly describeEveryMs: number;
  readonly tokenRenewMs?: number;
};

export const HUB_DEFAULTS = {
  ownershipUpdateMs: 10_000,
  ownershipExpiryMs: 60_000,
  maxEventsPerPartition: 10_000,
  lookEveryMs: 10_000,
  describeEveryMs: 60_000,
} as const;

export type HubEvents = {
  /**
   * @param sinceMs `null` when the hub can be read again.
   * @param isStuck Links and the connection were reopened, and it did not help.
   */
  failing(sinceMs: number | null, isStuck: boolean): void;
  /** A link or the connection was reopened because a partition stood still. */
  rebuilt(partitionId: string): void;
  /** The partition is still ours, but its records in the store were deleted: the position must be rewritten. */
  positionLost(partitionId: string): void;
  /** The hub does not know the position; reading goes on at another one, which may be lower. */
  positionInvalid(partitionId: string): void;
};

const ALIVE_EVERY_MS = 2000;
const RELEASE_MS = 3000;
/** All present clients of the service that balance use this owner level, so that each may replace the other. */
const OWNER_LEVEL = 0;

type Open = (partitionId: string, from: Position | StartPosition) => PartitionReader;

export type HubPorts = {
  readonly access: HubAccess;
  readonly ownership: OwnershipStore;
  readonly positions: PositionStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly events: HubEvents;
};

/** Reads the partitions that are ours by one connection, and keeps what is ours. */
export class HubConsumer implements HubPort {
  readonly #settings: HubSettings;
  readonly #ports: HubPorts;
  readonly #identifier = `eventhub-intake-${randomUUID()}`;
  readonly #management: HubManagement;
  readonly #hub: HubWatch;
  readonly #starts: StartFinder;
  readonly #readings = new Map<string, Reading>();
  /** Ends what is done for each partition of ours, when it is ours no longer. */
  readonly #lost = new Map<string, AbortController>();
  /** Partitions that the hub got while we read. */
  readonly #added = new Set<string>();
  readonly #stop = new AbortController();
  readonly #health: HubHealth;
  #balancer: Balancer | undefined;
  #dialer: Dialer | undefined;
  /** The last event of each partition when the balancer asked last. */
  #readUpTo = "";

  constructor(settings: HubSettings, ports: HubPorts) {
    const { access, positions, clock, logger, events } = ports;
    this.#settings = settings;
    this.#ports = ports;
    this.#health = new HubHealth({
      clock,
      logger,
      stop: this.#stop.signal,
      failing: (sinceMs, isStuck) => events.failing(sinceMs, isStuck),
      recovered: () => {
        // It may have been away because it was deleted and recreated.
        if (this.#balancer !== undefined) {
          void this.#lookAtHub();
        }
      },
    });
    this.#management = new HubManagement(access.openClient(settings.consumerGroup), clock);
    this.#hub = new HubWatch(
      {
        clock,
        describe: (signal) => this.#management.hub(signal),
        answered: () => this.#health.works(),
        failed: (thrown) => this.#health.fails(thrown),
      },
      this.#stop.signal,
    );
    this.#starts = new StartFinder(settings, {
      positions,
      clock,
      logger,
      hubCreatedAtMs: () => this.#hub.createdAtMs,
      lookAtHub: () => this.#lookAtHub(),
      partitionEnd: (partitionId) => this.#management.partitionEnd(partitionId),
      newest: (partitionId) => this.#management.newest(partitionId),
      hubFailed: (thrown, partitionId) => this.#health.fails(thrown, partitionId),
      storeFailed: (thrown, partitionId) =>
        this.#health.tell(
          "start",
          `partition ${partitionId} waits for the storage that holds its checkpoint: ${messageOf(thrown)}`,
          { code: "STORAGE_UNREACHABLE", partition: partitionId },
        ),
    });
  }

  owns(partitionId: string): boolean {
    return this.#balancer?.owns(partitionId) ?? false;
  }

  async start(open: Open, budget: ReceiveBudget, fail: (error: unknown) => void): Promise<void> {
    const partitionIds = await this.#hub.start();
    if (partitionIds === undefined) {
      return;
    }
    this.#dialer = this.#createDialer(budget, fail);
    const { ownership, clock, random, logger, events } = this.#ports;
    const { ownershipUpdateMs: updateMs, ownershipExpiryMs: expiryMs } = this.#settings;
    this.#balancer = new Balancer(
      { ownerId: this.#identifier, updateMs, expiryMs },
      {
        store: ownership,
        clock,
        random,
        logger,
        claimed: (partitionId, isTakenOver) => this.#claimed(partitionId, isTakenOver, open, fail),
        lost: (partitionId) => this.#end(partitionId),
        recordLost: (partitionId) => events.positionLost(partitionId),
        hasReadMore: () => this.#hasReadMore(),
      },
    );
    const watch = new ReadingWatch({
      health: this.#health,
      logger,
      stop: this.#stop.signal,
      partitionEnd: (partitionId) => this.#management.partitionEnd(partitionId),
      isWaiting: () => budget.isFull,
      rebuilt: (partitionId) => events.rebuilt(partitionId),
    });
    this.#balancer.start(partitionIds);
    this.#repeat(this.#settings.lookEveryMs, () => watch.look(this.#readings));
    this.#repeat(this.#settings.describeEveryMs, () => this.#lookAtHub());
    this.#repeat(ALIVE_EVERY_MS, async () => {
      for (const { pump } of this.#readings.values()) {
        if (pump.isOpen) {
          pump.reader.alive();
        }
      }
    });
  }

  pause(): void {
    this.#stop.abort(new Error("reading stops"));
    for (const { pump } of this.#readings.values()) {
      pump.stop();
    }
  }

  async release(): Promise<void> {
    const released = Promise.all([
      this.#balancer?.release(),
      this.#dialer?.close(),
      this.#management.close(),
    ]).catch((thrown: unknown) => {
      this.#ports.logger.log(
        "warning",
        `ownership could not be released; it will expire: ${messageOf(thrown)}`,
      );
    });
    await endsWithin(this.#ports.clock, RELEASE_MS, released);
    this.#readings.clear();
  }

  #createDialer(budget: ReceiveBudget, fail: (error: unknown) => void): Dialer {
    const { tokenRenewMs, userAgent, maxEventsPerPartition } = this.#settings;
    return dialerTo(
      this.#ports.access,
      { tokenRenewMs, userAgent },
      {
        budget,
        credit: new CreditPolicy(budget, maxEventsPerPartition),
        clock: this.#ports.clock,
        claimFailed: (error) => this.#health.tell("claim", explainHubError(error).message, {}),
        crashed: fail,
      },
      this.#ports.random,
      (thrown) => this.#health.fails(thrown),
    );
  }

  #hasReadMore(): boolean {
    const before = this.#readUpTo;
    this.#readUpTo = [...this.#readings.values()]
      .map(({ pump }) => ("sequenceNumber" in pump.after ? pump.after.sequenceNumber : -1))
      .join();
    return this.#readUpTo !== before;
  }

  /** Finds the position first; the partition may be lost again before it is found. */
  #claimed(partitionId: string, isTakenOver: boolean, open: Open, fail: (error: unknown) => void): void {
    const lost = new AbortController();
    this.#lost.get(partitionId)?.abort(new Error("the partition was claimed again"));
    this.#lost.set(partitionId, lost);
    const signal = AbortSignal.any([this.#stop.signal, lost.signal]);
    const readerEnded = isTakenOver ? this.#endReader(partitionId, signal) : Promise.resolve();
    readerEnded
      .then(() => this.#starts.find(partitionId, this.#added.has(partitionId), signal))
      .then((from) => {
        if (!signal.aborted) {
          this.#begin(partitionId, from, signal, open, fail);
        }
      })
      .catch((thrown: unknown) => {
        if (!signal.aborted) {
          fail(thrown);
        }
      });
  }

  async #endReader(partitionId: string, signal: AbortSignal): Promise<void> {
    const dialer = this.#dialer;
    if (dialer === undefined) {
      return;
    }
    const connect = (aborted: AbortSignal) => dialer.connect(aborted);
    const ports = { connect, positions: this.#ports.positions, clock: this.#ports.clock };
    await endReader(partitionId, this.#sourceOf(partitionId), ports, signal);
  }

  #sourceOf(partitionId: string): Omit<LinkSource, "after"> {
    return {
      address: partitionAddress(this.#ports.access, this.#settings.consumerGroup, partitionId),
      identifier: this.#identifier,
      ownerLevel: OWNER_LEVEL,
    };
  }

  #begin(
    partitionId: string,
    from: Position | StartPosition,
    signal: AbortSignal,
    open: Open,
    fail: (error: unknown) => void,
  ): void {
    const dialer = this.#dialer;
    if (dialer === undefined) {
      return;
    }
    const pump = new PartitionPump(partitionId, open(partitionId, from), from, {
      connect: (signal) => dialer.connect(signal),
      source: this.#sourceOf(partitionId),
      clock: this.#ports.clock,
      random: this.#ports.random,
      opened: () => this.#health.works(),
      failed: (fault) => this.#health.fails(fault, partitionId),
      stolen: (fault) => {
        this.#health.tell(
          `stolen ${partitionId}`,
          `another reader has taken partition ${partitionId}: ${fault.message}`,
          {
            code: "OWNERSHIP_LOST",
            partition: partitionId,
          },
        );
        this.#balancer?.forfeit(partitionId);
      },
      recover: async (position, fault) => {
        // First of all, so that no position of the old hub is stored as one of the new.
        this.#ports.events.positionInvalid(partitionId);
        await this.#lookAtHub();
        return this.#starts.replace(partitionId, position, fault.message, signal);
      },
      crashed: fail,
    });
    this.#readings.set(partitionId, { pump, watchdog: new Watchdog() });
  }

  #end(partitionId: string): void {
    this.#lost.get(partitionId)?.abort(new Error("the partition was lost"));
    this.#lost.delete(partitionId);
    const pump = this.#readings.get(partitionId)?.pump;
    this.#readings.delete(partitionId);
    pump?.stop();
    if (this.#stop.signal.aborted) {
      return;
    }
    pump?.reader.close();
    this.#ports.logger.log("info", `partition ${partitionId} now belongs to another consumer`, {
      partition: partitionId,
    });
  }

  /** Looks for partitions that were added, and whether this is still the hub that it was. */
  async #lookAtHub(): Promise<void> {
    const change = await this.#hub.look();
    if (change === undefined) {
      return;
    }
    for (const partitionId of change.added) {
      this.#added.add(partitionId);
      this.#ports.logger.log(
        "info",
        `the hub has a new partition ${partitionId}; it is read from its first event`,
        {
          partition: partitionId,
        },
      );
    }
    this.#balancer?.setPartitions(change.partitionIds);
    if (change.isRecreated) {
      const created = new Date(this.#hub.createdAtMs ?? 0).toISOString();
      const fault = new HubFault("recreated", `the hub was recreated at ${created}`);
      for (const { pump } of this.#readings.values()) {
        pump.invalidate(fault);
      }
    }
  }

  /** Runs a task again and again, `everyMs` after it ended, until the stop. A failure shows elsewhere. */
  #repeat(everyMs: number, task: () => Promise<void>): void {
    const { signal } = this.#stop;
    const run = async () => {
      while (!signal.aborted) {
        await task();
        await sleep(this.#ports.clock, everyMs, signal).catch(() => undefined);
      }
    };
    run().catch((thrown: unknown) => this.#health.tell("repeat", messageOf(thrown), {}));
  }
}
