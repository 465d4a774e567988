/** The keys of a JSON object: which of them are read, and texts of their own for those of which all are. */
import type { Reads } from "../contract/stage.ts";
import { ownText } from "../values/own-text.ts";

/** Of an object's keys, those that are read, to be found by the place where a key stands in a text. */
export class ReadKeys {
  readonly #keys: (string | undefined)[];
  readonly #below: (ReadKeys | "all")[];
  readonly #mask: number;

  constructor(reads: ReadonlyMap<string, Reads>) {
    let slots = 8;
    while (slots < 4 * reads.size) {
      slots *= 2;
    }
    this.#mask = slots - 1;
    this.#keys = new Array<string | undefined>(slots).fill(undefined);
    this.#below = new Array<ReadKeys | "all">(slots).fill("all");
    for (const [key, below] of reads) {
      let slot = slotOf(hashOf(key)) & this.#mask;
      while (this.#keys[slot] !== undefined) {
        slot = (slot + 1) & this.#mask;
      }
      this.#keys[slot] = key;
      this.#below[slot] = below === "all" ? "all" : new ReadKeys(below);
    }
  }

  /** The slot of the key that stands in a text from `start` to `end`; -1 when nothing reads it. */
  find(text: string, start: number, end: number, hash: number): number {
    for (let slot = slotOf(hash) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const key = this.#keys[slot];
      if (key === undefined) {
        return -1;
      }
      if (key.length === end - start && text.startsWith(key, start)) {
        return slot;
      }
    }
  }

  key(slot: number): string {
    return this.#keys[slot] ?? "";
  }

  below(slot: number): ReadKeys | "all" {
    return this.#below[slot] ?? "all";
  }
}

/** Adds a character to a key's hash, which begins with 0. */
export function addToHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

export function hashOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) {
    hash = addToHash(hash, key.charCodeAt(i));
  }
  return hash;
}

function slotOf(hash: number): number {
  return hash ^ (hash >>> 11);
}

/** Slots of the table of keys; a power of two. */
const KEY_SLOTS = 2048;
/** Longer keys are rarely repeated from event to event. */
const MAX_KEPT_KEY = 40;

/**
 * Keys seen lately. Events of a format repeat theirs, and a string that was used before has its hash, which is
 * most of the cost of putting it into a Map.
 */
const knownKeys: (string | undefined)[] = new Array<string | undefined>(KEY_SLOTS).fill(undefined);

/** The key that stands in a text from `start` to `end`. */
export function keyOf(text: string, start: number, end: number, hash: number): string {
  const length = end - start;
  if (length > MAX_KEPT_KEY) {
    return text.slice(start, end);
  }
  const slot = slotOf(hash) & (KEY_SLOTS - 1);
  const known = knownKeys[slot];
  if (known !== undefined && known.length === length && text.startsWith(known, start)) {
    return known;
  }
  const key = ownText(text.slice(start, end));
  knownKeys[slot] = key;
  return key;
}
