import { firstSpecial, specialBytes } from "../../kernel/json-words.ts";

/**
 * A JSON scanner that works on bytes: it finds where values end and whether the text is JSON at all,
 * and builds nothing. Bytes from 0x80 on are taken as they are inside strings; UTF-8 is checked elsewhere.
 * Grammar: RFC 8259, as strict as `JSON.parse`.
 */

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** The text is not JSON from here on. */
export const INVALID = -1;

/** 1 for the bytes that go on inside a string without a second look. */
const PLAIN_IN_STRING = new Uint8Array(256).fill(1, 0x20);
PLAIN_IN_STRING[QUOTE] = 0;
PLAIN_IN_STRING[BACKSLASH] = 0;

const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') SIMPLE_ESCAPE[letter.charCodeAt(0)] = 1;

const HEX_DIGIT = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") HEX_DIGIT[digit.charCodeAt(0)] = 1;

/** The bytes being scanned as words, and whether a byte from 0x80 on was seen in a string. */
let words: DataView = new DataView(new ArrayBuffer(0));
let wordsBytes: Uint8Array | undefined;
/** No byte from 0x80 on was seen. A boolean, since a number of 32 bits that outlives its function is an object. */
let isAscii = true;

/** Must be called before the other functions are used on `bytes`. */
export function beginScan(bytes: Uint8Array): void {
  isAscii = true;
  if (bytes === wordsBytes) return;
  wordsBytes = bytes;
  words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Whether all strings since `beginScan` were plain ASCII; a valid text is then ASCII as a whole. */
export function isAsciiSoFar(): boolean {
  return isAscii;
}

/** Open containers from the outermost in, 1 for an object; grows with the depth of the text, never with recursion. */
let containers = new Uint8Array(1024);

function pushContainer(depth: number, isObject: 0 | 1): void {
  if (depth === containers.length) {
    const larger = new Uint8Array(containers.length * 2);
    larger.set(containers);
    containers = larger;
  }
  containers[depth] = isObject;
}

/** @returns the first index from `at` on that is no JSON white space, or `end`. */
export function skipWhitespace(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
  return end;
}

/** @returns the index of the first byte that ends a string's plain part, or `end`; four bytes at a time where it can. */
function skipPlain(bytes: Uint8Array, at: number, end: number): number {
  const lastWord = end - 4;
  let seen = 0;
  while (at <= lastWord) {
    const word = words.getInt32(at, true);
    const special = specialBytes(word);
    seen |= word;
    if (special !== 0) {
      if ((seen & 0x8080_8080) !== 0) isAscii = false;
      return at + firstSpecial(special);
    }
    at += 4;
  }
  if ((seen & 0x8080_8080) !== 0) isAscii = false;
  while (at < end && PLAIN_IN_STRING[bytes[at] as number] === 1) {
    if ((bytes[at++] as number) >= 0x80) isAscii = false;
  }
  return at;
}

/**
 * @param at The index of the opening quote.
 * @returns the index after the closing quote, or `INVALID`.
 */
function skipString(bytes: Uint8Array, at: number, end: number): number {
  at++;
  for (;;) {
    at = skipPlain(bytes, at, end);
    if (at >= end) return INVALID;
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return INVALID;
    const letter = at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (SIMPLE_ESCAPE[letter] === 1) {
      at += 2;
    } else if (letter === 0x75 && at + 5 < end && isHex4(bytes, at + 2)) {
      at += 6;
    } else {
      return INVALID;
    }
  }
}

function isHex4(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < at + 4; index++) {
    if (HEX_DIGIT[bytes[index] as number] === 0) return false;
  }
  return true;
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++;
  return at;
}

function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === MINUS) at++;
  if (bytes[at] === ZERO && at < end) {
    at++;
  } else {
    const afterInteger = skipDigits(bytes, at, end);
    if (afterInteger === at) return INVALID;
    at = afterInteger;
  }
  if (at < end && bytes[at] === DOT) {
    const afterFraction = skipDigits(bytes, at + 1, end);
    if (afterFraction === at + 1) return INVALID;
    at = afterFraction;
  }
  if (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    at++;
    if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) at++;
    const afterExponent = skipDigits(bytes, at, end);
    if (afterExponent === at) return INVALID;
    at = afterExponent;
  }
  return at;
}

function skipWord(bytes: Uint8Array, at: number, end: number, word: string): number {
  if (at + word.length > end) return INVALID;
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return INVALID;
  }
  return at + word.length;
}

/** @returns the index after a string, number or word at `at`, or `INVALID`. */
function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return skipString(bytes, at, end);
    case 0x74:
      return skipWord(bytes, at, end, "true");
    case 0x66:
      return skipWord(bytes, at, end, "false");
    case 0x6e:
      return skipWord(bytes, at, end, "null");
    default:
      return skipNumber(bytes, at, end);
  }
}

/**
 * @param at The index of the key's opening quote, white space before it already skipped.
 * @returns the index of the member's value, or `INVALID`.
 */
export function skipKey(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return INVALID;
  at = skipString(bytes, at, end);
  if (at === INVALID) return INVALID;
  at = skipWhitespace(bytes, at, end);
  if (at >= end || bytes[at] !== COLON) return INVALID;
  return skipWhitespace(bytes, at + 1, end);
}

/**
 * After a value: goes to the next item of a container.
 * @returns the index of the next item or key; the index of `close` if the container ends; else `INVALID`.
 */
export function nextItem(bytes: Uint8Array, at: number, end: number, close: number): number {
  at = skipWhitespace(bytes, at, end);
  if (at >= end) return INVALID;
  if (bytes[at] === close) return at;
  if (bytes[at] !== COMMA) return INVALID;
  at = skipWhitespace(bytes, at + 1, end);
  return at < end && bytes[at] !== close ? at : INVALID;
}

/**
 * Skips one value of any depth; time linear in its length, no recursion.
 * @param at The index of the value's first byte.
 * @returns the index after the value, or `INVALID`.
 */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (;;) {
    if (at >= end) return INVALID;
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const isObject = byte === OPEN_BRACE;
      at = skipWhitespace(bytes, at + 1, end);
      if (at < end && bytes[at] === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        at++;
      } else {
        pushContainer(depth++, isObject ? 1 : 0);
        if (isObject) at = skipKey(bytes, at, end);
        if (at === INVALID) return INVALID;
        continue;
      }
    } else {
      at = skipScalar(bytes, at, end);
      if (at === INVALID) return INVALID;
    }
    for (;;) {
      if (depth === 0) return at;
      const isObject = containers[depth - 1] === 1;
      const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
      at = nextItem(bytes, at, end, close);
      if (at === INVALID) return INVALID;
      if (bytes[at] !== close) {
        if (isObject) at = skipKey(bytes, at, end);
        if (at === INVALID) return INVALID;
        break;
      }
      at++;
      depth--;
    }
  }
}

/** Whether the bytes are one JSON value with nothing but white space around it. */
export function isJson(bytes: Uint8Array): boolean {
  beginScan(bytes);
  const after = skipValue(bytes, skipWhitespace(bytes, 0, bytes.length), bytes.length);
  return after !== INVALID && skipWhitespace(bytes, after, bytes.length) === bytes.length;
}
