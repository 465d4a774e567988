/** Events of one segment. A row is an event's place in it, from 0. */
export const SEGMENT_ROWS = 8192;
export const BITMAP_WORDS = SEGMENT_ROWS / 32;
/** UTF-16 units of a value that the index keeps; of a longer one its beginning and its words. */
export const MAX_VALUE_CHARS = 512;
export const WORD_BUCKETS = 64;

/** A set of rows. */
export type Bitmap = Uint32Array;

/** The values of one field in one segment, each once. */
export type Values = {
  readonly values: readonly string[];
  readonly folded: readonly string[];
  /** Numbers of the values that were cut. */
  readonly cut: readonly number[];
};

/** Where a word occurs: `field number << 16 | value number`. */
export type Occurrences = ArrayLike<number>;

/** What a search reads of a segment, whether it is still being filled or lies in the database. */
export type Segment = {
  readonly firstNumber: number;
  readonly rows: number;
  readonly fields: readonly string[];
  /** How many values a field has over all rows, which is about how many events have it. */
  countOf(field: string): number;
  /** Whether reading the field's values is cheaper than asking for a word first. */
  isSmall(field: string): boolean;
  values(field: string): Values;
  /** Row and value number in turn, rows rising; a row with several values comes several times. */
  pairs(field: string): ArrayLike<number>;
  /** The field's values, folded, each between NULs. */
  foldedText(field: string): string;
  word(word: string): Occurrences | undefined;
  /** Words that begin with `prefix` and pass the test, with their occurrences. */
  words(prefix: string, test: (word: string) => boolean): Iterable<Occurrences>;
};

/** Words that begin with the same two characters lie together, so that a prefix is looked for in one place. */
export function bucketOf(word: string): number {
  return (word.charCodeAt(0) * 31 + (word.length > 1 ? word.charCodeAt(1) * 7 : 0)) % WORD_BUCKETS;
}
