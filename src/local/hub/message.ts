import { readBinary, readCompound, readInt, readText, skipValue } from "./encoding.ts";
import type { IncomingEvent } from "./event.ts";

/** Message format of a batch: each data section holds one whole encoded message. */
const BATCH_FORMAT = 0x80013700;

const HEADER = 0x70;
export const DELIVERY_ANNOTATIONS = 0x71;
const MESSAGE_ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const DATA = 0x75;
const FOOTER = 0x78;
const NOTHING = Buffer.alloc(0);

/** The annotations that only the service sets; a producer's own values for them are dropped. */
const SERVICE_ANNOTATIONS = new Set([
  "x-opt-sequence-number",
  "x-opt-offset",
  "x-opt-enqueued-time",
  "com.microsoft:producer-id",
  "com.microsoft:producer-epoch",
]);
const PARTITION_KEY = "x-opt-partition-key";
export const PRODUCER_SEQUENCE_NUMBER = "com.microsoft:producer-sequence-number";

type Annotations = Pick<IncomingEvent, "annotations" | "annotationItems" | "partitionKey" | "sequenceNumber">;
const NO_ANNOTATIONS: Annotations = {
  annotations: NOTHING,
  annotationItems: 0,
  partitionKey: undefined,
  sequenceNumber: undefined,
};

type Section = {
  readonly code: number;
  readonly start: number;
  readonly value: number;
  readonly end: number;
};

/** What a producer sent in one transfer. */
export type IncomingMessage = {
  readonly events: readonly IncomingEvent[];
  /** Of the whole batch, or of the single message. */
  readonly partitionKey: string | undefined;
  /** Of the first event, as an idempotent producer numbers it. */
  readonly sequenceNumber: number | undefined;
};

/**
 * Cuts a producer's message into events.
 * @param format The transfer's message format.
 * @returns undefined if the bytes are not a message.
 */
export function readMessage(bytes: Buffer, format: number): IncomingMessage | undefined {
  if (format !== BATCH_FORMAT) {
    const event = readEvent(bytes, undefined);
    return event === undefined ? undefined : { ...event, events: [event] };
  }
  const sections = readSections(bytes);
  if (sections === undefined) {
    return undefined;
  }
  const outer = sections.find((section) => section.code === MESSAGE_ANNOTATIONS);
  const { partitionKey, sequenceNumber } =
    outer === undefined ? NO_ANNOTATIONS : readAnnotations(bytes, outer.value);
  const events: IncomingEvent[] = [];
  for (const section of sections) {
    if (section.code === DATA) {
      const inner = readBinary(bytes, section.value);
      const event = inner === undefined ? undefined : readEvent(inner, partitionKey);
      if (event === undefined) {
        return undefined;
      }
      events.push(event);
    }
  }
  return { events, partitionKey, sequenceNumber };
}

/** An event whose body is these bytes, with nothing else to it. */
export function eventOf(body: Buffer): IncomingEvent {
  // By hand: benchmarks preload millions of events through here.
  const sections = Buffer.allocUnsafe(8 + body.length);
  sections.writeUInt32BE(0x005375b0);
  sections.writeUInt32BE(body.length, 4);
  sections.set(body, 8);
  return {
    sections,
    annotations: NOTHING,
    annotationItems: 0,
    deliveryAnnotations: NOTHING,
    partitionKey: undefined,
    sequenceNumber: undefined,
  };
}

function readEvent(bytes: Buffer, batchKey: string | undefined): IncomingEvent | undefined {
  const sections = readSections(bytes);
  if (sections === undefined) {
    return undefined;
  }
  const annotated = sections.find((section) => section.code === MESSAGE_ANNOTATIONS);
  const own = annotated === undefined ? NO_ANNOTATIONS : readAnnotations(bytes, annotated.value);
  const delivery = sections.find((section) => section.code === DELIVERY_ANNOTATIONS);
  return {
    ...own,
    partitionKey: batchKey ?? own.partitionKey,
    deliveryAnnotations: delivery === undefined ? NOTHING : bytes.subarray(delivery.start, delivery.end),
    sections: keptOf(bytes, sections),
  };
}

/** Properties, application properties, body and footer; a view where they lie together. */
function keptOf(bytes: Buffer, sections: readonly Section[]): Buffer {
  const kept = sections.filter((section) => section.code >= PROPERTIES);
  const isTogether = kept.every((section, index) => index === 0 || section.start === kept[index - 1]?.end);
  return isTogether
    ? bytes.subarray(kept[0]?.start ?? 0, kept.at(-1)?.end ?? 0)
    : Buffer.concat(kept.map(({ start, end }) => bytes.subarray(start, end)));
}

/** @returns the sections in their order, or undefined if the bytes are not a message. */
function readSections(bytes: Buffer): Section[] | undefined {
  const sections: Section[] = [];
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at] === 0x00 && bytes[at + 1] === 0x53 ? (bytes[at + 2] ?? 0) : 0;
    const end = skipValue(bytes, at, bytes.length);
    // The Python client writes its delivery annotations last; all others keep the order of the specification.
    const previous = sections.findLast((section) => section.code !== DELIVERY_ANNOTATIONS);
    const rises = code === DELIVERY_ANNOTATIONS || code >= (previous?.code ?? 0);
    if (end < 0 || code < HEADER || code > FOOTER || !rises) {
      return undefined;
    }
    if (code === DELIVERY_ANNOTATIONS || code === MESSAGE_ANNOTATIONS) {
      if (readCompound(bytes, at + 3) === undefined) {
        return undefined;
      }
    }
    sections.push({ code, start: at, value: at + 3, end });
    at = end;
  }
  return sections;
}

function readAnnotations(bytes: Buffer, offset: number): Annotations {
  const parts: Buffer[] = [];
  let partitionKey: string | undefined;
  let sequenceNumber: number | undefined;
  const compound = readCompound(bytes, offset) ?? { items: 0, count: 0, end: 0 };
  let at = compound.items;
  for (let i = 0; i + 1 < compound.count; i += 2) {
    const value = skipValue(bytes, at, compound.end);
    const end = skipValue(bytes, value, compound.end);
    const key = readText(bytes, at);
    if (key === PARTITION_KEY) {
      partitionKey = readText(bytes, value);
    } else if (key === PRODUCER_SEQUENCE_NUMBER) {
      sequenceNumber = readInt(bytes, value);
    } else if (key === undefined || !SERVICE_ANNOTATIONS.has(key)) {
      parts.push(bytes.subarray(at, end));
    }
    at = end;
  }
  return {
    annotations: Buffer.concat(parts),
    annotationItems: 2 * parts.length,
    partitionKey,
    sequenceNumber,
  };
}

/** The keys and values of a stored message's delivery annotations, and where that section ends; nothing if it has none. */
export function readDeliveryAnnotations(bytes: Buffer): { items: readonly Buffer[]; end: number } {
  const compound = bytes[2] === DELIVERY_ANNOTATIONS ? readCompound(bytes, 3) : undefined;
  const items: Buffer[] = [];
  let at = compound?.items ?? 0;
  for (let i = 0; i < (compound?.count ?? 0); i += 1) {
    const end = skipValue(bytes, at, bytes.length);
    items.push(bytes.subarray(at, end));
    at = end;
  }
  return { items, end: compound?.end ?? 0 };
}
