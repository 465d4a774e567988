/**
 * The byte work on message texts, sixteen bytes at a time: where JSON ends, which records it holds, and how a record
 * reads inside a JSON string. This file is AssemblyScript; `npm run wasm` compiles it into `../wasm.ts`.
 *
 * All positions are addresses in one memory that whoever starts this lays out; nothing is allocated. Whatever the
 * bytes are, no address outside the memory is reached: positions only grow, up to `end`, and sixteen bytes behind
 * every `end` may be read.
 */

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const DOT: u32 = 0x2e;
const SPACE: u32 = 0x20;
const ZERO: u32 = 0x30;
const NINE: u32 = 0x39;
const COLON: u32 = 0x3a;
const OPEN_BRACKET: u32 = 0x5b;
const BACKSLASH: u32 = 0x5c;
const CLOSE_BRACKET: u32 = 0x5d;
const LETTER_U: u32 = 0x75;
const OPEN_BRACE: u32 = 0x7b;
const CLOSE_BRACE: u32 = 0x7d;

/** The text is not JSON from here on. No text starts at this address. */
const INVALID: u32 = 0;

/** `"records` and `"category` without its end, `"type` as far as four bytes go; the lowest byte comes first. */
const RECORDS_8: u64 = 0x7364_726f_6365_7222;
const CATEGORY_8: u64 = 0x726f_6765_7461_6322;
const Y_AND_QUOTE: u16 = 0x2279;
const TYPE_4: u32 = 0x7079_7422;
const E_AND_QUOTE: u16 = 0x2265;
/** The end of one item and the beginning of a string, mostly. */
const COMMA_AND_QUOTE: u16 = 0x222c;
/** `"heartbeat"`. */
const HEARTBEAT_8: u64 = 0x6562_7472_6165_6822;
const HEARTBEAT_3: u32 = 0x0022_7461;

/** What `scan` answers in its lowest bits. */
const SHAPE_TEXT: u32 = 0;
const SHAPE_RECORDS: u32 = 1;
const SHAPE_HEARTBEAT: u32 = 2;
const ASCII: u32 = 4;
const COUNT_SHIFT: u32 = 3;

/** Where wrappers are opened: anywhere, where nothing stands beside the records, or not at all. */
const UNWRAP_ANY: u32 = 0;
const UNWRAP_SOLE_KEY: u32 = 1;
const UNWRAP_NEVER: u32 = 2;

const RANGE_BYTES: u32 = 16;

/** For each record: start, end, and start and end of its category's JSON string (0, 0 for none), four bytes each. */
let ranges: u32 = 0;
let maxRanges: u32 = 0;
/** For each open container one byte, 1 for an object; there are never more than bytes of the text. */
let containers: u32 = 0;
/** Where an escaped record is written. */
let output: u32 = 0;
/**
 * For each set of special bytes among eight, as bits: how those eight move to make room for a backslash before each
 * special one. Sixteen bytes each: which byte comes there, or `BACKSLASH_HERE`.
 */
let moves: u32 = 0;
const BACKSLASH_HERE: u32 = 0xff;

let count: u32 = 0;
/** Sign bits of bytes seen in strings; 0 as long as all were ASCII. */
let highBytes: u32 = 0;
/** Whether the object that was listed last as one record is a heartbeat, and nothing else. */
let isHeartbeat: bool = false;

/** Must be called once, before all else. */
export function configure(
  rangesAt: u32,
  rangesMax: u32,
  containersAt: u32,
  outputAt: u32,
  movesAt: u32,
): void {
  ranges = rangesAt;
  maxRanges = rangesMax;
  containers = containersAt;
  output = outputAt;
  moves = movesAt;
  for (let special: u32 = 0; special < 256; special++) {
    let to = moves + special * 16;
    for (let from: u32 = 0; from < 8; from++) {
      if ((special >> from) & 1) store<u8>(to++, BACKSLASH_HERE);
      store<u8>(to++, from);
    }
  }
}

/** @returns all bits of each byte that is a control character. */
function controlBytes(block: v128): v128 {
  return i8x16.eq(i8x16.min_u(block, i8x16.splat(0x1f)), block);
}

