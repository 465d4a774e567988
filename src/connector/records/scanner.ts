import { type TextEngine, textEngineFor } from "../scan/engine.ts";
import type { CategoryCounter } from "./category-counter.ts";

/**
 * What a message turned out to be:
 * `records`: JSON, its records are listed (perhaps none); `text`: no JSON, the whole is one record;
 * `heartbeat`: `{"type":"heartbeat"}` and nothing else in it; `empty`: no byte at all.
 */
export type MessageShape = "records" | "text" | "heartbeat" | "empty";

const OPEN_BRACE = 0x7b;

/**
 * Finds the records of one message as ranges of bytes, without building or changing anything.
 * What a scan found holds until any scanner scans again.
 *
 *   array → its items; `{"records":[…]}` → those records, also as the only key of an array's item;
 *   a wrapper of no record that says something else too, and any other object or value → one record; `null` records are left out; no JSON → the text is one record.
 *
 * An object with two `records` keys is one record: taking one of them would lose the other. So is a text of more than
 * 1,048,576 records.
 */
export class MessageScanner {
  #engine: TextEngine = textEngineFor(0);
  /** The range of a message that is not JSON. */
  #textStart = 0;
  #textEnd = 0;
  #scannedFrom = 0;
  #scannedTo = 0;

  /** The memory that the ranges of the last message lie in. */
  get engine(): TextEngine {
    return this.#engine;
  }

  /** True if the last message is known to hold ASCII alone; false says nothing. */
  get isAscii(): boolean {
    return this.#textEnd === 0 && this.#engine.isAscii;
  }

  /** The number of records of the last message. */
  get count(): number {
    return this.#textEnd > 0 ? 1 : this.#engine.count;
  }

  start(index: number): number {
    return this.#textEnd > 0 ? this.#textStart : this.#engine.start(index);
  }

  end(index: number): number {
    return this.#textEnd > 0 ? this.#textEnd : this.#engine.end(index);
  }

  /** The record's top-level `category` if it is an object that has one as text; the last one of several. */
  category(index: number): string | undefined {
    const engine = this.#engine;
    const end = this.#textEnd > 0 ? 0 : engine.categoryEnd(index);
    if (end === 0) {
      return undefined;
    }
    return JSON.parse(engine.bytes.toString("utf8", engine.categoryStart(index), end)) as string;
  }

  /** Counts the record under its category. */
  countCategory(index: number, counter: CategoryCounter): void {
    const engine = this.#engine;
    if (this.#textEnd > 0) {
      counter.count(engine.bytes, 0, 0);
    } else {
      counter.count(engine.bytes, engine.categoryStart(index), engine.categoryEnd(index));
    }
  }

  /** Whether the record is a JSON object, so that a category can be asked of it. */
  isObject(index: number): boolean {
    return this.#textEnd === 0 && this.#engine.bytes[this.#engine.start(index)] === OPEN_BRACE;
  }

  /** @param bytes Hold the decoded body (no byte order mark, not packed) from `from` to `end`. */
  scan(bytes: Buffer, from: number, end: number): MessageShape {
    const length = end - from;
    const engine = textEngineFor(length);
    this.#engine = engine;
    const start = engine.place(bytes, from, end);
    const found = engine.scan(start, start + length);
    this.#scannedFrom = start;
    this.#scannedTo = start + length;
    this.#textStart = start;
    this.#textEnd = found === "text" && length > 0 ? start + length : 0;
    return length === 0 ? "empty" : found;
  }

  /**
   * Keeps the text that was scanned last, while other scanners scan.
   * @returns makes all as it was after the scan.
   */
  keep(): () => void {
    const engine = this.#engine;
    // A long text has its memory for itself.
    if (!engine.isShared) {
      return () => undefined;
    }
    const text = Buffer.from(engine.bytes.subarray(this.#scannedFrom, this.#scannedTo));
    return () => this.scan(text, 0, text.length);
  }

  /** Lets go the memory of a long text. */
  letGo(): void {
    if (!this.#engine.isShared) {
      this.#engine = textEngineFor(0);
    }
  }
}

/** Whether the bytes are one JSON value with nothing but white space around it. */
export function isJson(bytes: Buffer): boolean {
  const shape = new MessageScanner().scan(bytes, 0, bytes.length);
  return shape === "records" || shape === "heartbeat";
}
