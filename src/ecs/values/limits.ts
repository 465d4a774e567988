/** Bounds on what one template may cost; events and formats come from strangers. */

/** Characters of a text that an expression builds. */
const MAX_TEXT_LENGTH = 1_048_576;
/** Items of a list that an expression builds, `range` included. */
const MAX_LIST_LENGTH = 100_000;
/** Lists and dicts within one another. */
export const MAX_DEPTH = 200;
/** Values visited by one copy, comparison or printing. */
const MAX_VISITED = 200_000;
/** Bits of an integer that arithmetic makes; 64-bit values multiply safely below it. */
export const MAX_INTEGER_BITS = 512;

/** A template went over a limit. Caught where the template was started, which then cannot be computed. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
}

/** Counts the values that one operation visits. */
export class Visits {
  #left = MAX_VISITED;
  count(depth: number): void {
    if (depth > MAX_DEPTH) throw new LimitExceeded(`a value is nested deeper than ${MAX_DEPTH} levels`);
    if (--this.#left < 0) throw new LimitExceeded(`a value has more than ${MAX_VISITED} parts`);
  }
}

/** @throws LimitExceeded when a text of that length must not be built. */
export function checkTextLength(length: number): void {
  if (length > MAX_TEXT_LENGTH) {
    throw new LimitExceeded(`a text would be longer than ${MAX_TEXT_LENGTH} characters`);
  }
}

/** @throws LimitExceeded when a list of that length must not be built. */
export function checkListLength(length: number): void {
  if (length > MAX_LIST_LENGTH) {
    throw new LimitExceeded(`a list would be longer than ${MAX_LIST_LENGTH} items`);
  }
}
