import { separable } from "../query/matcher.ts";
import { copyOf, longLog, shortLog } from "./number-log.ts";
import { Paths } from "./paths.ts";
import { MAX_VALUE_CHARS, SEGMENT_ROWS } from "./segment.ts";
import type { SegmentDelta } from "./segment-delta.ts";
import { type SegmentParts, sealParts } from "./segment-parts.ts";
import { WordTable } from "./word-table.ts";
import { eachWord } from "./words.ts";

/** A column with more values is full: a value number has sixteen bits, and one event may bring a thousand. */
const MAX_VALUES = 60_000;
const MAX_PAIRS = 2_000_000;
const MAX_POSTINGS = 4_000_000;
const MAX_FIELDS = 2000;
/** Characters of values and words held in memory. */
const MAX_CHARS = 24 * 1024 * 1024;

export const KEY_FIELD = "customer.intake_key";
const MESSAGE = "message";

/** What the builder knows of one field: the numbers of its values by their text, and which words each value has. */
type Known = { readonly numbers: Map<string, number>; readonly wordsFrom: number[]; valueCount: number };

/**
 * Makes the index of one segment, event by event. It appends to logs of numbers and makes no object for an event; what was
 * added since the last time goes to the reader as a delta, and all of it, sorted, into the database when it is full.
 */
export class SegmentBuilder {
  readonly #fields: string[] = [];
  readonly #fieldNumbers = new Map<string, number>();
  readonly #known: Known[] = [];
  readonly #paths = new Paths((path) => this.#fieldOf(path));
  readonly #valueTexts: string[] = [];
  readonly #valueFields = shortLog();
  readonly #cut = longLog();
  readonly #pairFields = shortLog();
  readonly #pairNumbers = shortLog();
  readonly #pairRows = shortLog();
  readonly #table = new WordTable();
  /** The words of each value, one list after the other. */
  readonly #valueWords = longLog();
  readonly #postingWords = longLog();
  readonly #postingRows = shortLog();
  /** The last row in which a word was noted. */
  #lastRows = new Int32Array(1 << 14).fill(-1);
  #rows = 0;
  #chars = 0;
  #isFull = false;
  #told: Told = { rows: 0, fields: 0, values: 0, cut: 0, pairs: 0, words: 0, postings: 0 };

  get rows(): number {
    return this.#rows;
  }

  /** The next event begins a new segment. */
  get isFull(): boolean {
    return this.#isFull || this.#rows === SEGMENT_ROWS || this.#chars > MAX_CHARS;
  }

  /** @param event The parsed event; undefined when nothing parsed it: then its text is its message. */
  add(intakeKey: string, raw: string, event: Readonly<Record<string, unknown>> | undefined): void {
    const row = this.#rows++;
    this.#take(row, this.#fieldOf(KEY_FIELD), intakeKey);
    if (event === undefined) {
      this.#take(row, this.#fieldOf(MESSAGE), raw);
      return;
    }
    this.#paths.eachLeaf(event, (field, text) => this.#take(row, field, text));
  }

