const LEAST_BODY_BYTES = 16 * 1024;
const LEAST_RECORDS = 64;
/** A free buffer of the next sizes does as well. */
const SIZES_ABOVE = 2;

/** For each record of a body: where its JSON string starts, its partition, sequence number, and index in its event. */
export class RecordTable {
  /** Bytes that the table takes for each record. */
  static readonly BYTES_A_RECORD = 18;
  /** Places in the body's list of partitions. */
  partitions = new Uint16Array(LEAST_RECORDS);
  starts = new Uint32Array(LEAST_RECORDS);
  sequenceNumbers = new Float64Array(LEAST_RECORDS);
  recordIndexes = new Uint32Array(LEAST_RECORDS);

  /** Makes room for `records` in all; those there stay. */
  reserve(records: number): void {
    const { starts, sequenceNumbers, recordIndexes, partitions } = this;
    if (records <= starts.length) {
      return;
    }
    const room = Math.max(records, starts.length * 2);
    this.starts = new Uint32Array(room);
    this.starts.set(starts);
    this.sequenceNumbers = new Float64Array(room);
    this.sequenceNumbers.set(sequenceNumbers);
    this.recordIndexes = new Uint32Array(room);
    this.recordIndexes.set(recordIndexes);
    this.partitions = new Uint16Array(room);
    this.partitions.set(partitions);
  }
}

/**
 * The memory of request bodies, used again and again: fresh memory costs page faults, and what is thrown away stays
 * until the garbage collector comes, which small heaps rarely call. Buffers have sizes in steps of a quarter, so that
 * one fits another body as well; up to a bound of bytes they are kept while nobody needs them.
 */
export class BodyPool {
  readonly #maxFreeBytes: number;
  readonly #free = new Map<number, Buffer[]>();
  readonly #freeTables: RecordTable[] = [];
  #freeBytes = 0;
  /** The least that was free since the last `trim`: nobody needed that. */
  #unneededBytes = 0;

  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** @returns a buffer of at least so many bytes. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes);
    for (let step = 0, wanted = size; step <= SIZES_ABOVE; step++, wanted = sizeFor(wanted + 1)) {
      const free = this.#free.get(wanted)?.pop();
      if (free === undefined) {
        continue;
      }
      this.#freeBytes -= wanted;
      this.#unneededBytes = Math.min(this.#unneededBytes, this.#freeBytes);
      return free;
    }
    return Buffer.allocUnsafeSlow(size);
  }

  /** Nobody uses the buffer any more. */
  give(bytes: Buffer): void {
    const size = bytes.length;
    if (this.#freeBytes + size > this.#maxFreeBytes) {
      letGo(bytes);
      return;
    }
    const free = this.#free.get(size);
    if (free === undefined) {
      this.#free.set(size, [bytes]);
    } else {
      free.push(bytes);
    }
    this.#freeBytes += size;
  }

  /** @returns a buffer of at least so many bytes that starts with the first `used` of the old one, which is given back. */
  grow(bytes: Buffer, needed: number, used: number): Buffer {
    const larger = this.take(needed);
    bytes.copy(larger, 0, 0, used);
    this.give(bytes);
    return larger;
  }

  /** Lets go what nobody needed since the last call; to be called now and then. */
  trim(): void {
    for (const free of this.#free.values()) {
      while (this.#unneededBytes > 0 && free.length > 0) {
        const bytes = free.pop() as Buffer;
        this.#freeBytes -= bytes.length;
        this.#unneededBytes -= bytes.length;
        letGo(bytes);
      }
    }
    this.#unneededBytes = this.#freeBytes;
  }

  takeTable(): RecordTable {
    return this.#freeTables.pop() ?? new RecordTable();
  }

  giveTable(table: RecordTable): void {
    if (this.#freeTables.length < 64) {
      this.#freeTables.push(table);
    }
  }
}

/** Taken out of its owner's hands, the memory is free at once; the garbage collector may not come for long. */
function letGo(bytes: Buffer): void {
  (bytes.buffer as ArrayBuffer).transfer(0);
}

/** The next size of 16 KiB × 1, 1¼, 1½, 1¾, 2, 2½, 3 … */
function sizeFor(bytes: number): number {
  if (bytes <= LEAST_BODY_BYTES) {
    return LEAST_BODY_BYTES;
  }
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / 4;
  return Math.ceil(bytes / step) * step;
}
