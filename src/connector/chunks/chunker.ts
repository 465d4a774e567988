import type { Clock } from "../../kernel/clock.ts";
import type { Chunk } from "../contract.ts";
import type { TextEngine } from "../scan/engine.ts";
import { Body, type BodyLimits, bodyPrefix } from "./body.ts";
import type { BodyPool } from "./pool.ts";

export type ChunkerSettings = BodyLimits & {
  readonly intakeKey: string;
  /** A record waits at most this long for others to join its chunk. */
  readonly maxAgeMs: number;
};

/**
 * Groups the records of one partition into request bodies, in the order of arrival.
 * A chunk is sealed when the next record would break a limit, or when its first record has waited long enough.
 */
export class Chunker {
  readonly #partitionId: string;
  readonly #settings: ChunkerSettings;
  readonly #pool: BodyPool;
  readonly #clock: Clock;
  readonly #onChunk: (chunk: Chunk) => void;
  readonly #prefix: Buffer;
  #open: Body | undefined;
  #cancelAge: (() => void) | undefined;
  #sealed = 0;
  #lastBytes = 0;

  /** @param onChunk Called synchronously, once for each chunk, in order. */
  constructor(
    partitionId: string,
    settings: ChunkerSettings,
    pool: BodyPool,
    clock: Clock,
    onChunk: (chunk: Chunk) => void,
  ) {
    this.#partitionId = partitionId;
    this.#settings = settings;
    this.#pool = pool;
    this.#clock = clock;
    this.#onChunk = onChunk;
    this.#prefix = bodyPrefix(settings.intakeKey);
  }

  /**
   * Puts a record into the open chunk, sealing that one first if the record does not fit.
   * @param engine Its memory holds the record from `start` to `end`, as UTF-8; it is copied.
   * @returns false if the record is too large for any chunk; it was not taken.
   */
  add(engine: TextEngine, start: number, end: number, sequenceNumber: number, recordIndex: number): boolean {
    for (;;) {
      this.#open ??= this.#openBody();
      const result = this.#open.add(engine, start, end, sequenceNumber, recordIndex);
      if (result === "too-large") return false;
      if (result === "full") {
        this.seal();
        continue;
      }
      if (this.#open.recordCount >= this.#settings.maxRecords) this.seal();
      return true;
    }
  }

  /** Whether records wait in a chunk that is not sealed yet. */
  get isOpen(): boolean {
    return this.#open !== undefined && this.#open.recordCount > 0;
  }

  /** Hands over the open chunk, if it holds a record. */
  seal(): void {
    const body = this.#close();
    if (body === undefined) return;
    this.#lastBytes = body.byteLength;
    this.#onChunk(body.finish(`${this.#partitionId}-${++this.#sealed}`, this.#partitionId));
  }

  /** Throws the open chunk away: the partition's next owner reads its records again. */
  discard(): void {
    this.#close()?.discard();
  }

  #close(): Body | undefined {
    const body = this.#open;
    this.#cancelAge?.();
    this.#cancelAge = undefined;
    this.#open = undefined;
    if (body === undefined || body.recordCount > 0) return body;
    body.discard();
    return undefined;
  }

  #openBody(): Body {
    this.#cancelAge = this.#clock.after(this.#settings.maxAgeMs, () => this.seal());
    // Chunks of one partition are much alike: a tenth more than the last one mostly does without growing.
    return new Body(this.#prefix, this.#settings, this.#pool, Math.ceil(this.#lastBytes * 1.1));
  }
}
