/** Events of one segment. A row is an event's place in it, from 0. */
export const SEGMENT_ROWS = 8192;
/** UTF-16 units of a value that the index keeps; of a longer one its beginning and its words. */
export const MAX_VALUE_CHARS = 512;
export const WORD_BUCKETS = 256;

/** The values of one field in one segment, each once; a value's number is its place among them. */
export type Column = {
  /** Values over all rows, which is about how many events have the field. */
  readonly count: number;
  readonly valueCount: number;
  /** Bytes of the values' texts, about. */
  readonly bytes: number;
  values(): readonly string[];
  folded(): readonly string[];
  /** The folded values, each between NULs. */
  foldedText(): string;
  /** Numbers of the values that were cut. */
  cut(): ArrayLike<number>;
  pairs(): Pairs;
};

/** Which row has which value: rows rise, and one with several values comes several times. */
export type Pairs = {
  /** undefined: every row in turn has one value. */
  readonly rows: Uint16Array | undefined;
  readonly numbers: Uint8Array | Uint16Array;
};

/** Rows that rise, or a set of rows where that is shorter. */
export type WordRows = Uint16Array | Uint32Array;

/** What a search reads of a segment, whether it is still being filled or lies in the database. */
export type Segment = {
  readonly firstNumber: number;
  readonly rows: number;
  readonly fields: readonly string[];
  column(field: string): Column | undefined;
  /** False when one of the words is in no event for sure. */
  mayHold(words: readonly string[]): boolean;
  /** The rows whose values hold the word. */
  word(word: string): WordRows | undefined;
  /** The rows of each word that begins with `prefix` and passes the test. */
  words(prefix: string, test: (word: string) => boolean): Iterable<WordRows>;
};

/** Words that begin with the same two characters lie together, so that a prefix is looked for in one place. */
export function bucketOf(word: string): number {
  return (word.charCodeAt(0) * 31 + (word.length > 1 ? word.charCodeAt(1) * 7 : 0)) % WORD_BUCKETS;
}
