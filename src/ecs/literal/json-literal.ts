import { type Reads, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { MAX_DEPTH } from "../values/limits.ts";
import { makeFloat } from "../values/numbers.ts";
import { parseNatively } from "./json-native.ts";

/**
 * Reads JSON as Python's `json.loads` does: `1.0` stays a float, integers have any size, `NaN` and `Infinity`
 * are numbers, the last of repeated keys wins and keys keep their order.
 * @param reads What of the value is read; the rest may be left out.
 * @returns A failure for anything else, and for nesting beyond 200 levels of what is read.
 */
export function parseJson(text: string, reads: Reads = "all"): Value | StageFailure {
  return parseNatively(text, reads) ?? parseExactly(text);
}

/** The reader of our own, which loses nothing. */
function parseExactly(text: string): Value | StageFailure {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  if (value === undefined) {
    return new StageFailure(`no JSON: ${reader.reason}`);
  }
  reader.skipBlanks();
  if (reader.at === text.length) {
    return value;
  }
  return new StageFailure(`no JSON: text after the value, at character ${reader.at + 1}`);
}

/** Integers of so many digits are safe, whatever the digits. */
const SAFE_DIGITS = 15;
/** Python refuses longer integers. */
const MAX_DIGITS = 4300;
/** Slots of the table of keys; a power of two. */
const KEY_SLOTS = 2048;
/** Longer keys are rarely repeated from event to event. */
const MAX_KEPT_KEY = 40;

/**
 * Keys seen lately. Events of a format repeat theirs, and a string that was used before has its hash, which is
 * most of the cost of putting it into a Map.
 */
const knownKeys: (string | undefined)[] = new Array<string | undefined>(KEY_SLOTS).fill(undefined);

/** Reads one text. No method throws: undefined, which JSON cannot say, stands for "invalid". */
class JsonReader {
  at = 0;
  reason = "";
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Value {
    this.skipBlanks();
    switch (this.#text.charCodeAt(this.at)) {
      case 0x22:
        this.at++;
        return this.#string();
      case 0x7b:
        return depth < MAX_DEPTH ? this.#object(depth + 1) : this.#fail(`more than ${MAX_DEPTH} levels`);
      case 0x5b:
        return depth < MAX_DEPTH ? this.#array(depth + 1) : this.#fail(`more than ${MAX_DEPTH} levels`);
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      case 0x6e:
        return this.#word("null", null);
      case 0x4e:
        return this.#word("NaN", Number.NaN);
      case 0x49:
        return this.#word("Infinity", Number.POSITIVE_INFINITY);
      default:
        return this.#number();
    }
  }

  skipBlanks(): void {
    const text = this.#text;
    let at = this.at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
        break;
      }
      at++;
    }
    this.at = at;
  }

  #object(depth: number): Dict | undefined {
    const dict: Dict = new Map();
    const text = this.#text;
    this.at++;
    this.skipBlanks();
    if (text.charCodeAt(this.at) === 0x7d) {
      this.at++;
      return dict;
    }
    for (;;) {
      if (text.charCodeAt(this.at) !== 0x22) {
        return this.#fail("a key is missing");
      }
      this.at++;
      const key = this.#key();
      if (key === undefined) {
        return undefined;
      }
      if (text.charCodeAt(this.at) !== 0x3a) {
        this.skipBlanks();
        if (text.charCodeAt(this.at) !== 0x3a) {
          return this.#fail('a ":" is missing');
        }
      }
      this.at++;
      const value = this.value(depth);
      if (value === undefined) {
        return undefined;
      }
      dict.set(key, value);
      this.skipBlanks();
      const code = text.charCodeAt(this.at++);
      if (code === 0x7d) {
        return dict;
      }
      if (code !== 0x2c) {
        return this.#fail('a "," is missing');
      }
      this.skipBlanks();
    }
  }

  #array(depth: number): Value[] | undefined {
    const list: Value[] = [];
    this.at++;
    this.skipBlanks();
    if (this.#text.charCodeAt(this.at) === 0x5d) {
      this.at++;
      return list;
    }
    for (;;) {
      const value = this.value(depth);
      if (value === undefined) {
        return undefined;
      }
      list.push(value);
      this.skipBlanks();
      const code = this.#text.charCodeAt(this.at++);
      if (code === 0x5d) {
        return list;
      }
      if (code !== 0x2c) {
        return this.#fail('a "," is missing');
      }
    }
  }

  /** The text after an opening quote. */
  #string(): string | undefined {
    const text = this.#text;
    const start = this.at;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === 0x5c) {
        return this.#escaped(start, at);
      }
      if (!(code >= 0x20)) {
        return this.#unfinished(at);
      }
      at++;
    }
  }

  #key(): string | undefined {
    const text = this.#text;
    const start = this.at;
    let at = start;
    let hash = 0;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        break;
      }
      if (code === 0x5c) {
        return this.#escaped(start, at);
      }
      if (!(code >= 0x20)) {
        return this.#unfinished(at);
      }
      hash = (Math.imul(hash, 31) + code) | 0;
      at++;
    }
    this.at = at + 1;
    const length = at - start;
    if (length > MAX_KEPT_KEY) {
      return text.slice(start, at);
    }
    const slot = (hash ^ (hash >>> 11)) & (KEY_SLOTS - 1);
    const known = knownKeys[slot];
    if (known !== undefined && known.length === length && text.startsWith(known, start)) {
      return known;
    }
    // Copied, since a slice would keep its whole event alive.
    const key = ownKey(text.slice(start, at));
    knownKeys[slot] = key;
    return key;
  }

  /** @param at Where the first backslash stands. */
  #escaped(start: number, at: number): string | undefined {
    const text = this.#text;
    let result = text.slice(start, at);
    let from = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return result + text.slice(from, at);
      }
      if (code === 0x5c) {
        result += text.slice(from, at);
        const letter = text[at + 1] ?? "";
        const plain = ESCAPES.get(letter);
        if (plain !== undefined) {
          result += plain;
          at += 2;
        } else {
          const digits = text.slice(at + 2, at + 6);
          if (letter !== "u" || !FOUR_HEX_DIGITS.test(digits)) {
            return this.#fail("an unknown escape");
          }
          result += String.fromCharCode(Number.parseInt(digits, 16));
          at += 6;
        }
        from = at;
      } else if (code >= 0x20) {
        at++;
      } else {
        return this.#unfinished(at);
      }
    }
  }

  #number(): Value {
    const text = this.#text;
    const start = this.at;
    let at = start;
    if (text.charCodeAt(at) === 0x2d) {
      at++;
    }
    const firstDigit = at;
    let whole = 0;
    for (;;) {
      const digit = text.charCodeAt(at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) {
        break;
      }
      whole = whole * 10 + digit;
      at++;
    }
    const digits = at - firstDigit;
    const negative = firstDigit > start;
    if (digits === 0) {
      if (!negative) {
        return this.#fail(`no value at character ${start + 1}`);
      }
      this.at = firstDigit;
      return this.#word("Infinity", Number.NEGATIVE_INFINITY);
    }
    if (digits > 1 && text.charCodeAt(firstDigit) === 0x30) {
      return this.#fail("a number with a leading zero");
    }
    const code = text.charCodeAt(at);
    if (code === 0x2e || code === 0x65 || code === 0x45) {
      FRACTION.lastIndex = at;
      const rest = FRACTION.exec(text)?.[0] ?? "";
      if (rest !== "") {
        this.at = at + rest.length;
        return makeFloat(Number(text.slice(start, this.at)));
      }
    }
    this.at = at;
    if (digits <= SAFE_DIGITS) {
      return negative && whole !== 0 ? -whole : whole;
    }
    if (digits > MAX_DIGITS) {
      return this.#fail(`an integer of more than ${MAX_DIGITS} digits`);
    }
    const exact = BigInt(text.slice(start, at));
    // No integer of 64 bits, and so a float to the platform.
    if (exact < INT64_MIN || exact > UINT64_MAX) {
      return makeFloat(Number(exact));
    }
    const small = Number(exact);
    return Number.isSafeInteger(small) ? small : exact;
  }

  #word<T extends Value>(word: string, value: T): T | undefined {
    if (!this.#text.startsWith(word, this.at)) {
      return this.#fail(`no value at character ${this.at + 1}`);
    }
    this.at += word.length;
    return value;
  }

  #unfinished(at: number): undefined {
    return this.#fail(at >= this.#text.length ? "a text without end" : "a control character in a text");
  }

  #fail(reason: string): undefined {
    this.reason = reason;
    return undefined;
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
const FOUR_HEX_DIGITS = /^[0-9A-Fa-f]{4}$/;
const FRACTION = /(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The same text as a string of its own, the one that V8 compares by address. */
function ownKey(slice: string): string {
  return Object.keys({ [slice]: null })[0] ?? slice;
}
