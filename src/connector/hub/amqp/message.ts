import {
  type Compound,
  type Extent,
  openBytes,
  openCompound,
  readInteger,
  skipValue,
  WireFault,
} from "./values.ts";

const SECTION_MESSAGE_ANNOTATIONS = 0x72;
const SECTION_DATA = 0x75;
const SECTION_SEQUENCE = 0x76;
const SECTION_VALUE = 0x77;

const TIMESTAMP = 0x83;
const SEQUENCE_NUMBER = Buffer.from("x-opt-sequence-number");
const OFFSET = Buffer.from("x-opt-offset");
const ENQUEUED_TIME = Buffer.from("x-opt-enqueued-time");

/** `data`: one data section, in place. `other`: several of them, or a value or sequence; somebody must build it. */
export type BodyKind = "data" | "other" | "none";

/**
 * Finds the body and the position of one encoded message (OASIS AMQP 1.0, 3.2), building nothing.
 * One object serves all messages, one after the other; what it tells are indexes into the bytes given to `read`.
 */
export class MessageView {
  sequenceNumber = 0;
  /** Where the offset's text lies. */
  offsetStart = 0;
  offsetEnd = 0;
  /** Where the enqueued time's value lies, a timestamp; 0 when there is none. */
  enqueuedTimeAt = 0;
  bodyKind: BodyKind = "none";
  bodyStart = 0;
  bodyEnd = 0;

  readonly #compound: Compound = { first: 0, end: 0, count: 0 };
  readonly #extent: Extent = { start: 0, end: 0 };

  /** Whether sequence number and offset were found, be it in a message that is damaged behind them. */
  get hasPosition(): boolean {
    return this.sequenceNumber >= 0 && this.offsetEnd > 0;
  }

  /** @throws WireFault when the bytes are not a message, or one without a sequence number and offset. */
  read(bytes: Buffer, start: number, end: number): void {
    this.sequenceNumber = -1;
    this.offsetEnd = 0;
    this.enqueuedTimeAt = 0;
    this.bodyKind = "none";
    let at = start;
    while (at < end) {
      const section = sectionCode(bytes, at, end);
      const value = bytes[at + 1] === 0x53 ? at + 3 : skipValue(bytes, at + 1, end);
      if (value >= end) {
        throw new WireFault("a message section ends too early");
      }
      if (section === SECTION_DATA) {
        at = this.#readData(bytes, value, end);
      } else {
        if (section === SECTION_MESSAGE_ANNOTATIONS) {
          this.#readAnnotations(bytes, value, end);
        } else if (section === SECTION_VALUE || section === SECTION_SEQUENCE) {
          this.bodyKind = "other";
        }
        at = skipValue(bytes, value, end);
      }
    }
    if (!this.hasPosition) {
      throw new WireFault(
        "a message has no sequence number or offset, so it does not come from an Event Hub",
      );
    }
  }

  #readData(bytes: Buffer, at: number, end: number): number {
    openBytes(bytes, at, end, this.#extent);
    this.bodyKind = this.bodyKind === "none" ? "data" : "other";
    this.bodyStart = this.#extent.start;
    this.bodyEnd = this.#extent.end;
    return this.#extent.end;
  }

  #readAnnotations(bytes: Buffer, at: number, end: number): void {
    const map = this.#compound;
    const key = this.#extent;
    openCompound(bytes, at, end, map);
    const { end: mapEnd, count } = map;
    at = map.first;
    for (let index = 0; index + 1 < count; index += 2) {
      const value = skipValue(bytes, at, mapEnd);
      const next = skipValue(bytes, value, mapEnd);
      // A key is a symbol by the specification; anything else is not one of ours.
      if (bytes[at] === 0xa3 || bytes[at] === 0xb3) {
        openBytes(bytes, at, mapEnd, key);
        if (isText(bytes, key, SEQUENCE_NUMBER)) {
          this.sequenceNumber = readInteger(bytes, value, mapEnd);
        } else if (isText(bytes, key, OFFSET)) {
          openBytes(bytes, value, mapEnd, key);
          this.offsetStart = key.start;
          this.offsetEnd = key.end;
        } else if (isText(bytes, key, ENQUEUED_TIME)) {
          if (bytes[value] === TIMESTAMP) {
            this.enqueuedTimeAt = value;
          }
        }
      }
      at = next;
    }
  }
}

function sectionCode(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] === 0x00 && end - at > 3) {
    if (bytes[at + 1] === 0x53) {
      return bytes[at + 2] as number;
    }
    if (bytes[at + 1] === 0x80 && end - at > 10) {
      return bytes[at + 9] as number;
    }
  }
  throw new WireFault("a message section was expected");
}

function isText(bytes: Buffer, { start, end }: Extent, text: Buffer): boolean {
  if (end - start !== text.length) {
    return false;
  }
  for (let index = 0; index < text.length; index++) {
    if (bytes[start + index] !== text[index]) {
      return false;
    }
  }
  return true;
}
