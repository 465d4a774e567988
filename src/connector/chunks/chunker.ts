import type { Chunk, ChunkerPort, TextMemory } from "../contract.ts";
import { Body, type BodyLimits, bodyPrefix } from "./chunk-body.ts";
import type { BodyPool } from "./pool.ts";

export type ChunkerSettings = BodyLimits & { readonly intakeKey: string };

/** Groups records into request bodies, in the order of arrival: one body at a time is open for those of all partitions. */
export class Chunker implements ChunkerPort {
  readonly #settings: ChunkerSettings;
  readonly #pool: BodyPool;
  readonly #prefix: Buffer;
  #open: Body | undefined;
  #sealed = 0;
  #lastBytes = 0;

  constructor(settings: ChunkerSettings, pool: BodyPool) {
    this.#settings = settings;
    this.#pool = pool;
    this.#prefix = bodyPrefix(settings.intakeKey);
  }

  /** Records in the open body. */
  get recordCount(): number {
    return this.#open?.recordCount ?? 0;
  }

  /** No other record would fit into the open body. */
  get isFull(): boolean {
    return this.recordCount >= this.#settings.maxRecords;
  }

  add(
    engine: TextMemory,
    start: number,
    end: number,
    partitionId: string,
    sequenceNumber: number,
    recordIndex: number,
  ): number {
    // Chunks are much alike: a tenth more than the last one mostly does without growing.
    this.#open ??= new Body(this.#prefix, this.#settings, this.#pool, Math.ceil(this.#lastBytes * 1.1));
    return this.#open.add(engine, start, end, partitionId, sequenceNumber, recordIndex);
  }

  seal(): Chunk | undefined {
    const body = this.#open;
    if (body === undefined || body.recordCount === 0) {
      return undefined;
    }
    this.#open = undefined;
    this.#lastBytes = body.byteLength;
    return body.finish(String(++this.#sealed));
  }

  /** Takes a partition's records out of the open body: its next owner reads them again. */
  remove(partitionId: string): void {
    this.#open?.remove(partitionId);
  }
}
