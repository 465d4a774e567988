import { randomUUID } from "node:crypto";
import { type Clock, endsWithin, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import type {
  HubPort,
  OwnershipStore,
  PartitionEnd,
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
import { HubWatch } from "./hub-watch.ts";
import { Balancer } from "./ownership/balancer.ts";
import { PartitionPump } from "./pump.ts";
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
const LOG_EVERY_MS = 60_000;
/** All present clients of the service that balance use this owner level, so that each may replace the other. */
const OWNER_LEVEL = 0;

type Reading = { readonly pump: PartitionPump; readonly watchdog: Watchdog };
type Open = (partitionId: string, from: Position | StartPosition) => PartitionReader;

export type HubStores = {
  readonly ownership: OwnershipStore;
  readonly positions: PositionStore;
};

/** Reads the partitions that are ours by one connection, and keeps what is ours. */
export class HubConsumer implements HubPort {
  readonly #settings: HubSettings;
  readonly #access: HubAccess;
  readonly #stores: HubStores;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #events: HubEvents;
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
  readonly #logThrottle: LogThrottle;
  #balancer: Balancer | undefined;
  #dialer: Dialer | undefined;
  #failingSinceMs: number | null = null;
  /** The last event of each partition when the balancer asked last. */
  #readUpTo = "";

  constructor(
    settings: HubSettings,
    access: HubAccess,
    stores: HubStores,
    clock: Clock,
    random: () => number,
    logger: Logger,
    events: HubEvents,
  ) {
    this.#settings = settings;
    this.#access = access;
    this.#stores = stores;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#logThrottle = new LogThrottle(clock, LOG_EVERY_MS);
    this.#events = events;
    this.#management = new HubManagement(access.openClient(settings.consumerGroup), clock);
    this.#hub = new HubWatch(
      {
        clock,
        describe: (signal) => this.#management.hub(signal),
        answered: () => this.#hubWorks(),
        failed: (thrown) => this.#hubFails(thrown),
      },
      this.#stop.signal,
    );
    this.#starts = new StartFinder(settings, {
      positions: stores.positions,
      clock,
      logger,
      hubCreatedAtMs: () => this.#hub.createdAtMs,
      lookAtHub: () => this.#lookAtHub(),
      partitionEnd: (partitionId) => this.#management.partitionEnd(partitionId),
      newest: (partitionId) => this.#management.newest(partitionId),
      hubFailed: (thrown, partitionId) => this.#hubFails(thrown, partitionId),
      storeFailed: (thrown, partitionId) =>
        this.#tell(
          "start",
          `partition ${partitionId} waits for the storage, which holds its position: ${messageOf(thrown)}`,
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
    this.#balancer = new Balancer(
      this.#stores.ownership,
      {
        ownerId: this.#identifier,
        updateMs: this.#settings.ownershipUpdateMs,
        expiryMs: this.#settings.ownershipExpiryMs,
      },
      this.#clock,
      this.#random,
      this.#logger,
      {
        claimed: (partitionId, isTakenOver) => this.#claimed(partitionId, isTakenOver, open, fail),
        lost: (partitionId) => this.#end(partitionId),
        recordLost: (partitionId) => this.#events.positionLost(partitionId),
        hasReadMore: () => this.#hasReadMore(),
      },
    );
    this.#balancer.start(partitionIds);
    this.#repeat(this.#settings.lookEveryMs, () => this.#look(budget));
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
      this.#logger.log(
        "warning",
        `ownership could not be given back; it expires by itself: ${messageOf(thrown)}`,
      );
    });
    await endsWithin(this.#clock, RELEASE_MS, released);
    this.#readings.clear();
  }

  #createDialer(budget: ReceiveBudget, fail: (error: unknown) => void): Dialer {
    const { tokenRenewMs, userAgent, maxEventsPerPartition } = this.#settings;
    return dialerTo(
      this.#access,
      { tokenRenewMs, userAgent },
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
    const ports = { connect, positions: this.#stores.positions, clock: this.#clock };
    await endReader(partitionId, this.#sourceOf(partitionId), ports, signal);
  }

  #sourceOf(partitionId: string): Omit<LinkSource, "after"> {
    return {
      address: partitionAddress(this.#access, this.#settings.consumerGroup, partitionId),
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
      recover: async (position, fault) => {
        // First of all, so that no position of the old hub is stored as one of the new.
        this.#events.positionInvalid(partitionId);
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
    this.#logger.log("info", `partition ${partitionId} is another consumer's now`, {
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
      this.#logger.log(
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

  /** Asks the hub how far each partition goes: for the lag, and for the watchdog. */
  async #look(budget: ReceiveBudget): Promise<void> {
    for (const [partitionId, reading] of this.#readings) {
      const end = await this.#management.partitionEnd(partitionId).catch(() => undefined);
      if (end === undefined || this.#stop.signal.aborted) {
        continue;
      }
      if (this.#readings.get(partitionId) !== reading) {
        continue;
      }
      reading.pump.reader.observeEnd(end);
      // While receiving waits, nothing stands still that could go on.
      if (!budget.isFull) {
        this.#watch(partitionId, reading, end);
      }
    }
  }

  #watch(partitionId: string, { pump, watchdog }: Reading, end: PartitionEnd): void {
    const { after } = pump;
    // A start at the newest event, or at a time, may have nothing to send for good.
    if ("kind" in after && after.kind !== "earliest") {
      return;
    }
    const advice = watchdog.look({
      receivedSequenceNumber: "sequenceNumber" in after ? after.sequenceNumber : -1,
      lastSequenceNumber: end.lastSequenceNumber,
      hasCredit: pump.outstandingEvents > 0,
    });
    if (advice === "fine") {
      return;
    }
    const fields = { partition: partitionId, lastSequenceNumber: end.lastSequenceNumber };
    if (advice === "stuck") {
      this.#failing(true);
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
    if (advice === "relink") {
      pump.restart();
    } else {
      pump.reconnect(`partition ${partitionId} stands still`);
    }
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
    if (this.#stop.signal.aborted) {
      return;
    }
    const error = explainHubError(thrown);
    this.#failing();
    const fields = { code: error.code, ...(partitionId === undefined ? {} : { partition: partitionId }) };
    this.#tell(error.message, error.message, fields, error.code === "HUB_REFUSED" ? "error" : "warning");
  }

  #failing(isStuck = false): void {
    this.#failingSinceMs ??= this.#clock.now();
    this.#events.failing(this.#failingSinceMs, isStuck);
  }

  #hubWorks(): void {
    if (this.#failingSinceMs === null) {
      return;
    }
    // It may have been away because it was deleted and recreated.
    if (this.#balancer !== undefined) {
      void this.#lookAtHub();
    }
    this.#logger.log("info", "the hub can be read again", {
      failedForMs: this.#clock.now() - this.#failingSinceMs,
    });
    this.#failingSinceMs = null;
    this.#events.failing(null, false);
  }

  /** Logs one line of a kind a minute: many partitions often fail for one reason. */
  #tell(
    kind: string,
    message: string,
    fields: Parameters<Logger["log"]>[2],
    level: "warning" | "error" = "warning",
  ): void {
    if (this.#logThrottle.isDue(kind)) {
      this.#logger.log(level, message, fields);
    }
  }
}
