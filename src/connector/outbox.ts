import type { Clock } from "../kernel/clock.ts";
import { Chunker, type ChunkerSettings } from "./chunks/chunker.ts";
import type { BodyPool } from "./chunks/pool.ts";
import {
  type Chunk,
  type Delivery,
  FULL,
  type IntakePort,
  type PipelineObserver,
  TOO_LARGE,
} from "./contract.ts";
import type { TextEngine } from "./scan/engine.ts";

export type OutboxSettings = ChunkerSettings & {
  /** While no request is under way, a body is sent this long after its first record. */
  readonly lingerMs: number;
  /** A body waits at most this long for more, whatever is under way. */
  readonly maxAgeMs: number;
};

export type OutboxPorts = {
  readonly intake: IntakePort;
  readonly pool: BodyPool;
  readonly observer: Pick<PipelineObserver, "delivered">;
  readonly clock: Clock;
};

/** What became of one partition's records in a chunk. */
type DeliveredPart = { readonly accepted: number; readonly refused: Delivery["refused"] };

const NOTHING: DeliveredPart = { accepted: 0, refused: [] };

/** Hears what became of one partition's records in a chunk. */
export type Recipient = {
  delivered(part: DeliveredPart): void;
  failed(error: unknown): void;
};

/** A partition whose records travel in the bodies. */
export type Sender = {
  readonly partitionId: string;
  /** One of its records went into the open body, and takes so many bytes of memory. */
  held(bytes: number): void;
  /** The open body goes out. */
  sent(): Recipient;
};

/** A chunk under way, and those whose records are in it. */
type Shipment = {
  readonly chunk: Chunk;
  readonly recipients: ReadonlyMap<Sender, Recipient>;
  /** Of the senders, those whose partition is still ours. */
  owners: number;
  readonly abort: AbortController;
};

/**
 * The one open body for the records of all partitions, and the requests that are under way. A body that is full goes
 * out at once; one that is not waits a moment if the intake is idle, else until it is or until its time is over.
 */
export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #ports: OutboxPorts;
  readonly #chunker: Chunker;
  /** Those with records in the open body. */
  readonly #senders = new Set<Sender>();
  #lastSender: Sender | undefined;
  readonly #shipments = new Set<Shipment>();
  #cancelTimer: () => void = () => undefined;
  #hasLingered = false;

  constructor(settings: OutboxSettings, ports: OutboxPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#chunker = new Chunker(settings, ports.pool);
  }

  /** @returns false if the record is too large for any body; it was not taken. */
  add(
    sender: Sender,
    engine: TextEngine,
    start: number,
    end: number,
    sequenceNumber: number,
    recordIndex: number,
  ): boolean {
    const chunker = this.#chunker;
    const { partitionId } = sender;
    let bytes = chunker.add(engine, start, end, partitionId, sequenceNumber, recordIndex);
    if (bytes === FULL) {
      this.seal();
      bytes = chunker.add(engine, start, end, partitionId, sequenceNumber, recordIndex);
    }
    if (bytes === TOO_LARGE) {
      return false;
    }
    if (chunker.recordCount === 1) {
      this.#startTimer();
    }
    // A read brings many records of one partition.
    if (this.#lastSender !== sender) {
      this.#lastSender = sender;
      this.#senders.add(sender);
    }
    sender.held(bytes);
    if (chunker.isFull) {
      this.seal();
    }
    return true;
  }

  /** Sends the open body, if it holds a record. */
  seal(): void {
    const chunk = this.#chunker.seal();
    if (chunk === undefined) {
      return;
    }
    this.#cancelTimer();
    const recipients = new Map<Sender, Recipient>();
    for (const sender of this.#senders) {
      recipients.set(sender, sender.sent());
    }
    this.#senders.clear();
    this.#lastSender = undefined;
    const shipment = { chunk, recipients, owners: recipients.size, abort: new AbortController() };
    this.#shipments.add(shipment);
    // The recipients hear of any failure.
    void this.#deliver(shipment);
  }

  /** No more comes before something is settled: if nothing is under way, the open body goes out. */
  flush(): void {
    // What is under way brings room when it settles, and with it what fills the open body.
    if (this.#shipments.size === 0) {
      this.seal();
    }
  }

  /** Takes the records of a partition that is ours no longer out of the open body. */
  leave(sender: Sender): void {
    if (!this.#senders.delete(sender)) {
      return;
    }
    this.#lastSender = undefined;
    this.#chunker.remove(sender.partitionId);
    if (this.#senders.size === 0) {
      this.#cancelTimer();
    }
  }

  /** The partition is given up: a chunk is too, once nobody has a record in it any more. */
  giveUp(sender: Sender, reason: unknown): void {
    this.leave(sender);
    for (const shipment of this.#shipments) {
      if (shipment.recipients.has(sender) && --shipment.owners === 0) {
        shipment.abort.abort(reason);
      }
    }
  }

  async #deliver(shipment: Shipment): Promise<void> {
    const { intake, observer } = this.#ports;
    const { chunk, recipients, abort } = shipment;
    let parts: ReadonlyMap<string, DeliveredPart>;
    try {
      const delivery = await intake.deliver(chunk, abort.signal);
      observer.delivered(delivery.lastAnswer);
      parts = partsOf(chunk, delivery);
      if (delivery.isBodyFree) {
        chunk.release();
      }
    } catch (thrown) {
      this.#ended(shipment);
      for (const recipient of recipients.values()) {
        recipient.failed(thrown);
      }
      return;
    }
    this.#ended(shipment);
    for (const [{ partitionId }, recipient] of recipients) {
      recipient.delivered(parts.get(partitionId) ?? NOTHING);
    }
  }

  #ended(shipment: Shipment): void {
    this.#shipments.delete(shipment);
    if (this.#hasLingered) {
      this.flush();
    }
  }

  #startTimer(): void {
    const { lingerMs, maxAgeMs } = this.#settings;
    const { clock } = this.#ports;
    this.#cancelTimer();
    this.#hasLingered = false;
    const firstMs = Math.min(lingerMs, maxAgeMs);
    this.#cancelTimer = clock.after(firstMs, () => {
      this.#hasLingered = true;
      this.#cancelTimer = clock.after(maxAgeMs - firstMs, () => this.seal());
      this.flush();
    });
  }
}

function partsOf(chunk: Chunk, { accepted, refused }: Delivery): ReadonlyMap<string, DeliveredPart> {
  // Counted in the chunk, not where the records were taken: the ledger compares both.
  let missing = chunk.recordCount - accepted - refused.length;
  const parts = new Map<string, DeliveredPart>();
  for (const [partitionId, records] of chunk.countByPartition()) {
    const own =
      refused.length === 0 ? refused : refused.filter(({ record }) => record.partitionId === partitionId);
    parts.set(partitionId, { accepted: records - own.length - missing, refused: own });
    missing = 0;
  }
  return parts;
}
