import { firstSpecial, specialBytes } from "../../kernel/json-words.ts";

/**
 * Writes bytes as the inside of a JSON string, four at a time where none of them needs an escape. Bytes from 0x80 on
 * go through as they are, so UTF-8 stays UTF-8. What is written is what `JSON.stringify` would, byte for byte.
 *
 * Measured against latin1 → `JSON.stringify` → latin1: 0.7 against 1.6 ns a byte of plain text, 1.3 against 2.3 of
 * text that is JSON itself; and it allocates nothing.
 */

/** For each byte: 0 plain; else the letter of its short escape, or `LONG` for `\u00xx`. */
const ESCAPES = new Uint8Array(256);
const LONG = 1;
ESCAPES.fill(LONG, 0, 0x20);
for (const [byte, letter] of [
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0c, "f"],
  [0x0d, "r"],
  [0x22, '"'],
  [0x5c, "\\"],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}
const HEX = Buffer.from("0123456789abcdef");
/** An escape is at most this much longer than its byte. */
const LONGEST_GROWTH = 5;
const BACKSLASH = 0x5c;
/** After so many bytes without an escape, copying the rest of the run as a whole is worth a call. */
const LONG_RUN = 64;

/** A buffer, and the same bytes as words. */
export type Words = { readonly bytes: Buffer; readonly view: DataView };

export function wordsOf(bytes: Buffer): Words {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * @param from The bytes from `start` to `end` are written …
 * @param into … from `at` on.
 * @returns the index after the last byte written, or -1 when `into` may be too small; bytes may be written even then.
 */
export function escapeInto(from: Words, start: number, end: number, into: Words, at: number): number {
  const { bytes, view } = from;
  const out = into.bytes;
  const outView = into.view;
  // How much longer the text may become; while it is not used up, four bytes may be stored without a look.
  let slack = out.length - at - (end - start);
  if (slack < 0) return -1;
  const lastWord = end - 4;
  /** Where the run without escapes that is under way counts as a long one. */
  let longRun = start + LONG_RUN;
  while (start <= lastWord) {
    const word = view.getInt32(start, true);
    const special = specialBytes(word);
    outView.setInt32(at, word, true);
    if (special === 0) {
      start += 4;
      at += 4;
      if (start >= longRun) {
        // A run this long mostly goes on: it is only looked at from here on, and copied as a whole, which is faster.
        const runEnd = endOfRun(view, start, lastWord);
        bytes.copy(out, at, start, runEnd);
        at += runEnd - start;
        start = runEnd;
        longRun = start + LONG_RUN;
      }
      continue;
    }
    const plain = firstSpecial(special);
    start += plain;
    at += plain;
    if (slack < LONGEST_GROWTH) return -1;
    const byte = bytes[start++] as number;
    const written = writeEscape(out, at, byte);
    slack -= written - at - 1;
    at = written;
    longRun = start + LONG_RUN;
  }
  for (; start < end; start++) {
    const byte = bytes[start] as number;
    if (ESCAPES[byte] === 0) {
      out[at++] = byte;
      continue;
    }
    if (slack < LONGEST_GROWTH) return -1;
    const written = writeEscape(out, at, byte);
    slack -= written - at - 1;
    at = written;
  }
  return at;
}

/** @returns the index of the first word with a byte that needs an escape, or the first after `lastWord`. */
function endOfRun(view: DataView, start: number, lastWord: number): number {
  while (start <= lastWord && specialBytes(view.getInt32(start, true)) === 0) start += 4;
  return start;
}

/** @returns the index after the escape of a byte that needs one. */
function writeEscape(out: Buffer, at: number, byte: number): number {
  const letter = ESCAPES[byte] as number;
  out[at++] = BACKSLASH;
  if (letter !== LONG) {
    out[at++] = letter;
    return at;
  }
  out[at++] = 0x75;
  out[at++] = 0x30;
  out[at++] = 0x30;
  out[at++] = HEX[byte >> 4] as number;
  out[at++] = HEX[byte & 15] as number;
  return at;
}
