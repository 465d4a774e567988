import type { Reads } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { MAX_DEPTH } from "../values/limits.ts";

/**
 * Reads JSON by `JSON.parse`, which is faster than a reader in JavaScript, where nothing is lost by it.
 *
 * Lost would be: the difference between 1 and 1.0, digits beyond 2^53, and the order of keys such as "10". A number
 * with a fraction and a key that begins with a letter are the same either way; so is what nothing reads.
 * @returns undefined when the text must be read exactly, or is not JSON.
 */
export function parseNatively(text: string, reads: Reads): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The exact reader knows Python's additions, and says what is wrong.
    return undefined;
  }
  const converter = new Converter();
  const value = converter.part(parsed, reads, 0);
  if (converter.isLossy || (converter.hasWholeNumber && WHOLE_FLOAT.test(text))) {
    return undefined;
  }
  return value;
}

/** A number with a point or an exponent where a value may stand; also found inside texts, which only costs time. */
const WHOLE_FLOAT = /(?:^|"\s*:|[[,])\s*-?\d+[.eE]/;

type Plain = Readonly<Record<string, unknown>>;

class Converter {
  isLossy = false;
  hasWholeNumber = false;

  /** A dict has only the keys that are read; a list of which only its presence is read, no items. */
  part(parsed: unknown, reads: Reads, depth: number): Value {
    if (reads === "all" || typeof parsed !== "object" || parsed === null) {
      return this.whole(parsed, depth);
    }
    if (Array.isArray(parsed)) {
      return [];
    }
    const dict: Dict = new Map();
    for (const key in parsed) {
      const below = reads.get(key);
      if (below !== undefined) {
        dict.set(key, this.part((parsed as Plain)[key], below, depth + 1));
      }
    }
    return dict;
  }

  whole(parsed: unknown, depth: number): Value {
    if (typeof parsed === "string" || typeof parsed === "boolean" || parsed === null) {
      return parsed;
    }
    if (typeof parsed === "number") {
      return this.#number(parsed);
    }
    if (typeof parsed !== "object" || depth >= MAX_DEPTH) {
      return this.#lose();
    }
    return Array.isArray(parsed) ? this.#list(parsed, depth + 1) : this.#dict(parsed, depth + 1);
  }

  #list(parsed: readonly unknown[], depth: number): Value[] {
    const list: Value[] = [];
    for (const item of parsed) {
      list.push(this.whole(item, depth));
    }
    return list;
  }

  #dict(parsed: object, depth: number): Dict {
    const dict: Dict = new Map();
    for (const key in parsed) {
      const first = key.charCodeAt(0);
      if (first >= 0x30 && first <= 0x39) {
        this.isLossy = true;
      }
      dict.set(key, this.whole((parsed as Plain)[key], depth));
    }
    return dict;
  }

  #number(parsed: number): Value {
    if (!Number.isSafeInteger(parsed)) {
      return Number.isInteger(parsed) || !Number.isFinite(parsed) ? this.#lose() : parsed;
    }
    this.hasWholeNumber = true;
    return parsed === 0 ? 0 : parsed;
  }

  #lose(): undefined {
    this.isLossy = true;
    return undefined;
  }
}