/** @returns one bit for each of sixteen bytes: whether it is a control character, a quote or a backslash. */
function specialBits(block: v128): u32 {
  const quotes = i8x16.eq(block, i8x16.splat(0x22));
  const backslashes = i8x16.eq(block, i8x16.splat(0x5c));
  return i8x16.bitmask(v128.or(controlBytes(block), v128.or(quotes, backslashes)));
}

/**
 * Lists the records of the text from `start` to `end`.
 * @returns shape, whether all is known to be ASCII, and above those the number of records.
 */
export function scan(start: u32, end: u32): u32 {
  count = 0;
  highBytes = 0;
  isHeartbeat = false;
  const first = skipWhitespace(start, end);
  const after =
    first < end && load<u8>(first) == OPEN_BRACKET
      ? scanArray(first, end, UNWRAP_SOLE_KEY)
      : scanItem(first, end, UNWRAP_ANY);
  if (after == INVALID || skipWhitespace(after, end) != end) return SHAPE_TEXT;
  const isWhole = count == 1 && load<u32>(ranges) == first;
  const shape = isWhole && isHeartbeat && load<u8>(first) == OPEN_BRACE ? SHAPE_HEARTBEAT : SHAPE_RECORDS;
  return (count << COUNT_SHIFT) | (highBytes == 0 ? ASCII : 0) | shape;
}

/** @returns false when there is no room for another record. */
function list(start: u32, end: u32, categoryStart: u32, categoryEnd: u32): bool {
  if (count == maxRanges) return false;
  const at = ranges + count++ * RANGE_BYTES;
  store<u32>(at, start);
  store<u32>(at, end, 4);
  store<u32>(at, categoryStart, 8);
  store<u32>(at, categoryEnd, 12);
  return true;
}

/** @returns the address after the array at `at`, its items listed. */
function scanArray(at: u32, end: u32, unwrap: u32): u32 {
  at = skipWhitespace(at + 1, end);
  if (at < end && load<u8>(at) == CLOSE_BRACKET) return at + 1;
  while (true) {
    at = scanItem(at, end, unwrap);
    if (at == INVALID) return INVALID;
    at = nextItem(at, end, CLOSE_BRACKET);
    if (at == INVALID) return INVALID;
    if (load<u8>(at) == CLOSE_BRACKET) return at + 1;
  }
}

function scanItem(at: u32, end: u32, unwrap: u32): u32 {
  if (at >= end) return INVALID;
  const byte = <u32>load<u8>(at);
  if (byte == OPEN_BRACE) return scanObject(at, end, unwrap);
  const after = skipValue(at, end);
  // `null` is not a record.
  if (after == INVALID || byte == 0x6e) return after;
  return list(at, after, 0, 0) ? after : INVALID;
}

/** Lists the object as one record, or the records inside it if it is a wrapper. */
function scanObject(start: u32, end: u32, unwrap: u32): u32 {
  const countBefore = count;
  let members: u32 = 0;
  let wrapped: u32 = 0;
  let categoryStart: u32 = 0;
  let categoryEnd: u32 = 0;
  let hasHeartbeatType = false;
  let at = skipWhitespace(start + 1, end);
  if (at >= end) return INVALID;
  if (load<u8>(at) != CLOSE_BRACE) {
    while (true) {
      const key = at;
      const value = skipKey(key, end);
      if (value == INVALID || value >= end) return INVALID;
      members++;
      // Most keys differ from all three in their first letter; one that starts with an escape may be any.
      const letter = <u32>load<u8>(key, 1);
      const isEscaped = letter == BACKSLASH;
      if (
        unwrap != UNWRAP_NEVER &&
        load<u8>(value) == OPEN_BRACKET &&
        (letter == 0x72 || isEscaped) &&
        isRecordsKey(key)
      ) {
        wrapped++;
        at = scanArray(value, end, UNWRAP_NEVER);
      } else {
        at = load<u8>(value) == QUOTE ? skipString(value, end) : skipValue(value, end);
      }
      if (at == INVALID) return INVALID;
      if ((letter == 0x63 || isEscaped) && isCategoryKey(key)) {
        const isText = load<u8>(value) == QUOTE;
        categoryStart = isText ? value : 0;
        categoryEnd = isText ? at : 0;
      } else if ((letter == 0x74 || isEscaped) && isTypeKey(key)) {
        hasHeartbeatType = isHeartbeatValue(value, at);
      }
      at = nextItem(at, end, CLOSE_BRACE);
      if (at == INVALID) return INVALID;
      if (load<u8>(at) == CLOSE_BRACE) break;
    }
  }
  // A wrapper of no record is one record if anything stands beside it, and a heartbeat says nothing else.
  const isWrapper = wrapped == 1 && (members == 1 || (unwrap == UNWRAP_ANY && count > countBefore));
  if (!isWrapper) {
    count = countBefore;
    isHeartbeat = hasHeartbeatType && members == 1;
    if (!list(start, at + 1, categoryStart, categoryEnd)) return INVALID;
  }
  return at + 1;
}

