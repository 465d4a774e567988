import { SEGMENT_ROWS, type WordRows } from "./segment.ts";

const BITMAP_WORDS = SEGMENT_ROWS / 32;

/** A set of a segment's rows. */
export type Bitmap = Uint32Array;

export function emptyBitmap(): Bitmap {
  return new Uint32Array(BITMAP_WORDS);
}

/** The set of the first `rows` rows. */
export function fullBitmap(rows: number): Bitmap {
  const bitmap = emptyBitmap().fill(0xffff_ffff, 0, rows >>> 5);
  if (rows % 32 > 0) {
    bitmap[rows >>> 5] = 2 ** (rows % 32) - 1;
  }
  return bitmap;
}

export function setRow(bitmap: Bitmap, row: number): void {
  bitmap[row >>> 5] = (bitmap[row >>> 5] as number) | (1 << (row & 31));
}

export function hasRow(bitmap: Bitmap, row: number): boolean {
  return ((bitmap[row >>> 5] as number) & (1 << (row & 31))) !== 0;
}

export function isEmpty(bitmap: Bitmap): boolean {
  return bitmap.every((word) => word === 0);
}

export function addRows(bitmap: Bitmap, rows: WordRows): void {
  if (rows instanceof Uint32Array) {
    for (let at = 0; at < BITMAP_WORDS; at++) {
      bitmap[at] = (bitmap[at] as number) | (rows[at] as number);
    }
    return;
  }
  for (let at = 0; at < rows.length; at++) {
    setRow(bitmap, rows[at] as number);
  }
}

/** Leaves the rows that both have. */
export function keepRows(bitmap: Bitmap, other: Bitmap): void {
  for (let at = 0; at < BITMAP_WORDS; at++) {
    bitmap[at] = (bitmap[at] as number) & (other[at] as number);
  }
}

/** Takes the rows of the other out. */
export function dropRows(bitmap: Bitmap, other: Bitmap): void {
  for (let at = 0; at < BITMAP_WORDS; at++) {
    bitmap[at] = (bitmap[at] as number) & ~(other[at] as number);
  }
}

/** Leaves the rows from `from`, inclusive, to `to`, exclusive. */
export function clearOutside(bitmap: Bitmap, from: number, to: number): void {
  for (let at = 0; at < BITMAP_WORDS; at++) {
    bitmap[at] = (bitmap[at] as number) & maskOf(at * 32, from, to);
  }
}

export function countRows(bitmap: Bitmap, from = 0, to = SEGMENT_ROWS): number {
  let count = 0;
  const end = Math.min(BITMAP_WORDS, Math.ceil(to / 32));
  for (let at = Math.max(0, Math.floor(from / 32)); at < end; at++) {
    let word = (bitmap[at] as number) & maskOf(at * 32, from, to);
    word -= (word >>> 1) & 0x5555_5555;
    word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** The rows, the last first. */
export function* rowsFromLast(bitmap: Bitmap): Generator<number> {
  for (let at = BITMAP_WORDS - 1; at >= 0; at--) {
    let word = bitmap[at] as number;
    while (word !== 0) {
      const bit = 31 - Math.clz32(word);
      yield at * 32 + bit;
      word &= ~(1 << bit);
    }
  }
}

/** The bits of the word that begins at row `start` whose rows lie within the range. */
function maskOf(start: number, from: number, to: number): number {
  const low = Math.max(0, Math.min(32, from - start));
  const high = Math.max(0, Math.min(32, to - start));
  if (high <= low) {
    return 0;
  }
  const below = (bits: number) => (bits === 32 ? -1 : (1 << bits) - 1);
  return below(high) & ~below(low);
}
