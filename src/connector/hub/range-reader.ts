import { randomUUID } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log.ts";
import type { HubPort, PartitionReader, Position, ReceiveBudget, StartPosition } from "../contract.ts";
import { type HubAccess, partitionAddress } from "./amqp/access.ts";
import { CreditPolicy } from "./amqp/credit.ts";
import { type Dialer, dialerTo } from "./amqp/dialer.ts";
import { HubManagement } from "./amqp/management.ts";
import { BoundedReader } from "./bounded-reader.ts";
import { explainHubError, HubRefused } from "./errors.ts";
import { IDLE_READER } from "./idle-reader.ts";
import { PartitionPump } from "./pump.ts";

export type RangeSettings = {
  readonly consumerGroup: string;
  /** When the hub stored the first event wanted, milliseconds since 1970. */
  readonly fromMs: number;
  /** Events that were stored then or later are not wanted. */
  readonly toMs: number;
  /** Every partition unless given. */
  readonly partitionId: string | undefined;
  readonly userAgent: string;
};

export type RangeProgress = {
  readonly events: number;
  /** Grows until every partition has told where its range begins. */
  readonly ofEvents: number;
};

const MAX_EVENTS_PER_PARTITION = 4000;

export type RangePorts = {
  readonly access: HubAccess;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
};

type Open = (partitionId: string, from: Position | StartPosition) => PartitionReader;

/**
 * Reads what a hub stored between two times, once, as a guest: without an owner level, so that no other reader is
 * disconnected, and without a look at ownership or checkpoints.
 */
export class RangeReader implements HubPort {
  /** Resolves when the range was received and settled. */
  readonly done: Promise<void>;
  readonly #settings: RangeSettings;
  readonly #ports: RangePorts;
  readonly #management: HubManagement;
  readonly #identifier = `eventhub-intake-replay-${randomUUID()}`;
  readonly #stop = new AbortController();
  readonly #pumps = new Set<PartitionPump>();
  readonly #readers: BoundedReader[] = [];
  #dialer: Dialer | undefined;
  #resolveDone: () => void = () => {};

  constructor(settings: RangeSettings, ports: RangePorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { access, clock } = ports;
    this.#management = new HubManagement(access.openClient(settings.consumerGroup), clock);
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
  }

  get progress(): RangeProgress {
    return {
      events: this.#readers.reduce((sum, { events }) => sum + events, 0),
      ofEvents: this.#readers.reduce((sum, { ofEvents }) => sum + ofEvents, 0),
    };
  }

  /** A guest owns nothing, so nothing is checkpointed. */
  owns(): boolean {
    return false;
  }

