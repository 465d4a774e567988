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
const FIRST_HASH = 0x811c_9dc5 | 0;

/** Takes a word of a text: where it begins and ends, cut to what counts, and its hash. */
export type TakeWord = (text: string, start: number, end: number, hash: number) => void;

/**
 * Calls `take` with each word of a folded text: letters, digits and underscores make words, all else separates them.
 * The hash is made on the way, so that a character is looked at once.
 */
export function eachWord(folded: string, take: TakeWord): void {
  const end = Math.min(folded.length, MAX_TEXT_CHARS);
  let start = -1;
  let hash = FIRST_HASH;
  for (let at = 0; at < end; at++) {
    const code = folded.charCodeAt(at);
    if (code > 0x7f) {
      // From the word that is open on, by the slower rule that knows all scripts.
      eachWordOfAnyScript(folded, start < 0 ? at : start, end, take);
      return;
    }
    if (PARTS[code] === 1) {
      if (start < 0) {
        start = at;
        hash = FIRST_HASH;
      }
      if (at - start < MAX_WORD_CHARS) {
        hash = Math.imul(hash ^ code, 0x0100_0193);
      }
    } else if (start >= 0) {
      take(folded, start, Math.min(at, start + MAX_WORD_CHARS), hash);
      start = -1;
    }
  }
  if (start >= 0) {
    take(folded, start, Math.min(end, start + MAX_WORD_CHARS), hash);
  }
}

function eachWordOfAnyScript(folded: string, from: number, end: number, take: TakeWord): void {
  for (const { 0: word, index } of folded.slice(from, end).matchAll(WORD)) {
    const start = from + index;
    const wordEnd = start + Math.min(word.length, MAX_WORD_CHARS);
    take(folded, start, wordEnd, hashOf(folded, start, wordEnd));
  }
}

/** The words of a folded text, as the index has them. */
export function wordsOf(folded: string): readonly string[] {
  const words: string[] = [];
  eachWord(folded, (_, start, end) => words.push(folded.slice(start, end)));
  return words;
}

/** A number of 32 bits for a word. */
export function hashOf(text: string, start: number, end: number): number {
  let hash = FIRST_HASH;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash;
}

/** Spreads a hash over the low bits. */
export function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) >>> 7;
}
