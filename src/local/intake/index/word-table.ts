import { spread } from "./words.ts";

const FIRST_SLOTS = 1 << 14;

/**
 * Words, numbered as they come. A table of our own: a `Map` would want a text for each word of each event, and most are
 * known already. A slot is found by a hash and checked by the word itself.
 */
export class WordTable {
  readonly words: string[] = [];
  #hashes = new Int32Array(FIRST_SLOTS);
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);

  /** @param text Folded; the word lies in it from `start` to `end`. @returns The word's number. */
  numberOf(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] as number;
      if (number < 0) {
        this.#slots[slot] = this.words.length;
        if (this.words.length === this.#hashes.length) {
          const hashes = new Int32Array(this.words.length * 2);
          hashes.set(this.#hashes);
          this.#hashes = hashes;
        }
        this.#hashes[this.words.length] = hash;
        const added = this.words.push(text.slice(start, end)) - 1;
        if (this.words.length * 2 > mask) {
          this.#grow();
        }
        return added;
      }
      if (this.#hashes[number] === hash && isAt(text, start, end, this.words[number] as string)) {
        return number;
      }
    }
  }

  /** Of the words, in their order. */
  get hashes(): Int32Array {
    return this.#hashes.subarray(0, this.words.length);
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let number = 0; number < this.words.length; number++) {
      let slot = spread(this.#hashes[number] as number) & mask;
      while ((slots[slot] as number) >= 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = number;
    }
    this.#slots = slots;
  }
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
