import { type Clock, endsWithin, sleep } from "../../../kernel/clock.ts";
import { messageOf } from "../../../kernel/errors.ts";
import type { Logger } from "../../../kernel/log.ts";
import { LogThrottle } from "../../../kernel/log-throttle.ts";
import type { OwnershipRecord, OwnershipStore } from "../../contract.ts";
import { isActive, partitionsToClaim } from "./assignment.ts";

export type BalancerSettings = {
  /** Unique for the life of this process. */
  readonly ownerId: string;
  readonly updateMs: number;
  readonly expiryMs: number;
};

export type BalancerPorts = {
  readonly store: OwnershipStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /**
   * The partition is ours now.
   * @param isTakenOver From a consumer that reads it at this moment.
   */
  claimed(partitionId: string, isTakenOver: boolean): void;
  /** The partition is another's, or nobody's, now. */
  lost(partitionId: string): void;
  /** The record of a partition of ours was deleted, and is rewritten: its checkpoint will be gone as well. */
  recordLost(partitionId: string): void;
  /** Whether anything was read since the last call: only then another's claim makes events come twice. */
  hasReadMore(): boolean;
};

/** How often a consumer that reads looks whether another has claimed one of its partitions. */
const WATCH_MS = 500;

/** A look at the store may take this long; then the next one begins. */
const CYCLE_LIMIT_MS = 30_000;
const LOG_EVERY_MS = 60_000;

/**
 * Shares the partitions of a hub with the other consumers of the group, by the ownership records of the checkpoint
 * store that all of the service's clients use: a record not renewed in time is free, a changed one loses by its ETag.
 */
export class Balancer {
  readonly #settings: BalancerSettings;
  readonly #ports: BalancerPorts;
  readonly #stop = new AbortController();
  /** When each partition of ours was claimed or renewed last. */
  readonly #owned = new Map<string, number>();
  /** When each partition was last seen in an active owner's hands. */
  readonly #seenOwned = new Map<string, number>();
  #partitionIds: readonly string[] = [];
  #loop: Promise<void> = Promise.resolve();
  #cycle = 0;
  #isLooking = false;
  readonly #logThrottle: LogThrottle;

  constructor(settings: BalancerSettings, ports: BalancerPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#logThrottle = new LogThrottle(ports.clock, LOG_EVERY_MS);
  }

  /** Not after the expiry without a renewal either: others may own the partition by then, and we not know. */
  owns(partitionId: string): boolean {
    const renewedAtMs = this.#owned.get(partitionId);
    return renewedAtMs !== undefined && this.#ports.clock.now() - renewedAtMs < this.#settings.expiryMs;
  }

  /**
   * Looks at once, and then again and again until `release`.
   * @param partitionIds All of the hub.
   */
  start(partitionIds: readonly string[]): void {
    this.#partitionIds = partitionIds;
    this.#loop = this.#run();
    void this.#watch();
  }

  /** The hub has these partitions now: new ones are shared from the next look on, and those that are gone are given up. */
  setPartitions(partitionIds: readonly string[]): void {
    this.#partitionIds = partitionIds;
    for (const partitionId of this.#owned.keys()) {
      if (!partitionIds.includes(partitionId)) {
        this.forfeit(partitionId);
      }
    }
  }

  /** The hub gave the partition to another reader: it is not renewed, and claimed again at a later look at the earliest. */
  forfeit(partitionId: string): void {
    if (this.#owned.delete(partitionId)) {
      this.#ports.lost(partitionId);
    }
  }

  /** Stops looking, and marks what is owned as free, so that others need not wait until it expires. */
  async release(): Promise<void> {
    this.#stop.abort(new Error("the balancer stops"));
    await this.#loop;
    const { records } = await this.#ports.store.list();
    const mine = records.filter(
      ({ ownerId, partitionId }) => ownerId === this.#settings.ownerId && this.#owned.has(partitionId),
    );
    await Promise.all(mine.map((record) => this.#claim({ ...record, ownerId: "" })));
    this.#owned.clear();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const isAnswered = await endsWithin(this.#ports.clock, CYCLE_LIMIT_MS, this.#look(++this.#cycle));
        if (!isAnswered) {
          this.#tell(new Error(`the store did not answer for ${CYCLE_LIMIT_MS / 1000} s`));
        }
      } catch (thrown) {
        this.#tell(thrown);
      }
      // A tenth more or less, so that consumers which started together do not stay in step.
      const waitMs = this.#settings.updateMs * (0.9 + 0.2 * this.#ports.random());
      await sleep(this.#ports.clock, waitMs, signal).catch(() => undefined);
    }
  }

  /** Between two looks: gives up at once what another has claimed, since its new reader starts at the checkpoint of now. */
  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(this.#ports.clock, WATCH_MS, signal).catch(() => undefined);
      if (signal.aborted || this.#isLooking || this.#owned.size === 0 || !this.#ports.hasReadMore()) {
        continue;
      }
      const cycle = this.#cycle;
      // The looks tell of a store that fails.
      const list = await this.#ports.store.list().catch(() => undefined);
      if (list !== undefined && !this.#isOver(cycle)) {
        this.#forfeitClaimed(list.records);
      }
    }
  }

