import { type Chunk, MAX_EVENT_BYTES, type PlacedRecord } from "../contract.ts";
import { escapeInto, type Words } from "./escape.ts";
import type { BodyPool, BodyStorage } from "./pool.ts";

/** `]}` closes the body. */
const CLOSING = Buffer.from("]}");
const QUOTE = 0x22;
/** For quotes, closing and the longest escape. */
const ROOM_BYTES = 16;

export type BodyLimits = {
  /** UTF-8 bytes of the finished body, from `{` to `}`. */
  readonly maxBytes: number;
  readonly maxRecords: number;
};

/** `full`: the record would break a limit, so it belongs in the next body. `too-large`: no body can carry it. */
export type AddResult = "added" | "full" | "too-large";

/** What precedes the first record: `{"intake_key":"…","jsons":[`. */
export function bodyPrefix(intakeKey: string): Buffer {
  return Buffer.from(`{"intake_key":${JSON.stringify(intakeKey)},"jsons":[`);
}

/**
 * A request body that records are escaped into, one after the other, and where each of them lies.
 * The bytes of a record travel as one JSON string: unescaped by the intake, they are the bytes that came.
 */
export class Body {
  readonly #prefix: Buffer;
  readonly #limits: BodyLimits;
  readonly #pool: BodyPool;
  readonly #storage: BodyStorage;
  #length: number;
  #count = 0;

  /** @param expectedBytes Room to start with, to spare copies; the body grows past it when it must. */
  constructor(prefix: Buffer, limits: BodyLimits, pool: BodyPool, expectedBytes: number) {
    this.#prefix = prefix;
    this.#limits = limits;
    this.#pool = pool;
    this.#storage = pool.take(Math.max(prefix.length + CLOSING.length, expectedBytes));
    this.#length = prefix.copy(this.#storage.bytes);
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Bytes of the body if it were finished now. */
  get byteLength(): number {
    return this.#length + CLOSING.length;
  }

  /**
   * @param from Holds the record from `start` to `end`; must be UTF-8. Not kept: the body has its own copy.
   */
  add(from: Words, start: number, end: number, sequenceNumber: number, recordIndex: number): AddResult {
    if (end - start > MAX_EVENT_BYTES) return "too-large";
    if (this.#count >= this.#limits.maxRecords) return "full";
    const storage = this.#storage;
    const record = this.#count === 0 ? this.#length : this.#length + 1;
    const after = this.#escape(from, start, end, record + 1);
    if (after - record - 1 > MAX_EVENT_BYTES) return "too-large";
    if (this.#count > 0 && after + 1 + CLOSING.length > this.#limits.maxBytes) return "full";
    storage.reserveRecords(this.#count + 1);
    if (this.#count > 0) storage.bytes[this.#length] = 0x2c;
    storage.bytes[record] = QUOTE;
    storage.bytes[after] = QUOTE;
    storage.starts[this.#count] = record;
    storage.sequenceNumbers[this.#count] = sequenceNumber;
    storage.recordIndexes[this.#count] = recordIndex;
    this.#count++;
    this.#length = after + 1;
    return "added";
  }

  /** Escapes a record to `at`, and makes more room until it fits. @returns the index after it. */
  #escape(from: Words, start: number, end: number, at: number): number {
    const storage = this.#storage;
    const length = end - start;
    // Text that is JSON grows by a fifth or so; the worst there is, by six.
    for (let room = length + (length >> 2); ; room *= 2) {
      storage.reserveBytes(at + room + ROOM_BYTES, this.#length);
      const after = escapeInto(from, start, end, storage.words, at);
      if (after !== -1) return after;
    }
  }

  /** Closes the body; nothing may be added afterwards. */
  finish(id: string, partitionId: string): Chunk {
    CLOSING.copy(this.#storage.bytes, this.#length);
    const pool = this.#pool;
    return new FinishedChunk(
      id,
      partitionId,
      this.#prefix,
      this.#storage,
      this.byteLength,
      this.#count,
      pool,
    );
  }

  /** Gives the room back without sending anything; nothing may be added afterwards. */
  discard(): void {
    this.#pool.give(this.#storage);
  }
}

class FinishedChunk implements Chunk {
  readonly id: string;
  readonly partitionId: string;
  readonly body: Buffer;
  readonly recordCount: number;
  readonly #prefix: Buffer;
  readonly #storage: BodyStorage;
  readonly #pool: BodyPool;

  constructor(
    id: string,
    partitionId: string,
    prefix: Buffer,
    storage: BodyStorage,
    byteLength: number,
    recordCount: number,
    pool: BodyPool,
  ) {
    this.id = id;
    this.partitionId = partitionId;
    this.body = storage.bytes.subarray(0, byteLength);
    this.recordCount = recordCount;
    this.#prefix = prefix;
    this.#storage = storage;
    this.#pool = pool;
  }

  recordAt(index: number): PlacedRecord {
    const { starts, sequenceNumbers, recordIndexes } = this.#storage;
    const text = JSON.parse(this.body.toString("latin1", starts[index], this.#end(index))) as string;
    return {
      bytes: Buffer.from(text, "latin1"),
      sequenceNumber: sequenceNumbers[index] as number,
      recordIndex: recordIndexes[index] as number,
    };
  }

  slice(from: number, to: number): Chunk {
    const { starts, sequenceNumbers, recordIndexes } = this.#storage;
    const start = starts[from] as number;
    const escaped = this.body.subarray(start, this.#end(to - 1));
    const shift = this.#prefix.length - start;
    const byteLength = this.#prefix.length + escaped.length + CLOSING.length;
    const part = this.#pool.take(byteLength);
    part.reserveRecords(to - from);
    this.#prefix.copy(part.bytes);
    escaped.copy(part.bytes, this.#prefix.length);
    CLOSING.copy(part.bytes, byteLength - CLOSING.length);
    for (let index = from; index < to; index++) {
      part.starts[index - from] = (starts[index] as number) + shift;
      part.sequenceNumbers[index - from] = sequenceNumbers[index] as number;
      part.recordIndexes[index - from] = recordIndexes[index] as number;
    }
    const id = `${this.id}.${from}-${to - 1}`;
    return new FinishedChunk(id, this.partitionId, this.#prefix, part, byteLength, to - from, this.#pool);
  }

  release(): void {
    this.#pool.give(this.#storage);
  }

  #end(index: number): number {
    return index + 1 < this.recordCount
      ? (this.#storage.starts[index + 1] as number) - 1
      : this.body.length - CLOSING.length;
  }
}
