import rhea from "rhea";
import { type Compound, type Extent, openBytes, openCompound, skipValue, WireFault } from "./values.ts";

const SECTION_DATA = 0x75;
const SECTION_SEQUENCE = 0x76;
const SECTION_VALUE = 0x77;
/** Deeper nesting than a producer has; a bound for hostile bodies. */
const MAX_DEPTH = 32;

/** How rhea hands out a sequence section. */
type Sequence = { readonly content: readonly unknown[] };

/**
 * The body of a message that is not one data section: several of them are joined; an AMQP value or sequence is
 * written as JSON unless it is text or bytes; no body is not a byte. What cannot be decoded stays as it came, since the
 * service stores what a producer sent, and an odd value must not stop the partition.
 * @param message The encoded message; the result never shares its bytes.
 */
export function buildBody(message: Buffer): Buffer {
  try {
    const { data, sequences, values } = sectionsOf(message);
    if (data.length > 0) return Buffer.concat(data);
    if (sequences.length > 0)
      return jsonBytes(sequences.flatMap((section) => decode<Sequence>(section).body.content));
    const [value] = values;
    return value === undefined ? Buffer.alloc(0) : valueBytes(decode<unknown>(value).body);
  } catch {
    return Buffer.from(message);
  }
}

/** The bodies of the data sections, and the sections that rhea has to decode. */
function sectionsOf(message: Buffer): { data: Buffer[]; sequences: Buffer[]; values: Buffer[] } {
  const found = { data: [] as Buffer[], sequences: [] as Buffer[], values: [] as Buffer[] };
  const extent: Extent = { start: 0, end: 0 };
  for (let at = 0; at < message.length; ) {
    if (message[at] !== 0x00) throw new WireFault("a message section was expected");
    const value = skipValue(message, at + 1, message.length);
    const end = skipValue(message, value, message.length);
    const code = message[at + 1] === 0x53 ? message[at + 2] : message[at + 9];
    if (code === SECTION_DATA) {
      openBytes(message, value, message.length, extent);
      found.data.push(message.subarray(extent.start, extent.end));
    } else if (code === SECTION_SEQUENCE) found.sequences.push(message.subarray(at, end));
    else if (code === SECTION_VALUE) found.values.push(message.subarray(at, end));
    at = end;
  }
  return found;
}

/** @throws when the section cannot be decoded, or not within bounds. */
function decode<Body>(section: Buffer): { readonly body: Body } {
  checkCounts(section, 0, section.length, 0);
  return rhea.message.decode(section) as unknown as { body: Body };
}

/**
 * rhea believes every count and follows all nesting, so both are looked at before.
 * @returns the index after the value.
 */
function checkCounts(bytes: Buffer, at: number, end: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new WireFault("AMQP values are nested too deep");
  const next = skipValue(bytes, at, end);
  while (bytes[at] === 0x00) at = checkCounts(bytes, at + 1, next, depth + 1);
  const code = bytes[at] as number;
  if (code >= 0xe0) checkArray(bytes, at, next);
  else if (code >= 0xc0) {
    const items: Compound = { first: 0, end: 0, count: 0 };
    openCompound(bytes, at, next, items);
    at = items.first;
    for (let index = 0; index < items.count; index++) at = checkCounts(bytes, at, items.end, depth + 1);
  }
  return next;
}

/** An array's items share one constructor, and may take no byte each. */
function checkArray(bytes: Buffer, at: number, end: number): void {
  const isWide = (bytes[at] as number) >= 0xf0;
  const itemType = at + (isWide ? 9 : 3);
  if (itemType >= end) throw new WireFault("an array ends too early");
  const count = isWide ? bytes.readUInt32BE(at + 5) : (bytes[at + 2] as number);
  const item = bytes[itemType] as number;
  const isPlain = item >= 0x40 && item < 0xc0;
  if (!isPlain || count > end - at) throw new WireFault("an array claims more than it holds");
}

function valueBytes(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : jsonBytes(body);
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? "");
}