  #forfeitClaimed(records: readonly OwnershipRecord[]): void {
    for (const { partitionId, ownerId } of records) {
      if (ownerId !== this.#settings.ownerId) {
        this.forfeit(partitionId);
      }
    }
  }

  async #look(cycle: number): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#lookOnce(cycle);
    } finally {
      if (cycle === this.#cycle) {
        this.#isLooking = false;
      }
    }
  }

  /** One look at the store: what is lost, what is renewed, what is claimed. */
  async #lookOnce(cycle: number): Promise<void> {
    const { ownerId, expiryMs } = this.#settings;
    // Expiry is reckoned by the store's clock alone, our own leases by ours alone, so that no difference matters.
    const askedAtMs = this.#ports.clock.now();
    const { records, nowMs } = await this.#ports.store.list();
    if (this.#isOver(cycle)) {
      return;
    }
    const byPartition = new Map(records.map((record) => [record.partitionId, record]));
    const mine = records.filter(
      (record) => record.ownerId === ownerId && this.#partitionIds.includes(record.partitionId),
    );
    const mineIds = new Set(mine.map(({ partitionId }) => partitionId));
    // A record that is gone altogether was deleted, perhaps with the whole container; nobody has taken the partition.
    const deleted = [...this.#owned.keys()].filter((partitionId) => !byPartition.has(partitionId));
    this.#forfeitClaimed(records);
    const view = { partitionIds: this.#partitionIds, records, ownerId, nowMs, expiryMs };
    const wanted = partitionsToClaim(view, this.#ports.random).filter(
      (partitionId) =>
        !this.#owned.has(partitionId) &&
        !mineIds.has(partitionId) &&
        (byPartition.has(partitionId) || !this.#isDeleted(partitionId)),
    );
    for (const record of records) {
      if (isActive(record, nowMs, expiryMs)) {
        this.#seenOwned.set(record.partitionId, askedAtMs);
      }
    }
    // Also those that carry our name without our knowing: a claim whose answer was lost.
    const results = await Promise.all(
      [...mineIds, ...deleted, ...wanted].map((partitionId) =>
        this.#claim({ partitionId, ownerId, etag: byPartition.get(partitionId)?.etag }),
      ),
    );
    if (this.#isOver(cycle)) {
      return;
    }
    for (const { partitionId, result } of results) {
      // "unknown": the store did not answer for this record; the next look tells.
      if (result === "refused") {
        this.forfeit(partitionId);
      }
      if (result !== "taken") {
        continue;
      }
      if (deleted.includes(partitionId)) {
        this.#ports.recordLost(partitionId);
      }
      const isFresh = !this.#owned.has(partitionId);
      this.#owned.set(partitionId, askedAtMs);
      if (isFresh) {
        this.#begin(partitionId, byPartition.get(partitionId), nowMs);
      }
    }
  }

  #begin(partitionId: string, from: OwnershipRecord | undefined, nowMs: number): void {
    const { ownerId, expiryMs } = this.#settings;
    const isTakenOver = from !== undefined && from.ownerId !== ownerId && isActive(from, nowMs, expiryMs);
    if (isTakenOver) {
      this.#ports.logger.log("info", `partition ${partitionId} is taken over from a consumer that has more`, {
        partition: partitionId,
      });
    }
    this.#ports.claimed(partitionId, isTakenOver);
  }

  /** Whoever owned the partition rewrites the record at its next look, so nobody else claims it before it expires. */
  #isDeleted(partitionId: string): boolean {
    const seenAtMs = this.#seenOwned.get(partitionId) ?? Number.NEGATIVE_INFINITY;
    return this.#ports.clock.now() - seenAtMs < this.#settings.expiryMs;
  }

  /** A look that took too long, or ends after the stop, changes nothing any more. */
  #isOver(cycle: number): boolean {
    return this.#stop.signal.aborted || cycle !== this.#cycle;
  }

  async #claim(
    record: Parameters<OwnershipStore["claim"]>[0],
  ): Promise<{ partitionId: string; result: "taken" | "refused" | "unknown" }> {
    const { partitionId } = record;
    try {
      return { partitionId, result: (await this.#ports.store.claim(record)) ? "taken" : "refused" };
    } catch (thrown) {
      this.#tell(thrown);
      return { partitionId, result: "unknown" };
    }
  }

  #tell(thrown: unknown): void {
    if (!this.#logThrottle.isDue("ownership")) {
      return;
    }
    this.#ports.logger.log(
      "warning",
      `partition ownership could not be renewed; retrying: ${messageOf(thrown)}`,
      {
        code: "STORAGE_UNREACHABLE",
      },
    );
  }
}