  async start(open: Open, budget: ReceiveBudget, fail: (error: unknown) => void): Promise<void> {
    this.#dialer = this.#createDialer(budget, fail);
    const reading: Promise<void>[] = [];
    for (const partitionId of await this.#partitionIds()) {
      const lastSequenceNumber = await this.#lastOfRange(partitionId, fail);
      if (lastSequenceNumber === undefined || this.#stop.signal.aborted) {
        continue;
      }
      const from = this.#from(this.#settings.fromMs);
      const reader = new BoundedReader(open(partitionId, from), lastSequenceNumber);
      this.#readers.push(reader);
      const pump = this.#read(partitionId, from, reader, fail);
      reading.push(reader.finished.then(() => this.#end(pump)));
    }
    void Promise.all(reading).then(() => this.#settle(budget));
  }

  pause(): void {
    this.#stop.abort(new Error("reading stops"));
    for (const pump of this.#pumps) {
      pump.stop();
    }
  }

  async release(): Promise<void> {
    await Promise.all([this.#dialer?.close(), this.#management.close()]);
  }

  #createDialer(budget: ReceiveBudget, fail: (error: unknown) => void): Dialer {
    const { userAgent } = this.#settings;
    return dialerTo(
      this.#ports.access,
      { tokenRenewMs: undefined, userAgent },
      {
        budget,
        credit: new CreditPolicy(budget, MAX_EVENTS_PER_PARTITION),
        clock: this.#ports.clock,
        claimFailed: (thrown) => this.#tell(thrown),
        crashed: fail,
      },
      this.#ports.random,
      (thrown) => this.#tell(thrown),
    );
  }

  async #partitionIds(): Promise<readonly string[]> {
    const { partitionId } = this.#settings;
    const { partitionIds: ids } = await this.#management.hub(this.#stop.signal).catch((thrown: unknown) => {
      throw explainHubError(thrown);
    });
    if (partitionId === undefined) {
      return ids;
    }
    if (ids.includes(partitionId)) {
      return [partitionId];
    }
    throw new HubRefused(`the hub has no partition ${partitionId}; it has ${ids.join(", ")}`);
  }

  /** @returns the newest event of the range, undefined when it is empty. */
  async #lastOfRange(partitionId: string, fail: (error: unknown) => void): Promise<number | undefined> {
    const { fromMs, toMs } = this.#settings;
    const end = await this.#management.partitionEnd(partitionId).catch((thrown: unknown) => {
      throw explainHubError(thrown);
    });
    if (end.lastSequenceNumber < 0 || end.lastEnqueuedAtMs < fromMs) {
      return undefined;
    }
    if (end.lastEnqueuedAtMs < toMs) {
      return end.lastSequenceNumber;
    }
    // The hub finds events by time only as a place to start, so the first one after the range is asked for.
    const first = Promise.withResolvers<number>();
    const from = this.#from(toMs);
    const pump = this.#read(
      partitionId,
      from,
      {
        ...IDLE_READER,
        receive: (_bytes, _start, _end, sequenceNumber) => first.resolve(sequenceNumber),
      },
      fail,
    );
    const stopped = new Promise<undefined>((resolve) => {
      this.#stop.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    const after = await Promise.race([first.promise, stopped]);
    this.#end(pump);
    return after === undefined ? undefined : after - 1;
  }

  /** The hub starts after a time, and the event that was stored at that time is wanted. */
  #from(atMs: number): StartPosition {
    return { kind: "time", enqueuedAtMs: atMs - 1 };
  }

  #read(
    partitionId: string,
    from: StartPosition,
    reader: PartitionReader,
    fail: (error: unknown) => void,
  ): PartitionPump {
    const { consumerGroup } = this.#settings;
    const dialer = this.#dialer;
    if (dialer === undefined) {
      throw new TypeError("nothing is read before the start");
    }
    const pump = new PartitionPump(partitionId, reader, from, {
      connect: (signal) => dialer.connect(signal),
      source: {
        address: partitionAddress(this.#ports.access, consumerGroup, partitionId),
        identifier: this.#identifier,
        ownerLevel: undefined,
      },
      clock: this.#ports.clock,
      random: this.#ports.random,
      opened: () => undefined,
      failed: (fault) => this.#tell(fault),
      stolen: (fault) =>
        fail(
          new HubRefused(
            `the consumer group ${consumerGroup} has an exclusive reader (${fault.message}); choose another group with --consumer-group, or stop that reader`,
          ),
        ),
      recover: (_position, fault) => Promise.reject(explainHubError(fault)),
      crashed: fail,
    });
    this.#pumps.add(pump);
    return pump;
  }

  #end(pump: PartitionPump): void {
    this.#pumps.delete(pump);
    pump.stop();
  }

  #settle(budget: ReceiveBudget): void {
    const isSettled = () => this.#readers.every(({ pendingEvents }) => pendingEvents === 0);
    const look = () => {
      if (!isSettled()) {
        return;
      }
      forget();
      this.#resolveDone();
    };
    const forget = budget.onRoom(look);
    look();
  }

  #tell(thrown: unknown): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    const { message, code } = explainHubError(thrown);
    this.#ports.logger.log("warning", message, { code });
  }
}
