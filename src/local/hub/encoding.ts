/**
 * The AMQP 1.0 type encodings that are written or walked by hand; everything else goes through rhea's codec.
 * @see OASIS AMQP 1.0, part 1, section 1.6
 */

/** Deeper nesting than any client has; a bound for hostile input. */
const DEPTH_MAX = 24;

export const NULL = 0x40;
export const TRUE = 0x41;
export const FALSE = 0x42;

/**
 * Finds the end of one encoded value and checks on the way that nothing in it claims more than there is.
 * @returns the offset after the value, or -1 if it is malformed.
 */
export function skipValue(bytes: Buffer, offset: number, end: number, depth = 0): number {
  if (offset >= end || depth > DEPTH_MAX) {
    return -1;
  }
  const code = bytes[offset] ?? 0;
  if (code === 0x00) {
    const value = skipValue(bytes, offset + 1, end, depth + 1);
    return value < 0 ? -1 : skipValue(bytes, value, end, depth + 1);
  }
  return skipBody(bytes, code, offset + 1, end, depth);
}

function skipBody(bytes: Buffer, code: number, offset: number, end: number, depth: number): number {
  const width = FIXED_WIDTHS[code >>> 4];
  if (width !== undefined) {
    return within(offset + width, end);
  }
  const wide = (code & 0x10) !== 0;
  const sizeWidth = wide ? 4 : 1;
  if (offset + sizeWidth > end || code < 0xa0) {
    return -1;
  }
  const size = wide ? bytes.readUInt32BE(offset) : (bytes[offset] ?? 0);
  const start = offset + sizeWidth;
  const next = within(start + size, end);
  if (next < 0 || code < 0xc0) {
    return next;
  }
  if (size < sizeWidth) {
    return -1;
  }
  const count = wide ? bytes.readUInt32BE(start) : (bytes[start] ?? 0);
  // A value takes at least a byte, so a larger count is a lie that rhea's codec would allocate for.
  if (count > size) {
    return -1;
  }
  const items = start + sizeWidth;
  return code < 0xe0
    ? skipItems(bytes, items, next, count, depth)
    : skipArray(bytes, items, next, count, depth);
}

function skipItems(bytes: Buffer, offset: number, end: number, count: number, depth: number): number {
  for (let i = 0; i < count; i += 1) {
    offset = skipValue(bytes, offset, end, depth + 1);
    if (offset < 0) {
      return -1;
    }
  }
  return offset === end ? end : -1;
}

function skipArray(bytes: Buffer, offset: number, end: number, count: number, depth: number): number {
  if (offset >= end) {
    return -1;
  }
  while (bytes[offset] === 0x00) {
    offset = skipValue(bytes, offset + 1, end, depth + 1);
    if (offset < 0 || offset >= end) {
      return -1;
    }
  }
  const code = bytes[offset] ?? 0;
  offset += 1;
  for (let i = 0; i < count; i += 1) {
    offset = skipBody(bytes, code, offset, end, depth + 1);
    if (offset < 0) {
      return -1;
    }
  }
  return offset === end ? end : -1;
}

/** By the high half of the type code; the variable ones have none. */
const FIXED_WIDTHS: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  0,
  1,
  2,
  4,
  8,
  16,
];

function within(offset: number, end: number): number {
  return offset <= end ? offset : -1;
}

/** A text or symbol at `offset`, or undefined if something else stands there. The value must have been checked. */
export function readText(bytes: Buffer, offset: number): string | undefined {
  const code = bytes[offset];
  if (code === 0xa1 || code === 0xa3) {
    return bytes.toString("utf8", offset + 2, offset + 2 + (bytes[offset + 1] ?? 0));
  }
  if (code === 0xb1 || code === 0xb3) {
    return bytes.toString("utf8", offset + 5, offset + 5 + bytes.readUInt32BE(offset + 1));
  }
  return undefined;
}

/** A binary at `offset`, or undefined if something else stands there. The value must have been checked. */
export function readBinary(bytes: Buffer, offset: number): Buffer | undefined {
  const code = bytes[offset];
  if (code === 0xa0) {
    return bytes.subarray(offset + 2, offset + 2 + (bytes[offset + 1] ?? 0));
  }
  if (code === 0xb0) {
    return bytes.subarray(offset + 5, offset + 5 + bytes.readUInt32BE(offset + 1));
  }
  return undefined;
}

/** A signed 32-bit number at `offset`, or undefined if something else stands there. The value must have been checked. */
export function readInt(bytes: Buffer, offset: number): number | undefined {
  switch (bytes[offset]) {
    case 0x54:
      return bytes.readInt8(offset + 1);
    case 0x71:
      return bytes.readInt32BE(offset + 1);
    default:
      return undefined;
  }
}

/** Where the items of a list or map begin, how many there are, and where it ends; undefined for anything else. */
export function readCompound(
  bytes: Buffer,
  offset: number,
): { items: number; count: number; end: number } | undefined {
  const code = bytes[offset] ?? 0;
  if (code === 0x45) {
    return { items: offset + 1, count: 0, end: offset + 1 };
  }
  if (code === 0xc0 || code === 0xc1) {
    return {
      items: offset + 3,
      count: bytes[offset + 2] ?? 0,
      end: offset + 2 + (bytes[offset + 1] ?? 0),
    };
  }
  if (code === 0xd0 || code === 0xd1) {
    return {
      items: offset + 9,
      count: bytes.readUInt32BE(offset + 5),
      end: offset + 5 + bytes.readUInt32BE(offset + 1),
    };
  }
  return undefined;
}

export function symbol(text: string): Buffer {
  return variable(Buffer.from(text, "latin1"), 0xa3, 0xb3);
}

export function text(value: string): Buffer {
  return variable(Buffer.from(value, "utf8"), 0xa1, 0xb1);
}

/** A signed 64-bit number, always in eight bytes. @param value A whole number within ±2^53. */
export function long(value: number): Buffer {
  return eightBytes(0x81, value);
}

/** @param value Milliseconds since 1970. */
export function timestamp(value: number): Buffer {
  return eightBytes(0x83, value);
}

export function uint(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x70;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function list(items: readonly Buffer[]): Buffer {
  return compound(0xd0, items);
}

/** @param entries Key, value, key, value … */
export function map(entries: readonly Buffer[]): Buffer {
  return compound(0xd1, entries);
}

/** @param code The descriptor, a small ulong. */
export function described(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x00, 0x53, code]), value]);
}

function eightBytes(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = code;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function variable(value: Buffer, small: number, large: number): Buffer {
  if (value.length < 256) {
    return Buffer.concat([Buffer.from([small, value.length]), value]);
  }
  const head = Buffer.alloc(5);
  head[0] = large;
  head.writeUInt32BE(value.length, 1);
  return Buffer.concat([head, value]);
}

function compound(code: number, items: readonly Buffer[]): Buffer {
  const body = Buffer.concat(items);
  const head = Buffer.alloc(9);
  head[0] = code;
  head.writeUInt32BE(body.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, body]);
}
