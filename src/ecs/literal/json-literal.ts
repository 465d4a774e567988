import { type Reads, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { MAX_DEPTH } from "../values/limits.ts";
import { CLOSE_BRACE, CLOSE_BRACKET, JsonScanner, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./json-scanner.ts";
import { hashOf, keyOf, ReadKeys } from "./read-keys.ts";

/**
 * Reads JSON as Python's `json.loads` does: `1.0` stays a float, integers have any size, `NaN` and `Infinity`
 * are numbers, the last of repeated keys wins and keys keep their order.
 * @param reads What of the value is read; the rest may be left out.
 * @returns A failure for anything else, and for nesting beyond 200 levels of what is read.
 */
export function parseJson(text: string, reads: Reads = "all"): Value | StageFailure {
  const reader = new JsonReader(text);
  const value = reader.part(reads === "all" ? reads : readKeysOf(reads), 0);
  if (value === undefined) {
    return new StageFailure(`no JSON: ${reader.reason}`);
  }
  reader.skipBlanks();
  if (reader.at === text.length) {
    return value;
  }
  return new StageFailure(`no JSON: text after the value, at character ${reader.at + 1}`);
}

/** By what a stage reads, for as long as there is the stage. */
const readKeys = new WeakMap<ReadonlyMap<string, Reads>, ReadKeys>();

function readKeysOf(reads: ReadonlyMap<string, Reads>): ReadKeys {
  let keys = readKeys.get(reads);
  if (keys === undefined) {
    keys = new ReadKeys(reads);
    readKeys.set(reads, keys);
  }
  return keys;
}

/** Builds the values of one text; undefined, which JSON cannot say, stands for "invalid". */
class JsonReader extends JsonScanner {
  /** A dict has only the keys that are read; a list of which only its presence is read, no items. */
  part(keys: ReadKeys | "all", depth: number): Value {
    this.skipBlanks();
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) {
      this.at++;
      return this.string();
    }
    if (code !== OPEN_BRACE && code !== OPEN_BRACKET) {
      return this.scalar(code);
    }
    if (code === OPEN_BRACKET && keys !== "all") {
      return this.skip() ? [] : undefined;
    }
    if (depth >= MAX_DEPTH) {
      return this.fail(`more than ${MAX_DEPTH} levels`);
    }
    if (code === OPEN_BRACKET) {
      return this.#array(depth + 1);
    }
    return keys === "all" ? this.#object(depth + 1) : this.#objectPart(keys, depth + 1);
  }

  #object(depth: number): Dict | undefined {
    const dict: Dict = new Map();
    for (let isMore = this.begin(CLOSE_BRACE); isMore; isMore = this.next(CLOSE_BRACE)) {
      const end = this.scanKey();
      const key = end < 0 ? this.escapedKey() : keyOf(this.text, this.keyStart, end, this.keyHash);
      const value = key !== undefined && this.colon() ? this.part("all", depth) : undefined;
      if (key === undefined || value === undefined) {
        return undefined;
      }
      dict.set(key, value);
    }
    return this.reason === "" ? dict : undefined;
  }

  #objectPart(keys: ReadKeys, depth: number): Dict | undefined {
    const dict: Dict = new Map();
    for (let isMore = this.begin(CLOSE_BRACE); isMore; isMore = this.next(CLOSE_BRACE)) {
      const end = this.scanKey();
      let slot: number;
      if (end < 0) {
        const key = this.escapedKey();
        if (key === undefined) {
          return undefined;
        }
        slot = keys.find(key, 0, key.length, hashOf(key));
      } else {
        slot = keys.find(this.text, this.keyStart, end, this.keyHash);
      }
      if (!this.colon()) {
        return undefined;
      }
      if (slot < 0) {
        if (!this.skip()) {
          return undefined;
        }
        continue;
      }
      const value = this.part(keys.below(slot), depth);
      if (value === undefined) {
        return undefined;
      }
      dict.set(keys.key(slot), value);
    }
    return this.reason === "" ? dict : undefined;
  }

  #array(depth: number): Value[] | undefined {
    const list: Value[] = [];
    for (let isMore = this.begin(CLOSE_BRACKET); isMore; isMore = this.next(CLOSE_BRACKET)) {
      const value = this.part("all", depth);
      if (value === undefined) {
        return undefined;
      }
      list.push(value);
    }
    return this.reason === "" ? list : undefined;
  }
}
