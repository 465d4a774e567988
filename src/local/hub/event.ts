import { FRAME_HEAD_BYTES, writeHead } from "./frame.ts";

/** A message as a producer sent it, cut into what the hub keeps. */
export type IncomingEvent = {
  /** The sections after the annotations: properties, application properties, body and footer, as they were encoded. */
  readonly sections: Buffer;
  /** The producer's own message annotations: encoded keys and values, and how many of both there are. */
  readonly annotations: Buffer;
  readonly annotationItems: number;
  /** The whole section, as it was encoded; empty if there is none. */
  readonly deliveryAnnotations: Buffer;
  readonly partitionKey: string | undefined;
  /** As an idempotent producer numbers it. */
  readonly sequenceNumber: number | undefined;
};

/** Where the hub put an event. */
export type Placement = {
  readonly sequenceNumber: number;
  /** Bytes of the partition's log before the event; written as text on the wire, where it is opaque. */
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly enqueuedAtMs: number;
};

const symbolKey = (name: string) => Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name)]);
const SEQUENCE_KEY = Buffer.concat([symbolKey("x-opt-sequence-number"), Buffer.from([0x81])]);
const OFFSET_KEY = Buffer.concat([symbolKey("x-opt-offset"), Buffer.from([0xa1])]);
const TIME_KEY = Buffer.concat([symbolKey("x-opt-enqueued-time"), Buffer.from([0x83])]);
const PARTITION_KEY_KEY = symbolKey("x-opt-partition-key");

/** Descriptor of the message annotations, map32, size and count. */
const ANNOTATIONS_HEAD_BYTES = 12;
const FIXED_BYTES =
  FRAME_HEAD_BYTES +
  ANNOTATIONS_HEAD_BYTES +
  SEQUENCE_KEY.length +
  8 +
  OFFSET_KEY.length +
  1 +
  TIME_KEY.length +
  8;

/** An upper bound of what the event takes as a stored frame. */
export function storedBytesMax(event: IncomingEvent): number {
  const offsetDigitsMax = 16;
  const key = event.partitionKey;
  const keyBytes = key === undefined ? 0 : PARTITION_KEY_KEY.length + 5 + Buffer.byteLength(key);
  return (
    FIXED_BYTES +
    offsetDigitsMax +
    keyBytes +
    event.deliveryAnnotations.length +
    event.annotations.length +
    event.sections.length
  );
}

/**
 * Writes an event as a finished transfer frame: the service's annotations first, then what the producer sent.
 * @param target Room for `storedBytesMax(event)` bytes from `start`.
 * @returns the offset after the frame.
 */
export function writeStored(target: Buffer, start: number, event: IncomingEvent, place: Placement): number {
  const map = copy(target, start + FRAME_HEAD_BYTES, event.deliveryAnnotations);
  target[map] = 0x00;
  target[map + 1] = 0x53;
  target[map + 2] = 0x72;
  target[map + 3] = 0xd1;
  let at = map + ANNOTATIONS_HEAD_BYTES;
  at = copy(target, at, SEQUENCE_KEY);
  at = write64(target, at, place.sequenceNumber);
  at = copy(target, at, OFFSET_KEY);
  const offset = String(place.offset);
  target[at] = offset.length;
  at += 1 + target.write(offset, at + 1, "latin1");
  at = copy(target, at, TIME_KEY);
  at = write64(target, at, place.enqueuedAtMs);
  let items = 6 + event.annotationItems;
  if (event.partitionKey !== undefined) {
    items += 2;
    at = copy(target, at, PARTITION_KEY_KEY);
    const bytes = target.write(event.partitionKey, at + 5, "utf8");
    target[at] = 0xb1;
    target.writeUInt32BE(bytes, at + 1);
    at += 5 + bytes;
  }
  at = copy(target, at, event.annotations);
  target.writeUInt32BE(at - map - 8, map + 4);
  target.writeUInt32BE(items, map + 8);
  at = copy(target, at, event.sections);
  writeHead(target, start, at - start);
  return at;
}

function copy(target: Buffer, at: number, source: Buffer): number {
  target.set(source, at);
  return at + source.length;
}

/** A non-negative whole number as eight bytes. */
function write64(target: Buffer, at: number, value: number): number {
  target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  target.writeUInt32BE(value % 2 ** 32, at + 4);
  return at + 8;
}