function isRecordsKey(key: u32): bool {
  return (load<u64>(key) == RECORDS_8 && load<u8>(key, 8) == QUOTE) || isEscapedKey(key, RECORDS_8, 7, 0);
}

function isCategoryKey(key: u32): bool {
  const isPlain = load<u64>(key) == CATEGORY_8 && load<u16>(key, 8) == Y_AND_QUOTE;
  return isPlain || isEscapedKey(key, CATEGORY_8, 7, 0x79);
}

function isTypeKey(key: u32): bool {
  const isPlain = load<u32>(key) == TYPE_4 && load<u16>(key, 4) == E_AND_QUOTE;
  return isPlain || isEscapedKey(key, TYPE_4, 3, 0x65);
}

function isHeartbeatValue(value: u32, end: u32): bool {
  return (
    end - value == 11 && load<u64>(value) == HEARTBEAT_8 && (load<u32>(value, 8) & 0x00ff_ffff) == HEARTBEAT_3
  );
}

/**
 * Whether the key, valid and perhaps written with escapes, is the given one.
 * @param quoted A quote and the key's first letters, `letters` of them; `last` is one more, or 0 for none.
 */
function isEscapedKey(key: u32, quoted: u64, letters: u32, last: u32): bool {
  let at = key + 1;
  const total = last == 0 ? letters : letters + 1;
  for (let index: u32 = 0; index < total; index++) {
    const wanted = index < letters ? <u32>((quoted >> ((index + 1) * 8)) & 0xff) : last;
    let byte = <u32>load<u8>(at);
    if (byte == BACKSLASH) {
      // All other escapes stand for something other than a letter.
      if (load<u8>(at, 1) != LETTER_U) return false;
      byte = hexValue(at + 2);
      at += 5;
    }
    if (byte != wanted) return false;
    at++;
  }
  return load<u8>(at) == QUOTE;
}

/** @param at Of four hexadecimal digits. */
function hexValue(at: u32): u32 {
  let value: u32 = 0;
  for (let index: u32 = 0; index < 4; index++) {
    const byte = <u32>load<u8>(at + index);
    value = (value << 4) | (byte <= NINE ? byte - ZERO : (byte | 0x20) - 0x57);
  }
  return value;
}

/** @returns the first address from `at` on that holds no JSON white space, or `end`. */
function skipWhitespace(at: u32, end: u32): u32 {
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte > 0x20 || (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09)) return at;
    at++;
  }
  return end;
}

/** @param at The address of the opening quote. @returns the address after the closing one, or `INVALID`. */
function skipString(at: u32, end: u32): u32 {
  at++;
  while (true) {
    const block = v128.load(at);
    const special = specialBits(block);
    const high = <u32>i8x16.bitmask(block);
    if (special == 0) {
      highBytes |= high;
      at += 16;
      if (at >= end) return INVALID;
      continue;
    }
    // One look at the block serves all of its escapes.
    let rest = special;
    while (rest != 0) {
      const plain = <u32>ctz(rest);
      const found = at + plain;
      if (found >= end) return INVALID;
      const byte = <u32>load<u8>(found);
      if (byte == QUOTE) {
        highBytes |= high & ((1 << plain) - 1);
        return found + 1;
      }
      if (byte != BACKSLASH) return INVALID;
      const after = skipEscape(found, end);
      if (after == INVALID) return INVALID;
      const used = after - at;
      // What is used of the next block counts from there on.
      rest = used < 16 ? rest & (0xffff << used) : 0;
      if (rest == 0) at = used < 16 ? at + 16 : after;
    }
    highBytes |= high;
  }
}

