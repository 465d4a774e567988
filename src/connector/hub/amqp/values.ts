/**
 * Steps over AMQP 1.0 values without building them (OASIS AMQP 1.0, part 1: types). All lengths are checked against
 * `end`, so bytes from the wire can neither read past a frame nor loop.
 */

/** The bytes are not AMQP of the shape that was expected; the connection that carried them is given up. */
export class WireFault extends Error {}

const DESCRIBED = 0x00;

/** The number of bytes after the constructor, by its upper half byte; -1: a size of 1 byte follows, -4: of 4 bytes. */
const WIDTHS = new Int8Array([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, -1, -4, -1, -4, -1, -4]);

/**
 * @param at The index of a value's constructor.
 * @returns the index after the value.
 * @throws WireFault when the value does not end before `end`.
 */
export function skipValue(bytes: Buffer, at: number, end: number): number {
  // A described value is two values: its descriptor and itself. Counting instead of recursion bounds the stack.
  let pending = 1;
  while (pending > 0) {
    if (at >= end) {
      throw new WireFault("an AMQP value ends too early");
    }
    const code = bytes[at] as number;
    at++;
    if (code === DESCRIBED) {
      pending++;
      continue;
    }
    pending--;
    const width = WIDTHS[code >> 4] as number;
    if (code < 0x40) {
      throw new WireFault(`0x${code.toString(16)} is not an AMQP constructor`);
    }
    if (width >= 0) {
      at += width;
    } else if (width === -1) {
      at = at < end ? at + 1 + (bytes[at] as number) : end + 1;
    } else {
      at = at + 4 <= end ? at + 4 + readUint32(bytes, at) : end + 1;
    }
  }
  if (at > end) {
    throw new WireFault("an AMQP value ends too early");
  }
  return at;
}

/** Unchecked: the caller has compared `at + 4` with the end. */
export function readUint32(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/**
 * An unsigned integer of any width up to 32 bits.
 * @param at The index of the constructor.
 * @returns the number, or -1 when the value is not such an integer (null, for one).
 */
export function readUint(bytes: Buffer, at: number, end: number): number {
  switch (bytes[at]) {
    case 0x43:
      return 0;
    case 0x50:
    case 0x52:
      return at + 1 < end ? (bytes[at + 1] as number) : -1;
    case 0x60:
      return at + 2 < end ? bytes.readUInt16BE(at + 1) : -1;
    case 0x70:
      return at + 4 < end ? readUint32(bytes, at + 1) : -1;
    default:
      return -1;
  }
}

/** @returns false for a value that is not a boolean: absent and null mean false in all performatives. */
export function readBoolean(bytes: Buffer, at: number, end: number): boolean {
  return bytes[at] === 0x41 || (bytes[at] === 0x56 && at + 1 < end && bytes[at + 1] === 1);
}

/**
 * A whole number of up to 64 bits: long, ulong, timestamp or a shorter one.
 * @throws WireFault when it is not one, or too large for exact arithmetic.
 */
export function readInteger(bytes: Buffer, at: number, end: number): number {
  if (at >= end) {
    throw new WireFault("a number was expected");
  }
  const code = bytes[at] as number;
  let value: number;
  if (code === 0x81 || code === 0x80 || code === 0x83) {
    if (at + 8 >= end) {
      throw new WireFault("a 64-bit number ends too early");
    }
    value =
      (code === 0x80 ? readUint32(bytes, at + 1) : bytes.readInt32BE(at + 1)) * 0x1_0000_0000 +
      readUint32(bytes, at + 5);
  } else if (code === 0x55 || code === 0x54 || code === 0x51) {
    if (at + 1 >= end) {
      throw new WireFault("a number ends too early");
    }
    value = bytes.readInt8(at + 1);
  } else if (code === 0x44 || code === 0x43) {
    value = 0;
  } else if (code === 0x53 || code === 0x52) {
    if (at + 1 >= end) {
      throw new WireFault("a number ends too early");
    }
    value = bytes[at + 1] as number;
  } else if (code === 0x71) {
    if (at + 4 >= end) {
      throw new WireFault("a number ends too early");
    }
    value = bytes.readInt32BE(at + 1);
  } else {
    value = readUint(bytes, at, end);
    if (value === -1) {
      throw new WireFault(`0x${code.toString(16)} is not a whole number`);
    }
  }
  if (!Number.isSafeInteger(value)) {
    throw new WireFault("a 64-bit number is too large");
  }
  return value;
}

/**
 * A timestamp's milliseconds since 1970. Unchecked: the caller has stepped over the value.
 * @param at The index of the constructor.
 */
export function readTimestampMs(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at + 1) * 0x1_0000_0000 + readUint32(bytes, at + 5);
}

/** Where the content of a list or map lies: set by `openCompound`. */
export type Compound = { first: number; end: number; count: number };

/**
 * @param at The index of the constructor of a list, map or null.
 * @param into Filled with the place of the content and the number of its values.
 * @throws WireFault when it is neither, or does not end before `end`.
 */
export function openCompound(bytes: Buffer, at: number, end: number, into: Compound): void {
  const code = bytes[at];
  if (code === 0x45 || code === 0x40) {
    into.first = at + 1;
    into.end = at + 1;
    into.count = 0;
  } else if ((code === 0xc0 || code === 0xc1) && at + 2 < end) {
    into.first = at + 3;
    into.end = at + 2 + (bytes[at + 1] as number);
    into.count = bytes[at + 2] as number;
  } else if ((code === 0xd0 || code === 0xd1) && at + 8 < end) {
    into.first = at + 9;
    into.end = at + 5 + readUint32(bytes, at + 1);
    into.count = readUint32(bytes, at + 5);
  } else {
    throw new WireFault("a list or map was expected");
  }
  if (into.end > end || into.first > into.end) {
    throw new WireFault("a list or map ends too early");
  }
}

/** Where the content of a text or binary value lies: set by `openBytes`. */
export type Extent = { start: number; end: number };

/**
 * @param at The index of the constructor of a binary, string or symbol.
 * @throws WireFault when it is none of these, or does not end before `end`.
 */
export function openBytes(bytes: Buffer, at: number, end: number, into: Extent): void {
  const code = bytes[at];
  if ((code === 0xa0 || code === 0xa1 || code === 0xa3) && at + 1 < end) {
    into.start = at + 2;
    into.end = at + 2 + (bytes[at + 1] as number);
  } else if ((code === 0xb0 || code === 0xb1 || code === 0xb3) && at + 4 < end) {
    into.start = at + 5;
    into.end = at + 5 + readUint32(bytes, at + 1);
  } else {
    throw new WireFault("a text or binary value was expected");
  }
  if (into.end > end) {
    throw new WireFault("a text or binary value ends too early");
  }
}
