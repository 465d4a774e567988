import type { DeadLetter } from "../contract.ts";

/** Dead letters are stored in groups of so many at most, so that those of one message cannot fill the memory. */
const MAX_LETTERS = 1000;
const MAX_LETTER_BYTES = 1024 * 1024;
/** What a letter takes beside its bytes. */
const LETTER_BYTES = 200;

/** Dead letters that are to be stored together. */
export class LetterBatch {
  readonly letters: DeadLetter[] = [];
  #bytes = 0;

  /** Of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.letters.length >= MAX_LETTERS || this.#bytes >= MAX_LETTER_BYTES;
  }

  add(letter: DeadLetter): void {
    this.letters.push(letter);
    this.#bytes += letter.bytes.length + LETTER_BYTES;
  }
}
