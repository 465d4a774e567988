import { longLog, shortLog } from "./number-log.ts";
import type { Column, Pairs, Segment, WordRows } from "./segment.ts";
import type { SegmentDelta } from "./segment-delta.ts";

/** The segment that takes new events, as a search reads it: in memory, put together from deltas. */
export class OpenSegment implements Segment {
  readonly firstNumber: number;
  readonly fields: string[] = [];
  readonly #columns: OpenColumn[] = [];
  readonly #fieldNumbers = new Map<string, number>();
  readonly #pairFields = shortLog();
  readonly #pairNumbers = shortLog();
  readonly #pairRows = shortLog();
  readonly #words: string[] = [];
  readonly #wordNumbers = new Map<string, number>();
  readonly #postingWords = longLog();
  readonly #postingRows = shortLog();
  #rows = 0;

  constructor(firstNumber: number) {
    this.firstNumber = firstNumber;
  }

  get rows(): number {
    return this.#rows;
  }

  apply(delta: SegmentDelta): void {
    this.#rows += delta.rows;
    for (const field of delta.fields) {
      const number = this.fields.push(field) - 1;
      this.#fieldNumbers.set(field, number);
      this.#columns.push(new OpenColumn(() => this.#pairsOf(number)));
    }
    for (let at = 0; at < delta.valueTexts.length; at++) {
      this.#columns[delta.valueFields[at] as number]?.add(delta.valueTexts[at] as string);
    }
    for (const value of delta.cut) {
      this.#columns[value >>> 16]?.addCut(value % 0x1_0000);
    }
    for (const field of delta.pairFields) {
      (this.#columns[field] as OpenColumn).count += 1;
    }
    this.#pairFields.append(delta.pairFields);
    this.#pairNumbers.append(delta.pairNumbers);
    this.#pairRows.append(delta.pairRows);
    for (const word of delta.words) {
      this.#words.push(word);
    }
    this.#postingWords.append(delta.postingWords);
    this.#postingRows.append(delta.postingRows);
  }

  column(field: string): Column | undefined {
    const number = this.#fieldNumbers.get(field);
    return number === undefined ? undefined : this.#columns[number];
  }

  mayHold(words: readonly string[]): boolean {
    const known = this.#known();
    return words.every((word) => known.has(word));
  }

  word(word: string): WordRows | undefined {
    const number = this.#known().get(word);
    return number === undefined ? undefined : this.#rowsOf((posted) => posted === number);
  }

  *words(prefix: string, test: (word: string) => boolean): Iterable<WordRows> {
    const found = new Uint8Array(this.#words.length);
    for (const [number, word] of this.#words.entries()) {
      if (word.startsWith(prefix) && test(word)) {
        found[number] = 1;
      }
    }
    yield this.#rowsOf((posted) => found[posted] === 1);
  }

  /** A search asks for words; until then none is looked up. */
  #known(): ReadonlyMap<string, number> {
    for (let number = this.#wordNumbers.size; number < this.#words.length; number++) {
      this.#wordNumbers.set(this.#words[number] as string, number);
    }
    return this.#wordNumbers;
  }

  #rowsOf(isWanted: (word: number) => boolean): Uint16Array {
    const [words, rows] = [this.#postingWords.since(0), this.#postingRows.since(0)];
    const found = shortLog();
    for (let at = 0; at < words.length; at++) {
      if (isWanted(words[at] as number)) {
        found.push(rows[at] as number);
      }
    }
    return found.since(0);
  }

  #pairsOf(field: number): Pairs {
    const fields = this.#pairFields.since(0);
    const [allNumbers, allRows] = [this.#pairNumbers.since(0), this.#pairRows.since(0)];
    const count = this.#columns[field]?.count ?? 0;
    const [numbers, rows] = [new Uint16Array(count), new Uint16Array(count)];
    let found = 0;
    for (let at = 0; at < fields.length; at++) {
      if (fields[at] === field) {
        numbers[found] = allNumbers[at] as number;
        rows[found++] = allRows[at] as number;
      }
    }
    return { numbers, rows };
  }
}

class OpenColumn implements Column {
  count = 0;
  bytes = 0;
  readonly #values: string[] = [];
  readonly #folded: string[] = [];
  readonly #cut: number[] = [];
  readonly pairs: () => Pairs;

  constructor(pairs: () => Pairs) {
    this.pairs = pairs;
  }

  get valueCount(): number {
    return this.#values.length;
  }

  add(value: string): void {
    this.#values.push(value);
    this.bytes += value.length;
  }

  addCut(number: number): void {
    this.#cut.push(number);
  }

  values(): readonly string[] {
    return this.#values;
  }

  folded(): readonly string[] {
    for (let number = this.#folded.length; number < this.#values.length; number++) {
      this.#folded.push((this.#values[number] as string).toLowerCase());
    }
    return this.#folded;
  }

  foldedText(): string {
    return `\0${this.folded().join("\0")}\0`;
  }

  cut(): readonly number[] {
    return this.#cut;
  }
}
