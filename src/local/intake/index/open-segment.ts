import { separable } from "../query/matcher.ts";
import { eachLeaf } from "./leaves.ts";
import { MAX_VALUE_CHARS, type Occurrences, SEGMENT_ROWS, type Segment, type Values } from "./segment.ts";
import { WordTable } from "./word-table.ts";
import { eachWord } from "./words.ts";

/** A column with more values is full: a value number has sixteen bits, and one event may bring a thousand. */
const MAX_VALUES = 60_000;
const MAX_PAIRS = 4_000_000;
const MAX_FIELDS = 2000;
/** Characters of values and words held in memory. */
const MAX_CHARS = 24 * 1024 * 1024;

export const KEY_FIELD = "customer.intake_key";
const MESSAGE = "message";

class OpenColumn {
  readonly numbers = new Map<string, number>();
  readonly values: string[] = [];
  readonly folded: string[] = [];
  readonly pairs: number[] = [];
  readonly cut: number[] = [];
}

/** The segment that takes new events, in memory. */
export class OpenSegment implements Segment {
  readonly firstNumber: number;
  readonly fields: string[] = [];
  readonly columns: OpenColumn[] = [];
  readonly wordTable = new WordTable();
  readonly #fieldNumbers = new Map<string, number>();
  #rows = 0;
  #chars = 0;
  #isFull = false;

  constructor(firstNumber: number) {
    this.firstNumber = firstNumber;
  }

  get rows(): number {
    return this.#rows;
  }

  /** The next event begins a new segment. */
  get isFull(): boolean {
    return this.#isFull || this.#rows === SEGMENT_ROWS || this.#chars > MAX_CHARS;
  }

  /** @param ecs The parsed event; undefined when nothing parsed it: then its text is its message. */
  add(intakeKey: string, raw: string, ecs: unknown): void {
    const row = this.#rows++;
    this.#take(row, KEY_FIELD, intakeKey);
    if (ecs === undefined) {
      this.#take(row, MESSAGE, raw);
      return;
    }
    eachLeaf(ecs, (path, text) => this.#take(row, path, text));
  }

  #take(row: number, field: string, given: string): void {
    const text = separable(given);
    let number = this.#fieldNumbers.get(field);
    if (number === undefined) {
      if (this.fields.length >= MAX_FIELDS || field.length > MAX_VALUE_CHARS) {
        return;
      }
      number = this.fields.push(field) - 1;
      this.#fieldNumbers.set(field, number);
      this.columns.push(new OpenColumn());
    }
    const column = this.columns[number] as OpenColumn;
    const isCut = text.length > MAX_VALUE_CHARS;
    const value = isCut ? text.slice(0, MAX_VALUE_CHARS) : text;
    // A cut value may stand for many texts, so each is a value of its own.
    let known = isCut ? undefined : column.numbers.get(value);
    if (known === undefined) {
      known = column.values.length;
      const folded = text.toLowerCase();
      column.values.push(value);
      column.folded.push(isCut ? folded.slice(0, MAX_VALUE_CHARS) : folded);
      if (isCut) {
        column.cut.push(known);
      } else {
        column.numbers.set(value, known);
      }
      this.#chars += value.length * 2;
      if (known >= MAX_VALUES) {
        this.#isFull = true;
      }
      this.#addWords(folded, number * 0x1_0000 + known);
    }
    if (column.pairs.push(row, known) >= MAX_PAIRS) {
      this.#isFull = true;
    }
  }

  #addWords(folded: string, occurrence: number): void {
    const table = this.wordTable;
    eachWord(folded, (start, end) => {
      this.#chars += table.add(folded, start, end, occurrence);
    });
  }

  countOf(field: string): number {
    return (this.#columnOf(field)?.pairs.length ?? 0) / 2;
  }

  isSmall(): boolean {
    return true;
  }

  values(field: string): Values {
    return this.#columnOf(field) ?? { values: [], folded: [], cut: [] };
  }

  pairs(field: string): ArrayLike<number> {
    return this.#columnOf(field)?.pairs ?? [];
  }

  foldedText(field: string): string {
    return `\0${this.#columnOf(field)?.folded.join("\0") ?? ""}\0`;
  }

  word(word: string): Occurrences | undefined {
    return this.wordTable.get(word);
  }

  *words(prefix: string, test: (word: string) => boolean): Iterable<Occurrences> {
    const { words, occurrences } = this.wordTable;
    for (const [index, word] of words.entries()) {
      if (word.startsWith(prefix) && test(word)) {
        yield occurrences[index] ?? [];
      }
    }
  }

  #columnOf(field: string): OpenColumn | undefined {
    const number = this.#fieldNumbers.get(field);
    return number === undefined ? undefined : this.columns[number];
  }
}