/** @param at The address of a backslash. @returns the address after the escape, or `INVALID`. */
function skipEscape(at: u32, end: u32): u32 {
  if (at + 1 >= end) return INVALID;
  switch (<u32>load<u8>(at, 1)) {
    case 0x22:
    case 0x2f:
    case 0x5c:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 2;
    case 0x75:
      if (at + 5 >= end) return INVALID;
      for (let index: u32 = 2; index < 6; index++) {
        if (!isHexDigit(load<u8>(at + index))) return INVALID;
      }
      return at + 6;
    default:
      return INVALID;
  }
}

function isHexDigit(byte: u32): bool {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66);
}

function skipDigits(at: u32, end: u32): u32 {
  while (at < end && <u32>load<u8>(at) >= ZERO && <u32>load<u8>(at) <= NINE) at++;
  return at;
}

function skipNumber(at: u32, end: u32): u32 {
  if (load<u8>(at) == MINUS) at++;
  if (at < end && load<u8>(at) == ZERO) {
    at++;
  } else {
    const afterInteger = skipDigits(at, end);
    if (afterInteger == at) return INVALID;
    at = afterInteger;
  }
  if (at < end && load<u8>(at) == DOT) {
    const afterFraction = skipDigits(at + 1, end);
    if (afterFraction == at + 1) return INVALID;
    at = afterFraction;
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (at < end && (load<u8>(at) == PLUS || load<u8>(at) == MINUS)) at++;
    const afterExponent = skipDigits(at, end);
    if (afterExponent == at) return INVALID;
    at = afterExponent;
  }
  return at;
}

/** @param word Four bytes of it, the first one lowest; `after` is a fifth byte, or 0 for none. */
function skipWord(at: u32, end: u32, word: u32, after: u32): u32 {
  const length: u32 = after == 0 ? 4 : 5;
  if (at + length > end || load<u32>(at) != word) return INVALID;
  return after == 0 || load<u8>(at, 4) == after ? at + length : INVALID;
}

/** @returns the address after a string, number or word at `at`, or `INVALID`. */
function skipScalar(at: u32, end: u32): u32 {
  switch (<u32>load<u8>(at)) {
    case 0x22:
      return skipString(at, end);
    case 0x74:
      return skipWord(at, end, 0x6575_7274, 0);
    case 0x66:
      return skipWord(at, end, 0x736c_6166, 0x65);
    case 0x6e:
      return skipWord(at, end, 0x6c6c_756e, 0);
    default:
      return skipNumber(at, end);
  }
}

/**
 * @param at The address of a key's opening quote, white space before it already skipped.
 * @returns the address of the member's value, which may be `end`, or `INVALID`.
 */
function skipKey(at: u32, end: u32): u32 {
  if (at >= end || load<u8>(at) != QUOTE) return INVALID;
  at = skipString(at, end);
  if (at == INVALID) return INVALID;
  // Mostly a colon and the value follow at once.
  if (at + 1 < end && load<u8>(at) == COLON && load<u8>(at, 1) > SPACE) return at + 1;
  at = skipWhitespace(at, end);
  if (at >= end || load<u8>(at) != COLON) return INVALID;
  return skipWhitespace(at + 1, end);
}

/**
 * After a value: goes to the next item of a container.
 * @returns the address of the next item or key; that of `close` if the container ends; else `INVALID`.
 */
function nextItem(at: u32, end: u32, close: u32): u32 {
  // Mostly a comma and a string follow at once.
  if (at + 1 < end && load<u16>(at) == COMMA_AND_QUOTE) return at + 1;
  at = skipWhitespace(at, end);
  if (at >= end) return INVALID;
  const byte = <u32>load<u8>(at);
  if (byte == close) return at;
  if (byte != COMMA) return INVALID;
  at = skipWhitespace(at + 1, end);
  return at < end && load<u8>(at) != close ? at : INVALID;
}

