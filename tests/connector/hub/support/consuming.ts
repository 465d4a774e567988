import { expect, onTestFinished } from "vitest";
import type { PartitionReader, Position, StartPosition } from "../../../../src/connector/contract.ts";
import type { HubEndpoint } from "../../../../src/connector/endpoint/hub.ts";
import { accessTo, type HubAccess } from "../../../../src/connector/hub/amqp/access.ts";
import {
  HUB_DEFAULTS,
  HubConsumer,
  type HubPorts,
  type HubSettings,
} from "../../../../src/connector/hub/consumer.ts";
import { InFlightLimit } from "../../../../src/connector/in-flight-limit.ts";
import { type Clock, systemClock } from "../../../../src/kernel/clock.ts";
import { NO_PROXIES } from "../../../../src/kernel/proxy.ts";
import type { LocalHubServer } from "../../../../src/local/hub/server.ts";
import { HUB } from "../../../local/hub/harness.ts";
import { MemoryStore } from "./memory-store.ts";

export function accessOf(server: LocalHubServer): HubAccess {
  const endpoint: HubEndpoint = {
    access: { kind: "key", connectionString: server.connectionString(HUB) },
    hubName: HUB,
    transport: "amqp",
    proxies: NO_PROXIES,
  };
  return accessTo(endpoint, () => Date.now());
}

export type Opened = {
  readonly partitionId: string;
  readonly from: Position | StartPosition;
  /** In the order of their coming. */
  readonly sequenceNumbers: number[];
  readonly bodies: Buffer[];
  bytes: number;
  position: Position | undefined;
  isClosed: boolean;
};

/** Reads as the pipeline does, keeps what comes, and settles it at once unless told to hold it. */
export class Recorder {
  readonly inFlight: InFlightLimit;
  /** Each time a partition became ours. */
  readonly opened: Opened[] = [];
  /** All of every partition. */
  received = 0;
  isHolding = false;
  keepsBodies = true;
  #held: (() => void)[] = [];
  /** Called after each read. */
  onReach: (partitionId: string, position: Position) => void = () => {};
  /** Called after each event. */
  onEvent: (partitionId: string, sequenceNumber: number) => void = () => {};

  constructor(maxRecords = 20_000, maxBytes = 48 * 1024 * 1024) {
    this.inFlight = new InFlightLimit(maxRecords, maxBytes);
  }

  open(partitionId: string, from: Position | StartPosition): PartitionReader {
    const opened: Opened = {
      partitionId,
      from,
      sequenceNumbers: [],
      bodies: [],
      bytes: 0,
      position: undefined,
      isClosed: false,
    };
    this.opened.push(opened);
    let pendingEvents = 0;
    return {
      get pendingEvents() {
        return pendingEvents;
      },
      receive: (bytes, start, end, sequenceNumber) => {
        opened.sequenceNumbers.push(sequenceNumber);
        opened.bytes += end - start;
        if (this.keepsBodies) {
          opened.bodies.push(Buffer.from(bytes.subarray(start, end)));
        }
        this.received++;
        if (this.isHolding) {
          const size = end - start;
          pendingEvents++;
          this.inFlight.take(1, size);
          this.#held.push(() => {
            pendingEvents--;
            this.inFlight.give(1, size);
          });
        }
        this.onEvent(partitionId, sequenceNumber);
      },
      reach: (position) => {
        opened.position = position;
        this.onReach(partitionId, position);
      },
      flush: () => {},
      alive: () => {},
      observeEnd: () => {},
      close: () => {
        opened.isClosed = true;
      },
    };
  }

  /** Settles what is held. */
  settle(): void {
    for (const settle of this.#held.splice(0)) {
      settle();
    }
  }

  /** Of a partition, over all the times it was ours. */
  sequenceNumbers(partitionId: string): number[] {
    return this.of(partitionId).flatMap(({ sequenceNumbers }) => sequenceNumbers);
  }

  bodies(partitionId: string): Buffer[] {
    return this.of(partitionId).flatMap(({ bodies }) => bodies);
  }

  of(partitionId: string): Opened[] {
    return this.opened.filter((opened) => opened.partitionId === partitionId);
  }
}

export type ConsumerOptions = {
  readonly access?: HubAccess;
  readonly store?: MemoryStore;
  /** In place of the memory. */
  readonly stores?: Pick<HubPorts, "ownership" | "positions">;
  readonly clock?: Clock;
  readonly settings?: Partial<HubSettings>;
  readonly recorder?: Recorder;
  /** The shortest of all pauses, unless given. */
  readonly random?: () => number;
  /** The start is not waited for, since it waits for the hub. */
  readonly isHubAway?: boolean;
};

/** A consumer of ours that ends with the test. */
export async function startConsumer(server: LocalHubServer, options: ConsumerOptions = {}) {
  const recorder = options.recorder ?? new Recorder();
  const lines: string[] = [];
  const failing: (number | null)[] = [];
  const rebuilt: string[] = [];
  const crashes: unknown[] = [];
  const store = options.store ?? new MemoryStore(() => Date.now());
  const invalid: string[] = [];
  const consumer = new HubConsumer(
    {
      ...HUB_DEFAULTS,
      consumerGroup: "cg1",
      startPosition: { kind: "earliest" },
      onInvalidCheckpoint: "earliest",
      userAgent: "test",
      ownershipUpdateMs: 200,
      ...options.settings,
    },
    {
      access: options.access ?? accessOf(server),
      ...(options.stores ?? { ownership: store, positions: store.positions }),
      clock: options.clock ?? systemClock,
      random: options.random ?? (() => 0.02),
      logger: { log: (level, message) => void lines.push(`${level}: ${message}`) },
      events: {
        failing: (sinceMs) => void failing.push(sinceMs),
        rebuilt: (partitionId) => void rebuilt.push(partitionId),
        positionLost: () => undefined,
        positionInvalid: (partitionId) => void invalid.push(partitionId),
      },
    },
  );
  let stopped: Promise<void> | undefined;
  const stop = () => {
    consumer.pause();
    stopped ??= consumer.release();
    return stopped;
  };
  onTestFinished(async () => {
    await stop();
    // Nothing of the reader's may have thrown, nor anything been called that must not.
    expect(crashes).toEqual([]);
  });
  const started = consumer.start(
    (partitionId, from) => recorder.open(partitionId, from),
    recorder.inFlight,
    (error) => void crashes.push(error),
  );
  if (options.isHubAway !== true) {
    await started;
  }
  return { consumer, store, invalid, recorder, lines, failing, rebuilt, crashes, started, stop };
}

/** 0, 1, 2, … */
export function countTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
