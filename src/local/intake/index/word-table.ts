import { MAX_WORD_CHARS } from "./words.ts";

const FIRST_SLOTS = 1 << 14;

/**
 * Words and where they occur. A table of our own: a `Map` would want a text for each word of each event, and most are
 * known already. A slot is found by a hash and checked by the word itself.
 */
export class WordTable {
  readonly words: string[] = [];
  readonly occurrences: number[][] = [];
  #hashes: number[] = [];
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);

  /** @param text The word lies in it from `start` to `end`. @returns Characters that were added. */
  add(text: string, start: number, wordEnd: number, occurrence: number): number {
    const end = Math.min(wordEnd, start + MAX_WORD_CHARS);
    let hash = end - start;
    for (let at = start; at < end; at++) {
      hash = (Math.imul(hash, 0x0100_0193) ^ text.charCodeAt(at)) | 0;
    }
    const mask = this.#slots.length - 1;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index < 0) {
        this.#slots[slot] = this.words.length;
        this.#hashes.push(hash);
        this.words.push(text.slice(start, end));
        this.occurrences.push([occurrence]);
        if (this.words.length * 2 > mask) {
          this.#grow();
        }
        return end - start + 8;
      }
      if (this.#hashes[index] === hash && isAt(text, start, end, this.words[index] as string)) {
        const known = this.occurrences[index] as number[];
        if (known[known.length - 1] === occurrence) {
          return 0;
        }
        known.push(occurrence);
        return 2;
      }
    }
  }

  get(word: string): readonly number[] | undefined {
    let hash = word.length;
    for (let at = 0; at < word.length; at++) {
      hash = (Math.imul(hash, 0x0100_0193) ^ word.charCodeAt(at)) | 0;
    }
    const mask = this.#slots.length - 1;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index < 0) {
        return undefined;
      }
      if (this.words[index] === word) {
        return this.occurrences[index];
      }
    }
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (const [index, hash] of this.#hashes.entries()) {
      let slot = mix(hash) & mask;
      while ((slots[slot] as number) >= 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}

function mix(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) >>> 7;
}

function isAt(text: string, start: number, end: number, word: string): boolean {
  if (word.length !== end - start) {
    return false;
  }
  for (let at = 0; at < word.length; at++) {
    if (word.charCodeAt(at) !== text.charCodeAt(start + at)) {
      return false;
    }
  }
  return true;
}
