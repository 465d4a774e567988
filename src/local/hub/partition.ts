import { type IncomingEvent, type Placement, storedBytesMax, writeStored } from "./event.ts";
import { IdempotentProducers } from "./idempotence.ts";

/** What a partition keeps before it drops the oldest. */
export type Retention = {
  readonly maxEvents: number;
  /** Counts the stored frames: body, properties, annotations and some 130 bytes an event. */
  readonly maxBytes: number;
};

/** What `$management` tells about a partition. */
export type PartitionState = {
  readonly beginSequenceNumber: number;
  /** -1 while nothing was ever stored. */
  readonly lastSequenceNumber: number;
  readonly lastOffset: string;
  /** Milliseconds since 1970; 0 while nothing was ever stored. */
  readonly lastEnqueuedAtMs: number;
  readonly isEmpty: boolean;
};

/** Neighbouring events as they lie in memory: finished frames, one directly behind the other. */
export type StoredRun = {
  readonly bytes: Buffer;
  /** Where each event of the segment starts in `bytes`, and at its end where the next one will. */
  readonly starts: readonly number[];
  /** Index in `starts` of the first event of the run. */
  readonly first: number;
  /** How many events follow from there, at least one. */
  readonly count: number;
};

type Segment = {
  readonly bytes: Buffer;
  readonly firstSequenceNumber: number;
  readonly firstOffset: number;
  /** One more than there are events. */
  readonly starts: number[];
  /** Milliseconds since 1970. */
  readonly enqueuedAtMs: number[];
};

const SEGMENT_BYTES = 1024 * 1024;

/** One partition's log, in memory. Sequence numbers start at 0 and have no gap. */
export class Partition {
  readonly id: string;
  readonly producers = new IdempotentProducers();
  readonly #retention: Retention;
  readonly #segments: Segment[] = [];
  readonly #listeners = new Set<() => void>();
  #begin = 0;
  #next = 0;
  #beginOffset = 0;
  #endOffset = 0;
  #lastOffset = -1;
  #lastEnqueuedAtMs = 0;

  constructor(id: string, retention: Retention) {
    this.id = id;
    this.#retention = retention;
  }

  get beginSequenceNumber(): number {
    return this.#begin;
  }

  /** The sequence number that the next event will get. */
  get nextSequenceNumber(): number {
    return this.#next;
  }

  get storedBytes(): number {
    return this.#endOffset - this.#beginOffset;
  }

  get state(): PartitionState {
    return {
      beginSequenceNumber: this.#begin,
      lastSequenceNumber: this.#next - 1,
      lastOffset: String(this.#lastOffset),
      lastEnqueuedAtMs: this.#lastEnqueuedAtMs,
      isEmpty: this.#begin === this.#next,
    };
  }

  /** Calls `listener` after each append, until the returned function is called. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stores events in order and wakes the readers. @param nowMs Milliseconds since 1970. */
  append(events: Iterable<IncomingEvent>, nowMs: number): void {
    // The service's times never fall, whatever the clock of the machine does.
    const enqueuedAtMs = Math.max(nowMs, this.#lastEnqueuedAtMs);
    for (const event of events) {
      this.#store(event, enqueuedAtMs);
    }
    this.#dropOldest();
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /**
   * The stored events from a sequence number on, as far as they lie together.
   * @returns undefined if there is none yet.
   */
  read(sequenceNumber: number): StoredRun | undefined {
    if (sequenceNumber >= this.#next || sequenceNumber < this.#begin) {
      return undefined;
    }
    const segment = this.#segmentOf(sequenceNumber);
    const first = sequenceNumber - segment.firstSequenceNumber;
    return {
      bytes: segment.bytes,
      starts: segment.starts,
      first,
      count: segment.enqueuedAtMs.length - first,
    };
  }

  /** The first sequence number whose event satisfies `isAfter`, which must stay true once it is. */
  find(isAfter: (place: Placement) => boolean): number {
    let low = this.#begin;
    let high = this.#next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isAfter(this.#placeOf(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #placeOf(sequenceNumber: number): Placement {
    const segment = this.#segmentOf(sequenceNumber);
    const index = sequenceNumber - segment.firstSequenceNumber;
    return {
      sequenceNumber,
      offset: segment.firstOffset + (segment.starts[index] ?? 0),
      enqueuedAtMs: segment.enqueuedAtMs[index] ?? 0,
    };
  }

  #segmentOf(sequenceNumber: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#segments[middle]?.firstSequenceNumber ?? 0) <= sequenceNumber) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const segment = this.#segments[low];
    if (segment === undefined) {
      throw new RangeError(`partition ${this.id} holds no event ${sequenceNumber}`);
    }
    return segment;
  }

  #store(event: IncomingEvent, enqueuedAtMs: number): void {
    const segment = this.#segmentFor(storedBytesMax(event));
    const start = segment.starts[segment.enqueuedAtMs.length] ?? 0;
    const place = { sequenceNumber: this.#next, offset: this.#endOffset, enqueuedAtMs };
    const end = writeStored(segment.bytes, start, event, place);
    segment.starts.push(end);
    segment.enqueuedAtMs.push(enqueuedAtMs);
    this.#next += 1;
    this.#lastOffset = place.offset;
    this.#endOffset += end - start;
    this.#lastEnqueuedAtMs = enqueuedAtMs;
  }

  #segmentFor(bytes: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && (last.starts.at(-1) ?? 0) + bytes <= last.bytes.length) {
      return last;
    }
    const segment: Segment = {
      bytes: Buffer.allocUnsafeSlow(Math.max(SEGMENT_BYTES, bytes)),
      firstSequenceNumber: this.#next,
      firstOffset: this.#endOffset,
      starts: [0],
      enqueuedAtMs: [],
    };
    this.#segments.push(segment);
    return segment;
  }

  #dropOldest(): void {
    const { maxEvents, maxBytes } = this.#retention;
    while (
      this.#next - this.#begin > maxEvents ||
      (this.storedBytes > maxBytes && this.#begin < this.#next)
    ) {
      const segment = this.#segments[0];
      if (segment === undefined) {
        return;
      }
      this.#begin += 1;
      const index = this.#begin - segment.firstSequenceNumber;
      this.#beginOffset = segment.firstOffset + (segment.starts[index] ?? 0);
      if (index === segment.enqueuedAtMs.length) {
        this.#segments.shift();
      }
    }
  }
}
