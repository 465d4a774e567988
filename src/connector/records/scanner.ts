import type { CategoryCensus } from "./census.ts";
import {
  beginScan,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  INVALID,
  isAsciiSoFar,
  nextItem,
  OPEN_BRACE,
  OPEN_BRACKET,
  skipKey,
  skipValue,
  skipWhitespace,
} from "./json.ts";

/**
 * What a message turned out to be:
 * `records`: JSON, its records are listed (perhaps none); `text`: no JSON, the whole is one record;
 * `heartbeat`: an object whose `type` is "heartbeat"; `empty`: no byte at all.
 */
export type MessageShape = "records" | "text" | "heartbeat" | "empty";

const KEY_RECORDS = Buffer.from('"records"');
const KEY_CATEGORY = Buffer.from('"category"');
const KEY_TYPE = Buffer.from('"type"');
const HEARTBEAT = Buffer.from('"heartbeat"');

/** Where wrappers are opened: Azure wraps records in an object, and some pipelines wrap that in an array. */
type Unwrap = "any" | "sole-key" | "never";

/**
 * Finds the records of one message as ranges of its bytes, without building or changing anything.
 * One scanner serves all messages, one after the other; the ranges hold until the next `scan`.
 *
 *   array → its items; `{"records":[…]}` → those records, also as the only key of an array's item;
 *   any other object or value → one record; `null` records are left out; no JSON → the text is one record.
 *
 * An object with two `records` keys is one record: taking one of them would lose the other.
 */
export class MessageScanner {
  #bytes: Buffer = Buffer.alloc(0);
  #isAscii = false;
  /** Four numbers a record: start, end, and start and end of the category's JSON string (0, 0 for none). */
  #ranges: number[] = [];
  #isText = false;
  /** Whether the object that was listed last as one record is a heartbeat. */
  #isHeartbeat = false;

  /** True if the last message is known to hold ASCII alone; false says nothing. */
  get isAscii(): boolean {
    return this.#isAscii;
  }

  /** The number of records of the last message. */
  get count(): number {
    return this.#ranges.length / 4;
  }

  start(index: number): number {
    return this.#ranges[index * 4] as number;
  }

  end(index: number): number {
    return this.#ranges[index * 4 + 1] as number;
  }

  /** The record's top-level `category` if it is an object that has one as text; the last one of several. */
  category(index: number): string | undefined {
    const start = this.#ranges[index * 4 + 2] as number;
    const end = this.#ranges[index * 4 + 3] as number;
    return end === 0 ? undefined : (JSON.parse(this.#bytes.toString("utf8", start, end)) as string);
  }

  /** Counts the record under its category. */
  countCategory(index: number, census: CategoryCensus): void {
    census.count(this.#bytes, this.#ranges[index * 4 + 2] as number, this.#ranges[index * 4 + 3] as number);
  }

  /** Whether the record is a JSON object, so that a category can be asked of it. */
  isObject(index: number): boolean {
    return !this.#isText && this.#bytes[this.start(index)] === OPEN_BRACE;
  }

  /** @param bytes Hold the decoded body (no byte order mark, not packed) from `from` to `end`. */
  scan(bytes: Buffer, from: number, end: number): MessageShape {
    this.#bytes = bytes;
    this.#ranges.length = 0;
    this.#isAscii = false;
    this.#isText = false;
    beginScan(bytes);
    if (from === end) return "empty";
    const shape = this.#scanDocument(bytes, from, end);
    if (shape !== "text") {
      this.#isAscii = isAsciiSoFar();
      return shape;
    }
    this.#isText = true;
    this.#ranges.length = 0;
    this.#add(from, end);
    return "text";
  }

  #scanDocument(bytes: Buffer, from: number, end: number): MessageShape {
    const start = skipWhitespace(bytes, from, end);
    const after =
      bytes[start] === OPEN_BRACKET
        ? this.#scanArray(start, end, "sole-key")
        : this.#scanItem(start, end, "any");
    if (after === INVALID || skipWhitespace(bytes, after, end) !== end) return "text";
    const isWhole = this.count === 1 && this.start(0) === start;
    return isWhole && bytes[start] === OPEN_BRACE && this.#isHeartbeat ? "heartbeat" : "records";
  }

  /** @param at The index of `[`. @returns the index after the array, or `INVALID`. */
  #scanArray(at: number, end: number, unwrap: Unwrap): number {
    const bytes = this.#bytes;
    at = skipWhitespace(bytes, at + 1, end);
    if (at < end && bytes[at] === CLOSE_BRACKET) return at + 1;
    for (;;) {
      at = this.#scanItem(at, end, unwrap);
      if (at === INVALID) return INVALID;
      at = nextItem(bytes, at, end, CLOSE_BRACKET);
      if (at === INVALID) return INVALID;
      if (bytes[at] === CLOSE_BRACKET) return at + 1;
    }
  }

  #scanItem(at: number, end: number, unwrap: Unwrap): number {
    const bytes = this.#bytes;
    if (at < end && bytes[at] === OPEN_BRACE) return this.#scanObject(at, end, unwrap);
    const after = skipValue(bytes, at, end);
    const isNull = after === at + 4 && bytes[at] === 0x6e;
    if (after !== INVALID && !isNull) this.#add(at, after);
    return after;
  }

