import { type Words, wordsOf } from "./escape.ts";

const LEAST_BODY_BYTES = 16 * 1024;
const LEAST_RECORDS = 64;
/** A buffer this many times larger than what is expected is left for somebody who needs it. */
const MAX_WASTE = 2;

/** The memory of one request body: its bytes, and for each record its start, sequence number and index in its event. */
export class BodyStorage {
  words: Words;
  starts: Uint32Array;
  sequenceNumbers: Float64Array;
  recordIndexes: Uint32Array;

  constructor(bytes: number) {
    this.words = wordsOf(Buffer.allocUnsafeSlow(bytes));
    this.starts = new Uint32Array(LEAST_RECORDS);
    this.sequenceNumbers = new Float64Array(LEAST_RECORDS);
    this.recordIndexes = new Uint32Array(LEAST_RECORDS);
  }

  get bytes(): Buffer {
    return this.words.bytes;
  }

  /** Makes room for `bytes` in all; the first `usedBytes` stay. */
  reserveBytes(bytes: number, usedBytes: number): void {
    if (bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.bytes.length + (this.bytes.length >> 1)));
    this.bytes.copy(larger, 0, 0, usedBytes);
    this.words = wordsOf(larger);
  }

  /** Makes room for `records` in all; those there stay. */
  reserveRecords(records: number): void {
    const { starts, sequenceNumbers, recordIndexes } = this;
    if (records <= starts.length) return;
    const room = Math.max(records, starts.length * 2);
    this.starts = new Uint32Array(room);
    this.starts.set(starts);
    this.sequenceNumbers = new Float64Array(room);
    this.sequenceNumbers.set(sequenceNumbers);
    this.recordIndexes = new Uint32Array(room);
    this.recordIndexes.set(recordIndexes);
  }
}

/** Keeps the memory of bodies that were sent, up to a bound, so that the next ones need no new one. */
export class BodyPool {
  readonly #maxBytes: number;
  readonly #free: BodyStorage[] = [];
  #freeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  take(expectedBytes: number): BodyStorage {
    const wanted = Math.max(LEAST_BODY_BYTES, expectedBytes);
    // From the end: what was given back last is still in the processor's caches.
    for (let index = this.#free.length - 1; index >= 0; index--) {
      const storage = this.#free[index] as BodyStorage;
      if (storage.bytes.length < wanted || storage.bytes.length > wanted * MAX_WASTE) continue;
      this.#free.splice(index, 1);
      this.#freeBytes -= storage.bytes.length;
      return storage;
    }
    return new BodyStorage(wanted);
  }

  give(storage: BodyStorage): void {
    if (this.#freeBytes + storage.bytes.length > this.#maxBytes) return;
    this.#free.push(storage);
    this.#freeBytes += storage.bytes.length;
  }
}
