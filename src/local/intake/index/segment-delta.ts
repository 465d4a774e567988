/** What events added to an open segment: numbers refer to fields, values and words in the order in which all deltas tell them. */
export type SegmentDelta = {
  readonly rows: number;
  readonly fields: readonly string[];
  /** New values, and the field of each. */
  readonly valueTexts: readonly string[];
  readonly valueFields: Uint16Array;
  /** Values that were cut: `field << 16 | value number`. */
  readonly cut: Uint32Array;
  /** Which row has which value of which field. */
  readonly pairFields: Uint16Array;
  readonly pairNumbers: Uint16Array;
  readonly pairRows: Uint16Array;
  readonly words: readonly string[];
  /** Which word is in which row. */
  readonly postingWords: Uint32Array;
  readonly postingRows: Uint16Array;
};
