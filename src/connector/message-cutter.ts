import { isUtf8 } from "node:buffer";
import type { DeadLetterReason, Outcome } from "./contract.ts";
import type { CategoryCounter } from "./records/category-counter.ts";
import { repairJson } from "./records/repair.ts";
import type { RepairCounts } from "./records/repair-count.ts";
import { MessageScanner } from "./records/scanner.ts";
import { afterMark, isGzip, unpack } from "./records/unpack.ts";
import type { TextEngine } from "./scan/engine.ts";

export type CutterSettings = {
  /** Records of other categories are dropped; empty: all are forwarded. */
  readonly categories: ReadonlySet<string>;
  /** Malformed JSON is repaired if it can be. */
  readonly repairsJson: boolean;
};

export type CutterPorts = {
  readonly categoryCounter: CategoryCounter;
  readonly repairs: RepairCounts;
  readonly sink: RecordSink;
};

/** Where the records of a message go. */
export type RecordSink = {
  /** False while no further record may be taken. */
  readonly hasRoom: boolean;
  /** @returns false if the record is too large to be sent; it was not taken. */
  add(engine: TextEngine, start: number, end: number, sequenceNumber: number, recordIndex: number): boolean;
  /** @param bytes Hold during the call alone. */
  setAside(
    bytes: Buffer,
    sequenceNumber: number,
    recordIndex: number,
    reason: DeadLetterReason,
    detail: string,
  ): void;
  /** Records that need no room. */
  settled(outcome: Outcome, records: number): void;
};

/** A message of which not all records had room. */
type Rest = {
  readonly sequenceNumber: number;
  readonly isText: boolean;
  readonly count: number;
  /** The first record that is left. */
  readonly next: number;
  readonly bringBack: () => void;
};

const TOO_LARGE = "the event is larger than 250,000 bytes, the most that the intake takes";
const NOT_UTF8 = "the event is not UTF-8 text, so the intake's JSON cannot carry its bytes";

/**
 * Takes the records of one message after the other. A message may hold more records than there is room for, so it
 * stops within one; nothing else may be given to it before the rest is taken.
 */
export class MessageCutter {
  readonly #settings: CutterSettings;
  readonly #ports: CutterPorts;
  readonly #scanner = new MessageScanner();
  #rest: Rest | undefined;

  constructor(settings: CutterSettings, ports: CutterPorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /** Records of the last message that had no room yet. */
  get left(): number {
    return this.#rest === undefined ? 0 : this.#rest.count - this.#rest.next;
  }

  /**
   * @param bytes Hold the body from `start` to `end` during the call alone.
   * @returns how many records the message holds, those left included.
   */
  take(bytes: Buffer, start: number, end: number, sequenceNumber: number): number {
    const records = this.#take(bytes, start, end, sequenceNumber);
    if (this.#rest === undefined) {
      this.#scanner.letGo();
    }
    return records;
  }

  /** Takes what is left, as far as there is room. */
  goOn(): void {
    const rest = this.#rest;
    if (rest === undefined) {
      return;
    }
    rest.bringBack();
    const next = this.#cut(rest.sequenceNumber, rest.isText, rest.next);
    if (next < rest.count) {
      this.#rest = { ...rest, next };
    } else {
      this.drop();
    }
  }

  /** What is left is not wanted any more. */
  drop(): void {
    this.#rest = undefined;
    this.#scanner.letGo();
  }

  #take(bytes: Buffer, start: number, end: number, sequenceNumber: number): number {
    if (!isGzip(bytes, start, end)) {
      return this.#takeText(bytes, afterMark(bytes, start, end), end, sequenceNumber);
    }
    const body = bytes.subarray(start, end);
    const unpacked = unpack(body);
    if (unpacked.kind === "unreadable") {
      this.#ports.sink.setAside(body, sequenceNumber, 0, "BODY_UNREADABLE", unpacked.detail);
      return 1;
    }
    return this.#takeText(unpacked.bytes, unpacked.start, unpacked.end, sequenceNumber);
  }

  #takeText(bytes: Buffer, start: number, end: number, sequenceNumber: number): number {
    const scanner = this.#scanner;
    const { repairs, sink } = this.#ports;
    const shape = scanner.scan(bytes, start, end);
    if (shape === "heartbeat") {
      sink.settled("heartbeat", 1);
      return 1;
    }
    if (shape === "text" && this.#settings.repairsJson) {
      const repair = repairJson(bytes.subarray(start, end));
      if (repair !== undefined) {
        const records = this.#takeText(repair.bytes, 0, repair.bytes.length, sequenceNumber);
        repairs.count(repair.kinds, scanner.count > 0 ? scanner.category(0) : undefined);
        return records;
      }
      // Looking for a repair may have scanned another text.
      scanner.scan(bytes, start, end);
    }
    const isText = scanner.isAscii || isUtf8(bytes.subarray(start, end));
    const { count } = scanner;
    const next = this.#cut(sequenceNumber, isText, 0);
    if (next < count) {
      this.#rest = { sequenceNumber, isText, count, next, bringBack: scanner.keep() };
    }
    return count;
  }

  /** Takes records from `first` on, one at least. @returns the first that had no room. */
  #cut(sequenceNumber: number, isText: boolean, first: number): number {
    const { categoryCounter, sink } = this.#ports;
    const { categories } = this.#settings;
    const scanner = this.#scanner;
    const { engine, count } = scanner;
    let filtered = 0;
    let index = first;
    for (; index < count; index++) {
      // One record at least, so that every call gets on.
      if (index > first && !sink.hasRoom) {
        break;
      }
      const from = scanner.start(index);
      const to = scanner.end(index);
      scanner.countCategory(index, categoryCounter);
      if (categories.size > 0 && scanner.isObject(index) && !categories.has(scanner.category(index) ?? "")) {
        filtered++;
      } else if (!isText && !isUtf8(engine.bytes.subarray(from, to))) {
        const bytes = engine.bytes.subarray(from, to);
        sink.setAside(bytes, sequenceNumber, index, "EVENT_NOT_UTF8", NOT_UTF8);
      } else if (!sink.add(engine, from, to, sequenceNumber, index)) {
        const bytes = engine.bytes.subarray(from, to);
        sink.setAside(bytes, sequenceNumber, index, "EVENT_TOO_LARGE", TOO_LARGE);
      }
    }
    if (filtered > 0) {
      sink.settled("filtered", filtered);
    }
    return index;
  }
}
