import { addRows, emptyBitmap } from "./bitmap.ts";
import { bucketOf, SEGMENT_ROWS, WORD_BUCKETS } from "./segment.ts";
import type { SegmentDelta } from "./segment-delta.ts";
import { makeFilter, type WordFilter } from "./word-filter.ts";

/** A word in more rows is kept as a set of rows, which is shorter then. */
export const MAX_LISTED_ROWS = SEGMENT_ROWS / 16 - 1;
/** Values up to this many are numbered in one byte. */
export const MAX_BYTE_VALUES = 256;

/** A full segment in the pieces in which the database holds it. */
export type SegmentParts = {
  readonly rows: number;
  readonly filter: WordFilter;
  readonly columns: readonly ColumnParts[];
  readonly buckets: readonly WordParts[];
};
export type ColumnParts = {
  readonly field: string;
  readonly pairCount: number;
  readonly valueCount: number;
  /** Empty when every row in turn has one value. */
  readonly rows: Uint16Array;
  readonly numbers: Uint8Array | Uint16Array;
  readonly cut: Uint16Array;
  /** UTF-8, between NULs. */
  readonly texts: Uint8Array;
};
/** The words of one bucket, in how many rows each is, and these rows one after the other. */
export type WordParts = {
  readonly bucket: number;
  readonly words: Uint8Array;
  readonly counts: Uint16Array;
  readonly rows: Uint8Array;
};

type Whole = SegmentDelta & { readonly hashes: Int32Array };

export function sealParts(whole: Whole): SegmentParts {
  return {
    rows: whole.rows,
    filter: makeFilter(whole.hashes),
    columns: columnsOf(whole),
    buckets: bucketsOf(whole),
  };
}

function columnsOf(whole: Whole): readonly ColumnParts[] {
  const { fields, valueTexts, valueFields, cut, pairFields, pairNumbers, pairRows } = whole;
  const texts: string[][] = fields.map(() => []);
  for (let at = 0; at < valueTexts.length; at++) {
    texts[valueFields[at] as number]?.push(valueTexts[at] as string);
  }
  const { order, starts } = sortedBy(pairFields, fields.length);
  return fields.map((field, number) => {
    const [from, to] = [starts[number] as number, starts[number + 1] as number];
    const values = texts[number] ?? [];
    const rows = new Uint16Array(to - from);
    const numbers = values.length <= MAX_BYTE_VALUES ? new Uint8Array(to - from) : new Uint16Array(to - from);
    let isEveryRow = rows.length === whole.rows;
    for (let at = from; at < to; at++) {
      const pair = order[at] as number;
      const row = pairRows[pair] as number;
      rows[at - from] = row;
      numbers[at - from] = pairNumbers[pair] as number;
      isEveryRow &&= row === at - from;
    }
    return {
      field,
      pairCount: to - from,
      valueCount: values.length,
      rows: isEveryRow ? new Uint16Array(0) : rows,
      numbers,
      cut: Uint16Array.from(cut.filter((value) => Math.floor(value / 0x1_0000) === number)),
      texts: Buffer.from(values.join("\0")),
    };
  });
}

function bucketsOf({ words, postingWords, postingRows }: Whole): readonly WordParts[] {
  const { order, starts } = sortedBy(postingWords, words.length);
  const buckets: number[][] = Array.from({ length: WORD_BUCKETS }, () => []);
  for (let number = 0; number < words.length; number++) {
    buckets[bucketOf(words[number] as string)]?.push(number);
  }
  return buckets.flatMap((numbers, bucket) => {
    if (numbers.length === 0) {
      return [];
    }
    const counts = Uint16Array.from(numbers, (number) => (starts[number + 1] ?? 0) - (starts[number] ?? 0));
    const rows = new Uint8Array(counts.reduce((sum, count) => sum + bytesOfRows(count), 0));
    let at = 0;
    for (const number of numbers) {
      const from = starts[number] as number;
      const listed = new Uint16Array((starts[number + 1] as number) - from);
      for (let index = 0; index < listed.length; index++) {
        listed[index] = postingRows[order[from + index] as number] as number;
      }
      rows.set(rowBytes(listed), at);
      at += bytesOfRows(listed.length);
    }
    const text = Buffer.from(numbers.map((number) => words[number]).join("\0"));
    return [{ bucket, words: text, counts, rows }];
  });
}

function rowBytes(listed: Uint16Array): Uint8Array {
  if (listed.length <= MAX_LISTED_ROWS) {
    return new Uint8Array(listed.buffer);
  }
  const bitmap = emptyBitmap();
  addRows(bitmap, listed);
  return new Uint8Array(bitmap.buffer);
}

/** Bytes of the rows of a word that is in so many. */
export function bytesOfRows(count: number): number {
  return count <= MAX_LISTED_ROWS ? count * 2 : SEGMENT_ROWS / 8;
}

/** The places of the keys in the order of the keys, equal ones as they came; where each key begins, and the end. */
function sortedBy(
  keys: Uint16Array | Uint32Array,
  keyCount: number,
): { readonly order: Uint32Array; readonly starts: Uint32Array } {
  const starts = new Uint32Array(keyCount + 1);
  for (let at = 0; at < keys.length; at++) {
    const next = (keys[at] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let key = 1; key <= keyCount; key++) {
    starts[key] = (starts[key] as number) + (starts[key - 1] as number);
  }
  const order = new Uint32Array(keys.length);
  const ends = starts.slice();
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as number;
    order[ends[key] as number] = at;
    ends[key] = (ends[key] as number) + 1;
  }
  return { order, starts };
}
