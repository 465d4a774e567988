import type { Clock } from "../kernel/clock.ts";
import { Chunker, type ChunkerSettings } from "./chunks/chunker.ts";
import { type BodyPool, RecordTable } from "./chunks/pool.ts";
import type { Chunk, Delivery, IntakePort, PipelineObserver } from "./contract.ts";
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
export type DeliveredPart = { readonly accepted: number; readonly refused: Delivery["refused"] };

/** A partition whose records travel in the bodies. */
export type Sender = {
  readonly partitionId: string;
  /** Aborts when the partition is ours no longer. */
  readonly signal: AbortSignal;
  /** One of its records went into the open body, and takes so many bytes of memory. */
  held(bytes: number): void;
  /** The open body goes out. */
  sent(part: Promise<DeliveredPart>): void;
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
  #cancelTimer: () => void = () => undefined;
  #hasLingered = false;
  #underWay = 0;

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
    let before = chunker.byteLength;
    let result = chunker.add(engine, start, end, partitionId, sequenceNumber, recordIndex);
    if (result === "full") {
      this.seal();
      before = 0;
      result = chunker.add(engine, start, end, partitionId, sequenceNumber, recordIndex);
    }
    if (result === "too-large") {
      return false;
    }
    if (chunker.recordCount === 1) {
      this.#startTimer();
    }
    this.#senders.add(sender);
    sender.held(chunker.byteLength - before + RecordTable.BYTES_A_RECORD);
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
    const senders = [...this.#senders];
    this.#senders.clear();
    const parts = this.#deliver(chunk, senders);
    // Those who wait for a part see the failure.
    parts.catch(() => undefined);
    for (const sender of senders) {
      sender.sent(parts.then((each) => each.get(sender.partitionId) ?? { accepted: 0, refused: [] }));
    }
  }

  /** No more comes before something is settled: if nothing is under way, the open body goes out. */
  flush(): void {
    // What is under way brings room when it settles, and with it what fills the open body.
    if (this.#underWay === 0) {
      this.seal();
    }
  }

  /** Takes the records of a partition that is ours no longer out of the open body. */
  leave(sender: Sender): void {
    if (!this.#senders.delete(sender)) {
      return;
    }
    this.#chunker.remove(sender.partitionId);
    if (this.#senders.size === 0) {
      this.#cancelTimer();
    }
  }

  async #deliver(chunk: Chunk, senders: readonly Sender[]): Promise<ReadonlyMap<string, DeliveredPart>> {
    const { intake, observer } = this.#ports;
    const over = new AbortController();
    this.#underWay++;
    try {
      const delivery = await intake.deliver(chunk, whenAllAbort(senders, over.signal));
      observer.delivered(delivery.lastAnswer);
      const parts = partsOf(chunk, delivery);
      if (delivery.isBodyFree) {
        chunk.release();
      }
      return parts;
    } finally {
      over.abort();
      this.#underWay--;
      if (this.#hasLingered) {
        this.flush();
      }
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

/** A chunk is given up once nobody has a record in it any more. */
function whenAllAbort(senders: readonly Sender[], over: AbortSignal): AbortSignal {
  const all = new AbortController();
  let left = senders.length;
  for (const { signal } of senders) {
    const aborted = () => {
      left--;
      if (left === 0) {
        all.abort(signal.reason);
      }
    };
    if (signal.aborted) {
      aborted();
    } else {
      signal.addEventListener("abort", aborted, { once: true, signal: over });
    }
  }
  return all.signal;
}

function partsOf(chunk: Chunk, { accepted, refused }: Delivery): ReadonlyMap<string, DeliveredPart> {
  // Counted in the chunk, not where the records were taken: the ledger compares both.
  let missing = chunk.recordCount - accepted - refused.length;
  const parts = new Map<string, DeliveredPart>();
  for (const [partitionId, records] of chunk.countByPartition()) {
    const own = refused.filter(({ record }) => record.partitionId === partitionId);
    parts.set(partitionId, { accepted: records - own.length - missing, refused: own });
    missing = 0;
  }
  return parts;
}