  /** Lists the object as one record, or the records inside it if it is a wrapper. */
  #scanObject(start: number, end: number, unwrap: Unwrap): number {
    const bytes = this.#bytes;
    const rangesBefore = this.#ranges.length;
    let members = 0;
    let wrapped = 0;
    let categoryStart = 0;
    let categoryEnd = 0;
    let isHeartbeat = false;
    let at = skipWhitespace(bytes, start + 1, end);
    if (at < end && bytes[at] !== CLOSE_BRACE) {
      for (;;) {
        const key = at;
        at = skipKey(bytes, at, end);
        if (at === INVALID) return INVALID;
        members++;
        const value = at;
        if (unwrap !== "never" && bytes[value] === OPEN_BRACKET && this.#keyIs(key, KEY_RECORDS)) {
          wrapped++;
          at = this.#scanArray(value, end, "never");
        } else {
          at = skipValue(bytes, value, end);
        }
        if (at === INVALID) return INVALID;
        if (this.#keyIs(key, KEY_CATEGORY)) {
          const isText = bytes[value] === 0x22;
          categoryStart = isText ? value : 0;
          categoryEnd = isText ? at : 0;
        } else if (this.#keyIs(key, KEY_TYPE)) {
          isHeartbeat = this.#matches(value, at, HEARTBEAT);
        }
        at = nextItem(bytes, at, end, CLOSE_BRACE);
        if (at === INVALID) return INVALID;
        if (bytes[at] === CLOSE_BRACE) break;
      }
    }
    if (at >= end) return INVALID;
    const isWrapper = wrapped === 1 && (unwrap === "any" || members === 1);
    if (!isWrapper) {
      this.#ranges.length = rangesBefore;
      this.#isHeartbeat = isHeartbeat;
      this.#ranges.push(start, at + 1, categoryStart, categoryEnd);
    }
    return at + 1;
  }

  #add(start: number, end: number): void {
    this.#ranges.push(start, end, 0, 0);
  }

  /** Whether the JSON string at `key` is the one given; a key with escapes is unescaped first. */
  #keyIs(key: number, quoted: Buffer): boolean {
    const bytes = this.#bytes;
    // Most keys differ in their first letter, so look there before anything else.
    const first = bytes[key + 1];
    if (first !== quoted[1] && first !== 0x5c) return false;
    let end = key + 1;
    let hasEscape = false;
    while (bytes[end] !== 0x22) {
      if (bytes[end] === 0x5c) {
        hasEscape = true;
        end++;
      }
      end++;
    }
    end++;
    if (!hasEscape) return this.#matches(key, end, quoted);
    return JSON.stringify(JSON.parse(bytes.toString("utf8", key, end))) === quoted.toString();
  }

  #matches(start: number, end: number, wanted: Buffer): boolean {
    if (end - start !== wanted.length) return false;
    const bytes = this.#bytes;
    for (let index = 0; index < wanted.length; index++) {
      if (bytes[start + index] !== wanted[index]) return false;
    }
    return true;
  }
}
