import { MAX_EVENT_BYTES } from "../limits.ts";

/** UTF-16 units of a word that count. */
export const MAX_WORD_CHARS = 64;
/** No event that the intake takes is longer. */
const MAX_TEXT_CHARS = MAX_EVENT_BYTES;
const WORD = /[\p{L}\p{N}\p{M}_]+/gu;

/** What separates words among the ASCII characters, folded: 1 is part of a word. */
const PARTS = Uint8Array.from({ length: 128 }, (_, code) =>
  /[a-z0-9_]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/**
 * Calls `take` with the start and end of each word of a folded text: letters, digits and underscores make words, all
 * else separates them.
 */
export function eachWord(folded: string, take: (start: number, end: number) => void): void {
  const end = Math.min(folded.length, MAX_TEXT_CHARS);
  let start = -1;
  for (let at = 0; at < end; at++) {
    const code = folded.charCodeAt(at);
    if (code > 0x7f) {
      // From the word that is open on, by the slower rule that knows all scripts.
      const from = start < 0 ? at : start;
      for (const { 0: word, index } of folded.slice(from, end).matchAll(WORD)) {
        take(from + index, from + index + word.length);
      }
      return;
    }
    if (PARTS[code] === 1) {
      if (start < 0) {
        start = at;
      }
    } else if (start >= 0) {
      take(start, at);
      start = -1;
    }
  }
  if (start >= 0) {
    take(start, end);
  }
}

/** The words of a folded text, as the index has them. */
export function wordsOf(folded: string): readonly string[] {
  const words: string[] = [];
  eachWord(folded, (start, end) => words.push(folded.slice(start, Math.min(end, start + MAX_WORD_CHARS))));
  return words;
}

/** A number of 32 bits for a word. */
export function hashOf(text: string, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) {
    hash = (Math.imul(hash, 0x0100_0193) ^ text.charCodeAt(at)) | 0;
  }
  return hash;
}

/** Spreads a hash over the low bits. */
export function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) >>> 7;
}
