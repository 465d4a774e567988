import {
  type Chunk,
  FULL,
  MAX_EVENT_BYTES,
  type PlacedRecord,
  type TextMemory,
  TOO_LARGE,
} from "../contract.ts";
import { MAX_ESCAPED_BYTES } from "../scan/engine.ts";
import { type BodyPool, RecordTable } from "./pool.ts";

/** `]}` closes the body. */
const CLOSING = Buffer.from("]}");
const QUOTE = 0x22;
const COMMA = 0x2c;
/** A body that is too small grows by this, so that it is copied a few times at most. */
const GROWTH = 1.5;

export type BodyLimits = {
  /** UTF-8 bytes of the finished body, from `{` to `}`. */
  readonly maxBytes: number;
  readonly maxRecords: number;
};

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
  readonly #table: RecordTable;
  #bytes: Buffer;
  #length: number;
  #count = 0;
  readonly #partitionIds: string[] = [];
  /** The place in that list of the record added last: the next one is mostly of the same partition. */
  #partition = 0;

  /** @param expectedBytes Room to start with, to spare copies; the body grows past it when it must. */
  constructor(prefix: Buffer, limits: BodyLimits, pool: BodyPool, expectedBytes: number) {
    this.#prefix = prefix;
    this.#limits = limits;
    this.#pool = pool;
    this.#table = pool.takeTable();
    this.#bytes = pool.take(Math.max(prefix.length + CLOSING.length, expectedBytes));
    this.#length = prefix.copy(this.#bytes);
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Bytes of the body if it were finished now. */
  get byteLength(): number {
    return this.#length + CLOSING.length;
  }

  /** As the port says; the record must be UTF-8. */
  add(
    engine: TextMemory,
    start: number,
    end: number,
    partitionId: string,
    sequenceNumber: number,
    recordIndex: number,
  ): number {
    if (end - start > MAX_EVENT_BYTES) {
      return TOO_LARGE;
    }
    if (this.#count >= this.#limits.maxRecords) {
      return FULL;
    }
    const length = engine.escape(start, end, MAX_ESCAPED_BYTES);
    if (length === -1) {
      return TOO_LARGE;
    }
    const record = this.#count === 0 ? this.#length : this.#length + 1;
    const after = record + 1 + length;
    const needed = after + 1 + CLOSING.length;
    if (this.#count > 0 && needed > this.#limits.maxBytes) {
      return FULL;
    }
    if (needed > this.#bytes.length) {
      this.#bytes = this.#pool.grow(this.#bytes, Math.max(needed, this.#bytes.length * GROWTH), this.#length);
    }
    const bytes = this.#bytes;
    engine.copyEscaped(bytes, record + 1, length);
    if (this.#count > 0) {
      bytes[this.#length] = COMMA;
    }
    bytes[record] = QUOTE;
    bytes[after] = QUOTE;
    const table = this.#table;
    table.reserve(this.#count + 1);
    table.starts[this.#count] = record;
    table.sequenceNumbers[this.#count] = sequenceNumber;
    table.recordIndexes[this.#count] = recordIndex;
    table.partitions[this.#count] = this.#placeOf(partitionId);
    this.#count++;
    const taken = after + 1 - this.#length + RecordTable.BYTES_A_RECORD;
    this.#length = after + 1;
    return taken;
  }

  /** Takes a partition's records out again; the others keep their order. */
  remove(partitionId: string): void {
    const partition = this.#partitionIds.indexOf(partitionId);
    const { starts, sequenceNumbers, recordIndexes, partitions } = this.#table;
    const bytes = this.#bytes;
    let kept = 0;
    let at = this.#prefix.length;
    for (let index = 0; index < this.#count; index++) {
      if (partitions[index] === partition) {
        continue;
      }
      const start = starts[index] as number;
      const end = index + 1 < this.#count ? (starts[index + 1] as number) - 1 : this.#length;
      if (kept > 0) {
        bytes[at++] = COMMA;
      }
      bytes.copyWithin(at, start, end);
      starts[kept] = at;
      sequenceNumbers[kept] = sequenceNumbers[index] as number;
      recordIndexes[kept] = recordIndexes[index] as number;
      partitions[kept] = partitions[index] as number;
      at += end - start;
      kept++;
    }
    this.#count = kept;
    this.#length = at;
  }

  #placeOf(partitionId: string): number {
    const ids = this.#partitionIds;
    if (ids[this.#partition] === partitionId) {
      return this.#partition;
    }
    const place = ids.indexOf(partitionId);
    this.#partition = place === -1 ? ids.push(partitionId) - 1 : place;
    return this.#partition;
  }

  /** Closes the body; nothing may be added afterwards. */
  finish(id: string): Chunk {
    CLOSING.copy(this.#bytes, this.#length);
    const { byteLength } = this;
    return new FinishedChunk(
      id,
      this.#partitionIds,
      this.#prefix,
      this.#bytes,
      byteLength,
      this.#table,
      this.#count,
      this.#pool,
    );
  }
}

class FinishedChunk implements Chunk {
  readonly id: string;
  readonly body: Buffer;
  readonly recordCount: number;
  readonly #partitionIds: readonly string[];
  readonly #prefix: Buffer;
  readonly #bytes: Buffer;
  readonly #table: RecordTable;
  readonly #pool: BodyPool;

  constructor(
    id: string,
    partitionIds: readonly string[],
    prefix: Buffer,
    bytes: Buffer,
    byteLength: number,
    table: RecordTable,
    recordCount: number,
    pool: BodyPool,
  ) {
    this.id = id;
    this.#partitionIds = partitionIds;
    this.body = bytes.subarray(0, byteLength);
    this.recordCount = recordCount;
    this.#prefix = prefix;
    this.#bytes = bytes;
    this.#table = table;
    this.#pool = pool;
  }

  recordAt(index: number): PlacedRecord {
    const { starts, sequenceNumbers, recordIndexes, partitions } = this.#table;
    const text = JSON.parse(this.body.toString("latin1", starts[index], this.#end(index))) as string;
    return {
      bytes: Buffer.from(text, "latin1"),
      partitionId: this.#partitionIds[partitions[index] as number] as string,
      sequenceNumber: sequenceNumbers[index] as number,
      recordIndex: recordIndexes[index] as number,
    };
  }

  countByPartition(): ReadonlyMap<string, number> {
    const counts = new Uint32Array(this.#partitionIds.length);
    for (let index = 0; index < this.recordCount; index++) {
      const partition = this.#table.partitions[index] as number;
      counts[partition] = (counts[partition] as number) + 1;
    }
    return new Map(this.#partitionIds.map((id, partition) => [id, counts[partition] as number]));
  }

  slice(from: number, to: number): Chunk {
    const { starts, sequenceNumbers, recordIndexes, partitions } = this.#table;
    const start = starts[from] as number;
    const escaped = this.body.subarray(start, this.#end(to - 1));
    const byteLength = this.#prefix.length + escaped.length + CLOSING.length;
    const bytes = this.#pool.take(byteLength);
    this.#prefix.copy(bytes);
    escaped.copy(bytes, this.#prefix.length);
    CLOSING.copy(bytes, byteLength - CLOSING.length);
    const table = this.#pool.takeTable();
    table.reserve(to - from);
    const shift = this.#prefix.length - start;
    for (let index = from; index < to; index++) {
      table.starts[index - from] = (starts[index] as number) + shift;
      table.sequenceNumbers[index - from] = sequenceNumbers[index] as number;
      table.recordIndexes[index - from] = recordIndexes[index] as number;
      table.partitions[index - from] = partitions[index] as number;
    }
    const id = `${this.id}.${from}-${to - 1}`;
    return new FinishedChunk(
      id,
      this.#partitionIds,
      this.#prefix,
      bytes,
      byteLength,
      table,
      to - from,
      this.#pool,
    );
  }

  release(): void {
    this.#pool.give(this.#bytes);
    this.#pool.giveTable(this.#table);
  }

  #end(index: number): number {
    return index + 1 < this.recordCount
      ? (this.#table.starts[index + 1] as number) - 1
      : this.body.length - CLOSING.length;
  }
}
