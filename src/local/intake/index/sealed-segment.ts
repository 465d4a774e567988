import type { StatementSync } from "node:sqlite";
import type { LruCache } from "./lru-cache.ts";
import { bucketOf, type Column, type Pairs, type Segment, WORD_BUCKETS, type WordRows } from "./segment.ts";
import { bytesOfRows, MAX_BYTE_VALUES, MAX_LISTED_ROWS } from "./segment-parts.ts";
import { mayContain } from "./word-filter.ts";

export type SegmentHead = { readonly id: number; readonly firstNumber: number; readonly rows: number };

/** The statements that read pieces of segments, and what was read last. */
export type SegmentReads = {
  readonly filter: StatementSync;
  readonly heads: StatementSync;
  readonly pairs: StatementSync;
  readonly cut: StatementSync;
  readonly texts: StatementSync;
  /** By segment times `WORD_BUCKETS` plus bucket. */
  readonly words: StatementSync;
  readonly cache: LruCache;
};

/** A segment that lies in the database; what was read of it last stays in memory for a while. */
export class SealedSegment implements Segment {
  readonly firstNumber: number;
  readonly rows: number;
  readonly id: number;
  readonly #reads: SegmentReads;
  #columns: ReadonlyMap<string, SealedColumn> | undefined;

  constructor(reads: SegmentReads, head: SegmentHead) {
    this.#reads = reads;
    this.id = head.id;
    this.firstNumber = head.firstNumber;
    this.rows = head.rows;
  }

  get fields(): readonly string[] {
    return [...this.#all().keys()];
  }

  column(field: string): Column | undefined {
    return this.#all().get(field);
  }

  mayHold(words: readonly string[]): boolean {
    const filter = this.#filter();
    return words.every((word) => mayContain(filter, word));
  }

  word(word: string): WordRows | undefined {
    if (!mayContain(this.#filter(), word)) {
      return undefined;
    }
    const { text, rowsOf } = this.#bucket(bucketOf(word));
    const at = text.indexOf(`\0${word}\0`);
    return at < 0 ? undefined : rowsOf(numberAt(text, at));
  }

  *words(prefix: string, test: (word: string) => boolean): Iterable<WordRows> {
    const all = Array.from({ length: WORD_BUCKETS }, (_, bucket) => bucket);
    for (const bucket of prefix.length > 1 ? [bucketOf(prefix)] : all) {
      const { text, rowsOf } = this.#bucket(bucket);
      let number = 0;
      for (let from = 1; from < text.length; number++) {
        const end = text.indexOf("\0", from);
        if (text.startsWith(prefix, from) && test(text.slice(from, end))) {
          yield rowsOf(number);
        }
        from = end + 1;
      }
    }
  }

  #filter(): Uint8Array {
    const row = () => bytesOf(this.#reads.filter.get(this.id)?.["filter"]);
    return this.#reads.cache.get(`f${this.id}`, (this.rows * BITS_A_ROW) / 8, row);
  }

  #all(): ReadonlyMap<string, SealedColumn> {
    this.#columns ??= new Map(
      this.#reads.heads.all(this.id).map((row) => {
        const head = {
          id: Number(row["id"]),
          count: Number(row["pair_count"]),
          valueCount: Number(row["value_count"]),
          bytes: Number(row["value_bytes"]),
        };
        return [String(row["field"]), new SealedColumn(this.#reads, head)];
      }),
    );
    return this.#columns;
  }

  /** The bucket's words, each between NULs, and the rows of each by its place. */
  #bucket(bucket: number): { readonly text: string; rowsOf(number: number): WordRows } {
    const row = this.#reads.words.get(this.id * WORD_BUCKETS + bucket);
    const counts = shortsOf(row?.["counts"]);
    const bytes = bytesOf(row?.["row_numbers"]);
    return {
      text: row === undefined ? "\0" : textOf(row["words"]),
      rowsOf(number) {
        let from = 0;
        for (let before = 0; before < number; before++) {
          from += bytesOfRows(counts[before] as number);
        }
        const count = counts[number] as number;
        const rows = bytes.slice(from, from + bytesOfRows(count)).buffer;
        return count <= MAX_LISTED_ROWS ? new Uint16Array(rows) : new Uint32Array(rows);
      },
    };
  }
}

/** About as many bits as the filter has. */
const BITS_A_ROW = 64;

type ColumnHead = Pick<Column, "count" | "valueCount" | "bytes"> & { readonly id: number };

class SealedColumn implements Column {
  readonly count: number;
  readonly valueCount: number;
  readonly bytes: number;
  readonly #id: number;
  readonly #reads: SegmentReads;

  constructor(reads: SegmentReads, { id, count, valueCount, bytes }: ColumnHead) {
    this.#reads = reads;
    this.#id = id;
    this.count = count;
    this.valueCount = valueCount;
    this.bytes = bytes;
  }

  values(): readonly string[] {
    return this.#kept("v", this.bytes * 2, () => partsOf(textOf(this.#read(this.#reads.texts, "texts"))));
  }

  folded(): readonly string[] {
    return this.#kept("l", this.bytes * 2, () => partsOf(this.foldedText()));
  }

  foldedText(): string {
    const read = () => textOf(this.#read(this.#reads.texts, "texts")).toLowerCase();
    return this.#kept("t", this.bytes, read);
  }

  cut(): ArrayLike<number> {
    return this.#kept("c", 64, () => shortsOf(this.#read(this.#reads.cut, "cut")));
  }

  pairs(): Pairs {
    return this.#kept("p", this.count * 4, () => {
      const row = this.#reads.pairs.get(this.#id);
      const rows = shortsOf(row?.["row_numbers"]);
      const numbers = row?.["numbers"];
      return {
        rows: rows.length === 0 ? undefined : rows,
        numbers: this.valueCount <= MAX_BYTE_VALUES ? bytesOf(numbers) : shortsOf(numbers),
      };
    });
  }

  #read(statement: StatementSync, column: string): unknown {
    return statement.get(this.#id)?.[column];
  }

  #kept<Value>(kind: string, bytes: number, make: () => Value): Value {
    return this.#reads.cache.get(`${kind}${this.#id}`, bytes + OVERHEAD_BYTES, make);
  }
}

const OVERHEAD_BYTES = 128;

/** How many texts lie before the place of a NUL, in a text of texts between NULs. */
function numberAt(text: string, at: number): number {
  let number = 0;
  for (let from = text.indexOf("\0"); from < at; from = text.indexOf("\0", from + 1)) {
    number += 1;
  }
  return number;
}

function partsOf(text: string): readonly string[] {
  return text.slice(1, -1).split("\0");
}

function bytesOf(blob: unknown): Uint8Array {
  return blob instanceof Uint8Array ? blob : new Uint8Array(0);
}

/** Texts as they are stored, between NULs. */
function textOf(blob: unknown): string {
  const { buffer, byteOffset, length } = bytesOf(blob);
  return length === 0 ? "\0\0" : `\0${Buffer.from(buffer, byteOffset, length).toString("utf8")}\0`;
}

/** At the start of a buffer of their own, as numbers want them. */
function shortsOf(blob: unknown): Uint16Array {
  const bytes = bytesOf(blob);
  const own = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(own.buffer, own.byteOffset, own.byteLength / 2);
}
