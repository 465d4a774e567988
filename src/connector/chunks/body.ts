import { type Chunk, MAX_EVENT_BYTES, type PlacedRecord, type Position } from "../contract.ts";

/** `]}` closes the body. */
const CLOSING = Buffer.from("]}");
const LEAST_CAPACITY_BYTES = 16 * 1024;

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
  #bytes: Buffer;
  #length: number;
  /** Start of each record's JSON string; its end is one before the next start, or the length. */
  readonly #starts: number[] = [];
  readonly #positions: Position[] = [];
  readonly #recordIndexes: number[] = [];

  /** @param expectedBytes Room to start with, to spare copies; the body grows past it when it must. */
  constructor(prefix: Buffer, limits: BodyLimits, expectedBytes: number) {
    this.#prefix = prefix;
    this.#limits = limits;
    this.#bytes = Buffer.allocUnsafe(
      Math.max(LEAST_CAPACITY_BYTES, prefix.length + CLOSING.length, expectedBytes),
    );
    this.#length = prefix.copy(this.#bytes);
  }

  get recordCount(): number {
    return this.#starts.length;
  }

  /** Bytes of the body if it were finished now. */
  get byteLength(): number {
    return this.#length + CLOSING.length;
  }

  /**
   * @param bytes Holds the record from `start` to `end`; must be UTF-8. Not kept: the body has its own copy.
   */
  add(bytes: Buffer, start: number, end: number, position: Position, recordIndex: number): AddResult {
    if (end - start > MAX_EVENT_BYTES) return "too-large";
    // Latin-1 gives each byte a character of its own, so escaping cannot touch UTF-8 sequences, and no text is decoded.
    const escaped = JSON.stringify(bytes.toString("latin1", start, end));
    const separator = this.#starts.length === 0 ? 0 : 1;
    const finished = this.#length + separator + escaped.length + CLOSING.length;
    if (escaped.length - 2 > MAX_EVENT_BYTES) return "too-large";
    if (
      this.#starts.length > 0 &&
      (finished > this.#limits.maxBytes || this.#starts.length >= this.#limits.maxRecords)
    ) {
      return "full";
    }
    this.#reserve(finished);
    if (separator === 1) this.#bytes[this.#length++] = 0x2c;
    this.#starts.push(this.#length);
    this.#positions.push(position);
    this.#recordIndexes.push(recordIndex);
    this.#length += this.#bytes.write(escaped, this.#length, "latin1");
    return "added";
  }

  /** Closes the body; nothing may be added afterwards. */
  finish(id: string, partitionId: string): Chunk {
    CLOSING.copy(this.#bytes, this.#length);
    const body = this.#bytes.subarray(0, this.#length + CLOSING.length);
    return new FinishedChunk(
      id,
      partitionId,
      this.#prefix,
      body,
      this.#starts,
      this.#positions,
      this.#recordIndexes,
    );
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

class FinishedChunk implements Chunk {
  readonly id: string;
  readonly partitionId: string;
  readonly body: Buffer;
  readonly #prefix: Buffer;
  readonly #starts: readonly number[];
  readonly #positions: readonly Position[];
  readonly #recordIndexes: readonly number[];

  constructor(
    id: string,
    partitionId: string,
    prefix: Buffer,
    body: Buffer,
    starts: readonly number[],
    positions: readonly Position[],
    recordIndexes: readonly number[],
  ) {
    this.id = id;
    this.partitionId = partitionId;
    this.body = body;
    this.#prefix = prefix;
    this.#starts = starts;
    this.#positions = positions;
    this.#recordIndexes = recordIndexes;
  }

  get recordCount(): number {
    return this.#starts.length;
  }

  recordAt(index: number): PlacedRecord {
    const text = JSON.parse(this.body.toString("latin1", this.#starts[index], this.#end(index))) as string;
    return {
      bytes: Buffer.from(text, "latin1"),
      position: this.#positions[index] as Position,
      recordIndex: this.#recordIndexes[index] as number,
    };
  }

  slice(from: number, to: number): Chunk {
    const start = this.#starts[from] as number;
    const escaped = this.body.subarray(start, this.#end(to - 1));
    const shift = this.#prefix.length - start;
    return new FinishedChunk(
      `${this.id}.${from}-${to - 1}`,
      this.partitionId,
      this.#prefix,
      Buffer.concat([this.#prefix, escaped, CLOSING]),
      this.#starts.slice(from, to).map((at) => at + shift),
      this.#positions.slice(from, to),
      this.#recordIndexes.slice(from, to),
    );
  }

  #end(index: number): number {
    const next = this.#starts[index + 1];
    return next === undefined ? this.body.length - CLOSING.length : next - 1;
  }
}
