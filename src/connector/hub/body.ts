import rhea from "rhea";
import { type Extent, openBytes, skipValue, WireFault } from "./wire/values.ts";

const SECTION_DATA = 0x75;

/**
 * The body of a message that is not one data section: several of them are joined; an AMQP value or sequence is
 * written as JSON unless it is text or bytes; no body is no byte. What cannot be decoded stays as it came.
 * @param message The encoded message; the result never shares its bytes.
 */
export function buildBody(message: Buffer): Buffer {
  const parts = dataSections(message);
  if (parts.length > 0) return Buffer.concat(parts);
  try {
    const { body } = rhea.message.decode(message) as { body?: unknown };
    return valueBytes(body);
  } catch {
    // The service stores what a producer sent; an odd value must not stop the partition.
    return Buffer.from(message);
  }
}

function dataSections(message: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const extent: Extent = { start: 0, end: 0 };
  for (let at = 0; at < message.length; ) {
    if (message[at] !== 0x00) throw new WireFault("a message section was expected");
    const value = skipValue(message, at + 1, message.length);
    const isData =
      message[at + 1] === 0x53 ? message[at + 2] === SECTION_DATA : message[at + 9] === SECTION_DATA;
    if (isData) {
      openBytes(message, value, message.length, extent);
      parts.push(message.subarray(extent.start, extent.end));
    }
    at = skipValue(message, value, message.length);
  }
  return parts;
}

function valueBytes(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const content = isSequence(body) ? body.content : body;
  return Buffer.from(JSON.stringify(content, bigintAsText) ?? "");
}

/** How rhea hands out sequence sections. */
function isSequence(body: unknown): body is { content: unknown } {
  return typeof body === "object" && body !== null && "typecode" in body && "content" in body;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
