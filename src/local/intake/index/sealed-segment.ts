import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LruCache } from "./lru-cache.ts";
import type { OpenSegment } from "./open-segment.ts";
import { bucketOf, type Occurrences, type Segment, type Values, WORD_BUCKETS } from "./segment.ts";

/** Bytes of values up to which a field is read at once. */
const SMALL_BYTES = 32 * 1024;
const CACHE_BYTES = 96 * 1024 * 1024;

type ColumnHead = { readonly id: number; readonly count: number; readonly bytes: number };
type WordBucket = {
  readonly words: readonly string[];
  readonly ends: Uint32Array;
  readonly occurrences: Uint32Array;
};
export type SegmentHead = { readonly id: number; readonly firstNumber: number; readonly rows: number };

/** Writes and reads the index of full segments. */
export class SegmentTable {
  readonly #database: DatabaseSync;
  readonly #insertSegment: StatementSync;
  readonly #insertColumn: StatementSync;
  readonly #insertWords: StatementSync;
  readonly heads: StatementSync;
  readonly values: StatementSync;
  readonly pairs: StatementSync;
  readonly words: StatementSync;
  readonly cache = new LruCache(CACHE_BYTES);

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertSegment = database.prepare("INSERT INTO segments (first_number, row_count) VALUES (?, ?)");
    this.#insertColumn = database.prepare(
      "INSERT INTO segment_fields (segment, field, pair_count, value_bytes, value_texts, cut, pairs) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#insertWords = database.prepare(
      "INSERT INTO segment_words (segment, bucket, words, ends, occurrences) VALUES (?, ?, ?, ?, ?)",
    );
    this.heads = database.prepare(
      "SELECT id, field, pair_count, value_bytes FROM segment_fields WHERE segment = ? ORDER BY id",
    );
    this.values = database.prepare("SELECT value_texts, cut FROM segment_fields WHERE id = ?");
    this.pairs = database.prepare("SELECT pairs FROM segment_fields WHERE id = ?");
    this.words = database.prepare(
      "SELECT words, ends, occurrences FROM segment_words WHERE segment = ? AND bucket = ?",
    );
  }

  all(): readonly SealedSegment[] {
    return this.#database
      .prepare("SELECT id, first_number, row_count FROM segments ORDER BY first_number")
      .all()
      .map((row) => {
        const head = {
          id: Number(row["id"]),
          firstNumber: Number(row["first_number"]),
          rows: Number(row["row_count"]),
        };
        return new SealedSegment(this, head);
      });
  }

  /** Stores a segment, whole or not at all. */
  seal(open: OpenSegment): SealedSegment {
    this.#database.exec("BEGIN");
    try {
      const id = Number(this.#insertSegment.run(open.firstNumber, open.rows).lastInsertRowid);
      for (const [index, field] of open.fields.entries()) {
        const { values, cut, pairs } = open.columns[index] ?? { values: [], cut: [], pairs: [] };
        const texts = Buffer.from(values.join("\0"));
        this.#insertColumn.run(
          id,
          field,
          pairs.length / 2,
          texts.length,
          texts,
          bytesOf(Uint16Array.from(cut)),
          bytesOf(Uint16Array.from(pairs)),
        );
      }
      for (const [bucket, indexes] of bucketsOf(open.wordTable.words).entries()) {
        const lists = indexes.map((index) => open.wordTable.occurrences[index] ?? []);
        const ends = new Uint32Array(lists.length);
        const occurrences = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
        let end = 0;
        for (const [index, list] of lists.entries()) {
          occurrences.set(list, end);
          end += list.length;
          ends[index] = end;
        }
        const words = indexes.map((index) => open.wordTable.words[index]).join("\0");
        this.#insertWords.run(id, bucket, Buffer.from(words), bytesOf(ends), bytesOf(occurrences));
      }
      this.#database.exec("COMMIT");
      return new SealedSegment(this, { id, firstNumber: open.firstNumber, rows: open.rows });
    } catch (cause) {
      this.#database.exec("ROLLBACK");
      throw cause;
    }
  }
}

/** A segment that lies in the database; what was read of it last stays in memory for a while. */
export class SealedSegment implements Segment {
  readonly firstNumber: number;
  readonly rows: number;
  readonly #id: number;
  readonly #table: SegmentTable;
  #heads: ReadonlyMap<string, ColumnHead> | undefined;

