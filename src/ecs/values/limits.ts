/** Bounds on what one template may cost; events and formats come from strangers. */

/** Characters of a text that an expression builds. */
const MAX_TEXT_LENGTH = 1_048_576;
/** Items of a list that an expression builds, `range` included. */
const MAX_LIST_LENGTH = 100_000;
/** Lists and dicts within one another. */
export const MAX_DEPTH = 200;
/** Values visited by one copy, comparison or printing. */
const MAX_VISITED = 200_000;
/** Values visited by all of them for one event. */
const MAX_VISITED_FOR_EVENT = 4_000_000;
/** Characters of all texts in one list or dict. */
const MAX_NESTED_TEXT = 4_194_304;
/** Bits of an integer that arithmetic makes; 64-bit values multiply safely below it. */
export const MAX_INTEGER_BITS = 512;

/** A template went over a limit. Caught where the template was started, which then cannot be computed. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
}

let leftForEvent = MAX_VISITED_FOR_EVENT;

/** Begins the count of another event; one is run at a time, to its end. */
export function renewVisits(): void {
  leftForEvent = MAX_VISITED_FOR_EVENT;
}

/** Counts the values that one operation visits. */
export class Visits {
  #left = MAX_VISITED;
  #textLeft = MAX_NESTED_TEXT;

  count(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new LimitExceeded(`a value is nested deeper than ${MAX_DEPTH} levels`);
    }
    if (--this.#left < 0) {
      throw new LimitExceeded(`a value has more than ${MAX_VISITED} parts`);
    }
    if (--leftForEvent < 0) {
      throw new LimitExceeded(`the event's values were visited more than ${MAX_VISITED_FOR_EVENT} times`);
    }
  }

  /** Counts a text inside of a list or dict; the same one may be there many times. */
  text(length: number): void {
    this.#textLeft -= length;
    if (this.#textLeft < 0) {
      throw new LimitExceeded(`a value holds more than ${MAX_NESTED_TEXT} characters of text`);
    }
  }
}

/**
 * Whether what was thrown is a limit: one of ours, or one of the engine, such as the length of a text. Templates from
 * strangers meet them, and whatever met one cannot be computed.
 */
export function isLimit(thrown: unknown): thrown is Error {
  return thrown instanceof LimitExceeded || thrown instanceof RangeError;
}

/** @throws LimitExceeded when a text of that length must not be built. */
export function checkTextLength(length: number): void {
  if (length > MAX_TEXT_LENGTH) {
    throw new LimitExceeded(`a text would be longer than ${MAX_TEXT_LENGTH} characters`);
  }
}

/** @throws LimitExceeded when the texts and what stands between them must not become one text. */
export function checkJoinedLength(texts: readonly string[], separator: string): void {
  checkTextLength(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
}

/** @throws LimitExceeded when a list of that length must not be built. */
export function checkListLength(length: number): void {
  if (length > MAX_LIST_LENGTH) {
    throw new LimitExceeded(`a list would be longer than ${MAX_LIST_LENGTH} items`);
  }
}
