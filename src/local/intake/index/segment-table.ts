import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LruCache } from "./lru-cache.ts";
import { SealedSegment, type SegmentHead } from "./sealed-segment.ts";
import { WORD_BUCKETS } from "./segment.ts";
import type { SegmentParts } from "./segment-parts.ts";

const CACHE_BYTES = 96 * 1024 * 1024;

/** Writes full segments into the database, and finds them there. */
export class SegmentTable {
  readonly #database: DatabaseSync;
  readonly #insertSegment: StatementSync;
  readonly #insertColumn: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #reads: ReturnType<typeof readsOf>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertSegment = database.prepare(
      "INSERT INTO segments (first_number, row_count, filter) VALUES (?, ?, ?)",
    );
    this.#insertColumn = database.prepare(
      "INSERT INTO segment_fields (segment, field, pair_count, value_count, value_bytes, row_numbers, numbers, cut, texts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#insertWords = database.prepare(
      "INSERT INTO segment_words (id, words, counts, row_numbers) VALUES (?, ?, ?, ?)",
    );
    this.#reads = readsOf(database);
  }

  all(): SealedSegment[] {
    return this.#database
      .prepare("SELECT id, first_number, row_count FROM segments ORDER BY first_number")
      .all()
      .map((row) =>
        this.#sealed({
          id: Number(row["id"]),
          firstNumber: Number(row["first_number"]),
          rows: Number(row["row_count"]),
        }),
      );
  }

  /** Stores a segment, inside of a transaction. */
  write(firstNumber: number, { rows, filter, columns, buckets }: SegmentParts): SealedSegment {
    const id = Number(this.#insertSegment.run(firstNumber, rows, filter).lastInsertRowid);
    for (const column of columns) {
      const { field, pairCount, valueCount, texts } = column;
      this.#insertColumn.run(
        id,
        field,
        pairCount,
        valueCount,
        texts.length,
        bytesOf(column.rows),
        bytesOf(column.numbers),
        bytesOf(column.cut),
        texts,
      );
    }
    for (const { bucket, words, counts, rows: wordRows } of buckets) {
      this.#insertWords.run(id * WORD_BUCKETS + bucket, words, bytesOf(counts), wordRows);
    }
    return this.#sealed({ id, firstNumber, rows });
  }

  #sealed(head: SegmentHead): SealedSegment {
    return new SealedSegment(this.#reads, head);
  }
}

function readsOf(database: DatabaseSync) {
  return {
    filter: database.prepare("SELECT filter FROM segments WHERE id = ?"),
    heads: database.prepare(
      "SELECT id, field, pair_count, value_count, value_bytes FROM segment_fields WHERE segment = ? ORDER BY id",
    ),
    pairs: database.prepare("SELECT row_numbers, numbers FROM segment_fields WHERE id = ?"),
    cut: database.prepare("SELECT cut FROM segment_fields WHERE id = ?"),
    texts: database.prepare("SELECT texts FROM segment_fields WHERE id = ?"),
    words: database.prepare("SELECT words, counts, row_numbers FROM segment_words WHERE id = ?"),
    cache: new LruCache(CACHE_BYTES),
  };
}

function bytesOf(numbers: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