  constructor(table: SegmentTable, head: SegmentHead) {
    this.#table = table;
    this.#id = head.id;
    this.firstNumber = head.firstNumber;
    this.rows = head.rows;
  }

  get fields(): readonly string[] {
    return [...this.#columns().keys()];
  }

  countOf(field: string): number {
    return this.#columns().get(field)?.count ?? 0;
  }

  isSmall(field: string): boolean {
    return (this.#columns().get(field)?.bytes ?? 0) <= SMALL_BYTES;
  }

  values(field: string): Values {
    const head = this.#columns().get(field);
    if (head === undefined) {
      return { values: [], folded: [], cut: [] };
    }
    return this.#table.cache.get(`v${head.id}`, head.bytes * 4, () => {
      const row = this.#table.values.get(head.id);
      const text = textOf(row?.["value_texts"]);
      const cut = [...new Uint16Array(bufferOf(row?.["cut"]))];
      return { values: text.split("\0"), folded: text.toLowerCase().split("\0"), cut };
    });
  }

  pairs(field: string): ArrayLike<number> {
    const head = this.#columns().get(field);
    if (head === undefined) {
      return [];
    }
    return this.#table.cache.get(`p${head.id}`, head.count * 4, () => {
      return new Uint16Array(bufferOf(this.#table.pairs.get(head.id)?.["pairs"]));
    });
  }

  foldedText(field: string): string {
    const head = this.#columns().get(field);
    if (head === undefined) {
      return "";
    }
    return this.#table.cache.get(`t${head.id}`, head.bytes, () => {
      return `\0${textOf(this.#table.values.get(head.id)?.["value_texts"]).toLowerCase()}\0`;
    });
  }

  word(word: string): Occurrences | undefined {
    const { words, ends, occurrences } = this.#bucket(bucketOf(word));
    const index = words.indexOf(word);
    return index < 0 ? undefined : occurrences.subarray(index === 0 ? 0 : ends[index - 1], ends[index]);
  }

  *words(prefix: string, test: (word: string) => boolean): Iterable<Occurrences> {
    const all = Array.from({ length: WORD_BUCKETS }, (_, bucket) => bucket);
    for (const bucket of prefix.length > 1 ? [bucketOf(prefix)] : all) {
      const { words, ends, occurrences } = this.#bucket(bucket);
      for (const [index, word] of words.entries()) {
        if (word.startsWith(prefix) && test(word)) {
          yield occurrences.subarray(index === 0 ? 0 : ends[index - 1], ends[index]);
        }
      }
    }
  }

  #columns(): ReadonlyMap<string, ColumnHead> {
    this.#heads ??= new Map(
      this.#table.heads
        .all(this.#id)
        .map((row) => [
          String(row["field"]),
          { id: Number(row["id"]), count: Number(row["pair_count"]), bytes: Number(row["value_bytes"]) },
        ]),
    );
    return this.#heads;
  }

  #bucket(bucket: number): WordBucket {
    const row = this.#table.words.get(this.#id, bucket);
    const text = textOf(row?.["words"]);
    return {
      words: text === "" ? [] : text.split("\0"),
      ends: new Uint32Array(bufferOf(row?.["ends"])),
      occurrences: new Uint32Array(bufferOf(row?.["occurrences"])),
    };
  }
}

/** For each bucket the places of its words. */
function bucketsOf(words: readonly string[]): readonly (readonly number[])[] {
  const buckets: number[][] = Array.from({ length: WORD_BUCKETS }, () => []);
  for (const [index, word] of words.entries()) {
    buckets[bucketOf(word)]?.push(index);
  }
  return buckets;
}

function bytesOf(numbers: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function textOf(blob: unknown): string {
  return blob instanceof Uint8Array
    ? Buffer.from(blob.buffer, blob.byteOffset, blob.length).toString("utf8")
    : "";
}

/** The blob's bytes at the start of a buffer of their own, as numbers want them. */
function bufferOf(blob: unknown): ArrayBuffer {
  if (!(blob instanceof Uint8Array)) {
    return new ArrayBuffer(0);
  }
  const { buffer, byteOffset, byteLength } = blob;
  return buffer instanceof ArrayBuffer && byteOffset === 0 && buffer.byteLength === byteLength
    ? buffer
    : Uint8Array.from(blob).buffer;
}
