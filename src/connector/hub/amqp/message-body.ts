import { itemsAsJson, valueAsBytes } from "./value-json.ts";
import { type Extent, openBytes, skipValue, WireFault } from "./values.ts";

const SECTION_DATA = 0x75;
const SECTION_SEQUENCE = 0x76;
const SECTION_VALUE = 0x77;
/**
 * The body of a message that is not one data section: several of them are joined; an AMQP value or sequence is
 * written as JSON unless it is text or bytes; no body is not a byte. What cannot be decoded stays as it came, since the
 * service stores what a producer sent, and an odd value must not stop the partition.
 * @param message The encoded message; the result never shares its bytes.
 */
export function buildBody(message: Buffer): Buffer {
  try {
    const { data, sequences, values } = sectionsOf(message);
    if (data.length > 0) {
      return Buffer.concat(data);
    }
    if (sequences.length > 0) {
      const items = sequences.map((at) => itemsAsJson(message, at, message.length));
      return Buffer.from(`[${items.filter((each) => each !== "").join()}]`);
    }
    const [value] = values;
    return value === undefined ? Buffer.alloc(0) : valueAsBytes(message, value, message.length);
  } catch {
    return Buffer.from(message);
  }
}

/** The bodies of the data sections, and where the values of the other sections lie. */
function sectionsOf(message: Buffer): { data: Buffer[]; sequences: number[]; values: number[] } {
  const found = { data: [] as Buffer[], sequences: [] as number[], values: [] as number[] };
  const extent: Extent = { start: 0, end: 0 };
  for (let at = 0; at < message.length; ) {
    if (message[at] !== 0x00) {
      throw new WireFault("a message section was expected");
    }
    const value = skipValue(message, at + 1, message.length);
    const end = skipValue(message, value, message.length);
    const code = message[at + 1] === 0x53 ? message[at + 2] : message[at + 9];
    if (code === SECTION_DATA) {
      openBytes(message, value, message.length, extent);
      found.data.push(message.subarray(extent.start, extent.end));
    } else if (code === SECTION_SEQUENCE) {
      found.sequences.push(value);
    } else if (code === SECTION_VALUE) {
      found.values.push(value);
    }
    at = end;
  }
  return found;
}