  /** What was added since it was asked last. */
  takeDelta(): SegmentDelta {
    const told = this.#told;
    this.#told = {
      rows: this.#rows,
      fields: this.#fields.length,
      values: this.#valueTexts.length,
      cut: this.#cut.length,
      pairs: this.#pairFields.length,
      words: this.#table.words.length,
      postings: this.#postingWords.length,
    };
    return {
      rows: this.#rows - told.rows,
      fields: this.#fields.slice(told.fields),
      valueTexts: this.#valueTexts.slice(told.values),
      valueFields: copyOf(this.#valueFields.since(told.values)),
      cut: copyOf(this.#cut.since(told.cut)),
      pairFields: copyOf(this.#pairFields.since(told.pairs)),
      pairNumbers: copyOf(this.#pairNumbers.since(told.pairs)),
      pairRows: copyOf(this.#pairRows.since(told.pairs)),
      words: this.#table.words.slice(told.words),
      postingWords: copyOf(this.#postingWords.since(told.postings)),
      postingRows: copyOf(this.#postingRows.since(told.postings)),
    };
  }

  /** The whole segment as the database is to hold it. */
  seal(): SegmentParts {
    return sealParts({
      rows: this.#rows,
      fields: this.#fields,
      valueTexts: this.#valueTexts,
      valueFields: this.#valueFields.since(0),
      cut: this.#cut.since(0),
      pairFields: this.#pairFields.since(0),
      pairNumbers: this.#pairNumbers.since(0),
      pairRows: this.#pairRows.since(0),
      words: this.#table.words,
      hashes: this.#table.hashes,
      postingWords: this.#postingWords.since(0),
      postingRows: this.#postingRows.since(0),
    });
  }

  #fieldOf(path: string): number {
    const known = this.#fieldNumbers.get(path);
    if (known !== undefined) {
      return known;
    }
    if (this.#fields.length >= MAX_FIELDS || path.length > MAX_VALUE_CHARS) {
      return -1;
    }
    const number = this.#fields.push(path) - 1;
    this.#fieldNumbers.set(path, number);
    this.#known.push({ numbers: new Map(), wordsFrom: [], valueCount: 0 });
    return number;
  }

  #take(row: number, field: number, text: string): void {
    const known = this.#known[field];
    if (known === undefined) {
      return;
    }
    // A cut value may stand for many texts, so each is a value of its own.
    const number = text.length > MAX_VALUE_CHARS ? undefined : known.numbers.get(text);
    if (number === undefined) {
      this.#addValue(row, field, known, text);
      return;
    }
    this.#addPair(row, field, number);
    const lists = this.#valueWords.since(0);
    const from = known.wordsFrom[number] as number;
    const count = lists[from] as number;
    for (let at = from + 1; at <= from + count; at++) {
      this.#post(lists[at] as number, row);
    }
  }

  #addValue(row: number, field: number, known: Known, given: string): void {
    const number = known.valueCount++;
    const isCut = given.length > MAX_VALUE_CHARS;
    const text = separable(given);
    const value = isCut ? text.slice(0, MAX_VALUE_CHARS) : text;
    this.#valueTexts.push(value);
    this.#valueFields.push(field);
    this.#chars += value.length * 2;
    if (number >= MAX_VALUES) {
      this.#isFull = true;
    }
    this.#addPair(row, field, number);
    const table = this.#table;
    const folded = text.toLowerCase();
    if (isCut) {
      this.#cut.push(field * 0x1_0000 + number);
      known.wordsFrom.push(0);
      eachWord(folded, (all, start, end, hash) => this.#post(table.numberOf(all, start, end, hash), row));
      return;
    }
    known.numbers.set(given, number);
    const words: number[] = [];
    eachWord(folded, (all, start, end, hash) => {
      const word = table.numberOf(all, start, end, hash);
      this.#post(word, row);
      words.push(word);
    });
    known.wordsFrom.push(this.#valueWords.length);
    this.#valueWords.push(words.length);
    for (const word of words) {
      this.#valueWords.push(word);
    }
  }

  #addPair(row: number, field: number, number: number): void {
    this.#pairFields.push(field);
    this.#pairNumbers.push(number);
    this.#pairRows.push(row);
    if (this.#pairFields.length >= MAX_PAIRS) {
      this.#isFull = true;
    }
  }

  #post(word: number, row: number): void {
    if (word >= this.#lastRows.length) {
      const grown = new Int32Array(word * 2).fill(-1);
      grown.set(this.#lastRows);
      this.#lastRows = grown;
    }
    if (this.#lastRows[word] === row) {
      return;
    }
    if (this.#lastRows[word] === -1) {
      this.#chars += (this.#table.words[word] as string).length + 8;
    }
    this.#lastRows[word] = row;
    this.#postingWords.push(word);
    this.#postingRows.push(row);
    if (this.#postingWords.length >= MAX_POSTINGS) {
      this.#isFull = true;
    }
  }
}

type Told = Readonly<Record<"rows" | "fields" | "values" | "cut" | "pairs" | "words" | "postings", number>>;
