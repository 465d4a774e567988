import { isUtf8 } from "node:buffer";
import { type Compound, type Extent, openBytes, openCompound, skipValue, WireFault } from "./values.ts";

/** Deeper nesting than a producer has; a bound for hostile bodies. */
const MAX_DEPTH = 32;
const DESCRIBED = 0x00;
const NULL = 0x40;
const CHAR_MAX = 0x10_ffff;

/**
 * An AMQP value as bytes: text and binary as they are, null as none, all else as JSON (OASIS AMQP 1.0, part 1: types).
 * @param at The index of its constructor.
 * @throws WireFault when it is damaged, nested too deep, or claims more than it holds.
 */
export function valueAsBytes(bytes: Buffer, at: number, end: number): Buffer {
  const value = afterDescriptors(bytes, at, end);
  const code = bytes[value] as number;
  if (code === NULL) {
    return Buffer.alloc(0);
  }
  return isBytes(code) ? Buffer.from(contentOf(bytes, value, end)) : Buffer.from(jsonOf(bytes, value, end));
}

/** The items of a list as JSON, without its brackets. */
export function itemsAsJson(bytes: Buffer, at: number, end: number): string {
  return valuesOf(bytes, at, end, 0)
    .map((item) => jsonOf(bytes, item, end, 1))
    .join();
}

function jsonOf(bytes: Buffer, at: number, end: number, depth = 0): string {
  if (depth > MAX_DEPTH) {
    throw new WireFault("AMQP values are nested too deep");
  }
  const value = afterDescriptors(bytes, at, end);
  const code = bytes[value] as number;
  if (code >= 0xe0) {
    return arrayJson(bytes, value, end);
  }
  if (isBytes(code)) {
    return bytesJson(contentOf(bytes, value, end));
  }
  const isMap = code === 0xc1 || code === 0xd1;
  if (code < 0xc0 && code !== 0x45) {
    // All of it lies before the end.
    skipValue(bytes, value, end);
    return scalarJson(code, bytes, value + 1);
  }
  const items = valuesOf(bytes, value, end, depth).map((item) => ({
    item,
    json: jsonOf(bytes, item, end, depth + 1),
  }));
  if (!isMap) {
    return `[${items.map(({ json }) => json).join()}]`;
  }
  if (items.length % 2 === 1) {
    throw new WireFault("a map has a key without a value");
  }
  const members = items.map(({ json }, index) => (index % 2 === 1 ? `${json},` : `${keyOf(json)}:`));
  return `{${members.join("").slice(0, -1)}}`;
}

/** JSON's keys are texts. */
function keyOf(json: string): string {
  return json.startsWith('"') ? json : JSON.stringify(json);
}

/** @returns the index of the value that the descriptors before it describe. */
function afterDescriptors(bytes: Buffer, at: number, end: number): number {
  let value = at;
  for (let depth = 0; bytes[value] === DESCRIBED; depth++) {
    if (depth > MAX_DEPTH) {
      throw new WireFault("AMQP values are nested too deep");
    }
    value = skipValue(bytes, value + 1, end);
  }
  skipValue(bytes, value, end);
  return value;
}

/** @returns where the values of a list or map lie. */
function valuesOf(bytes: Buffer, at: number, end: number, depth: number): number[] {
  if (depth > MAX_DEPTH) {
    throw new WireFault("AMQP values are nested too deep");
  }
  const content: Compound = { first: 0, end: 0, count: 0 };
  openCompound(bytes, at, end, content);
  const values: number[] = [];
  let next = content.first;
  for (let index = 0; index < content.count; index++) {
    values.push(next);
    next = skipValue(bytes, next, content.end);
  }
  return values;
}

/** An array's items share one constructor, and may take no byte each. */
function arrayJson(bytes: Buffer, at: number, end: number): string {
  const isWide = (bytes[at] as number) >= 0xf0;
  const itemType = at + (isWide ? 9 : 3);
  const after = skipValue(bytes, at, end);
  if (itemType >= after) {
    throw new WireFault("an array ends too early");
  }
  const count = isWide ? bytes.readUInt32BE(at + 5) : (bytes[at + 2] as number);
  const code = bytes[itemType] as number;
  const isPlain = code >= 0x40 && code < 0xc0 && code !== 0x45;
  if (!isPlain || count > after - at) {
    throw new WireFault("an array claims more than it holds");
  }
  // Each item as a value of its own.
  const item = Buffer.concat([Buffer.from([code]), bytes.subarray(itemType + 1, after)]);
  const items: string[] = [];
  let next = 0;
  for (let index = 0; index < count; index++) {
    item[next] = code;
    items.push(jsonOf(item, next, item.length, 1));
    next = skipValue(item, next, item.length) - 1;
  }
  return `[${items.join()}]`;
}

/** @param at After the constructor. */
function scalarJson(code: number, bytes: Buffer, at: number): string {
  switch (code) {
    case NULL:
      return "null";
    case 0x41:
      return "true";
    case 0x42:
      return "false";
    case 0x56:
      return bytes[at] === 1 ? "true" : "false";
    case 0x43:
    case 0x44:
      return "0";
    case 0x50:
    case 0x52:
    case 0x53:
      return String(bytes[at]);
    case 0x51:
    case 0x54:
    case 0x55:
      return String(bytes.readInt8(at));
    case 0x60:
      return String(bytes.readUInt16BE(at));
    case 0x61:
      return String(bytes.readInt16BE(at));
    case 0x70:
      return String(bytes.readUInt32BE(at));
    case 0x71:
      return String(bytes.readInt32BE(at));
    case 0x80:
      return String(bytes.readBigUInt64BE(at));
    case 0x81:
      return String(bytes.readBigInt64BE(at));
    case 0x72:
      return floatJson(bytes.readFloatBE(at));
    case 0x82:
      return floatJson(bytes.readDoubleBE(at));
    case 0x73:
      return charJson(bytes.readUInt32BE(at));
    case 0x83:
      return timeJson(bytes.readBigInt64BE(at));
    case 0x98:
      return JSON.stringify(uuidOf(bytes.subarray(at, at + 16)));
    case 0x74:
      return JSON.stringify(bytes.toString("hex", at, at + 4));
    case 0x84:
      return JSON.stringify(bytes.toString("hex", at, at + 8));
    case 0x94:
      return JSON.stringify(bytes.toString("hex", at, at + 16));
    default:
      throw new WireFault(`0x${code.toString(16)} is not an AMQP constructor`);
  }
}

/** JSON has no infinity. */
function floatJson(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value));
}

function charJson(code: number): string {
  return code > CHAR_MAX ? String(code) : JSON.stringify(String.fromCodePoint(code));
}

function timeJson(atMs: bigint): string {
  const date = new Date(Number(atMs));
  return Number.isNaN(date.getTime()) ? String(atMs) : JSON.stringify(date);
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Binary, string or symbol. */
function isBytes(code: number): boolean {
  return code >= 0xa0 && code < 0xc0;
}

function contentOf(bytes: Buffer, at: number, end: number): Buffer {
  const extent: Extent = { start: 0, end: 0 };
  openBytes(bytes, at, end, extent);
  return bytes.subarray(extent.start, extent.end);
}

/** JSON carries text alone. */
function bytesJson(content: Buffer): string {
  return JSON.stringify(content.toString(isUtf8(content) ? "utf8" : "base64"));
}