/** Skips one value of any depth; time linear in its length, no recursion. */
function skipValue(at: u32, end: u32): u32 {
  let depth: u32 = 0;
  while (true) {
    if (at >= end) return INVALID;
    const byte = <u32>load<u8>(at);
    if (byte == OPEN_BRACE || byte == OPEN_BRACKET) {
      const isObject = byte == OPEN_BRACE;
      at = skipWhitespace(at + 1, end);
      if (at < end && load<u8>(at) == (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        at++;
      } else {
        store<u8>(containers + depth++, isObject ? 1 : 0);
        if (isObject) at = skipKey(at, end);
        if (at == INVALID) return INVALID;
        continue;
      }
    } else {
      at = skipScalar(at, end);
      if (at == INVALID) return INVALID;
    }
    while (true) {
      if (depth == 0) return at;
      const isObject = load<u8>(containers + depth - 1) == 1;
      const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
      at = nextItem(at, end, close);
      if (at == INVALID) return INVALID;
      if (load<u8>(at) != close) {
        if (isObject) at = skipKey(at, end);
        if (at == INVALID) return INVALID;
        break;
      }
      at++;
      depth--;
    }
  }
}

/**
 * Writes the bytes from `start` to `end` to the output as the inside of a JSON string, as `JSON.stringify` would; bytes
 * from 0x80 on go through as they are, so UTF-8 stays UTF-8. The output must have room for `maxBytes` and 128 more.
 * @returns how many bytes were written, or -1 when they would be more than `maxBytes`.
 */
export function escape(start: u32, end: u32, maxBytes: u32): i32 {
  const limit = output + maxBytes;
  let at = start;
  let out = output;
  while (at + 16 <= end) {
    if (out > limit) return -1;
    const block = v128.load(at);
    const special = specialBits(block);
    if (special == 0) {
      v128.store(out, block);
      out += 16;
    } else if (!v128.any_true(controlBytes(block))) {
      out = escapeEight(block, special & 0xff, out);
      out = escapeEight(
        i8x16.shuffle(block, block, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
        special >> 8,
        out,
      );
    } else {
      out = escapeEach(at, at + 16, out);
    }
    at += 16;
  }
  out = escapeEach(at, end, out);
  return out > limit ? -1 : out - output;
}

/**
 * Escapes the first eight bytes of a block that holds no control character.
 * @returns the address after what was written; up to 16 bytes may be touched.
 */
function escapeEight(block: v128, special: u32, out: u32): u32 {
  const from = v128.load(moves + special * 16);
  // A byte that comes from nowhere is 0.
  const moved = i8x16.swizzle(block, from);
  const backslashes = v128.and(i8x16.eq(from, i8x16.splat(<i8>BACKSLASH_HERE)), i8x16.splat(0x5c));
  v128.store(out, v128.or(moved, backslashes));
  return out + 8 + popcnt(special);
}

function escapeEach(at: u32, end: u32, out: u32): u32 {
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == QUOTE || byte == BACKSLASH) {
      store<u16>(out, <u16>(BACKSLASH | (byte << 8)));
      out += 2;
    } else if (byte >= 0x20) {
      store<u8>(out++, byte);
    } else {
      out = escapeControl(byte, out);
    }
  }
  return out;
}

function escapeControl(byte: u32, out: u32): u32 {
  let letter: u32 = 0;
  switch (byte) {
    case 0x08:
      letter = 0x62;
      break;
    case 0x09:
      letter = 0x74;
      break;
    case 0x0a:
      letter = 0x6e;
      break;
    case 0x0c:
      letter = 0x66;
      break;
    case 0x0d:
      letter = 0x72;
      break;
  }
  if (letter != 0) {
    store<u16>(out, <u16>(BACKSLASH | (letter << 8)));
    return out + 2;
  }
  // A backslash, `u`, two zeros, and two digits, the first of which is 0 or 1.
  store<u32>(out, 0x3030_755c);
  const low = byte & 15;
  store<u8>(out, 0x30 | (byte >> 4), 4);
  store<u8>(out, low < 10 ? 0x30 + low : 0x57 + low, 5);
  return out + 6;
}
