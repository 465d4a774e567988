/** JSON by its parts: marks, texts, numbers, and values that nothing reads. */
import type { Value } from "../contract/value.ts";
import { makeFloat } from "../values/numbers.ts";
import { addToHash } from "./read-keys.ts";

/** Integers of so many digits are safe, whatever the digits. */
const SAFE_DIGITS = 15;
/** Python refuses longer integers. */
const MAX_DIGITS = 4300;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const LETTER_U = 0x75;

/** Goes over the parts of one text. No method throws: undefined, which JSON cannot say, stands for "invalid". */
export class JsonScanner {
  at = 0;
  reason = "";
  keyStart = 0;
  keyHash = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  scalar(code: number): Value {
    switch (code) {
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
    const text = this.text;
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

  /** Goes over the mark that opens a list or dict, and says whether there is something in it. */
  begin(close: number): boolean {
    this.at++;
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== close) {
      return true;
    }
    this.at++;
    return false;
  }

  /** Goes over the comma behind an item or an entry, or over what closes the list or dict. */
  next(close: number): boolean {
    this.skipBlanks();
    const code = this.text.charCodeAt(this.at++);
    if (code === COMMA) {
      this.skipBlanks();
      return true;
    }
    if (code !== close) {
      this.fail('a "," is missing');
    }
    return false;
  }

  colon(): boolean {
    if (this.reason !== "") {
      return false;
    }
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== COLON) {
      this.fail('a ":" is missing');
      return false;
    }
    this.at++;
    return true;
  }

  /** Goes over a key, and gives where it ends; -1 for one with an escape, and what is no key at all. */
  scanKey(): number {
    const text = this.text;
    let at = this.at;
    if (text.charCodeAt(at) !== QUOTE) {
      return -1;
    }
    at++;
    this.keyStart = at;
    let hash = 0;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.keyHash = hash;
        this.at = at + 1;
        return at;
      }
      if (code === BACKSLASH || !(code >= 0x20)) {
        return -1;
      }
      hash = addToHash(hash, code);
      at++;
    }
  }

  escapedKey(): string | undefined {
    if (this.text.charCodeAt(this.at) !== QUOTE) {
      return this.fail("a key is missing");
    }
    this.at++;
    return this.string();
  }

  /** Goes over a value, however deep. */
  skip(): boolean {
    const closes: number[] = [];
    for (;;) {
      this.skipBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        const close = code === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
        if (this.begin(close)) {
          closes.push(close);
          if (close === CLOSE_BRACE && !this.#skipKey()) {
            return false;
          }
          continue;
        }
      } else if (!(code === QUOTE ? this.#skipString() : this.scalar(code) !== undefined)) {
        return false;
      }
      if (!this.#skipEnds(closes)) {
        return this.reason === "";
      }
    }
  }

  /** Goes on to the next value inside of what is open; false when all is closed, or something is wrong. */
  #skipEnds(closes: number[]): boolean {
    for (let close = closes.at(-1); close !== undefined; close = closes.at(-1)) {
      if (this.next(close)) {
        return close === CLOSE_BRACKET || this.#skipKey();
      }
      if (this.reason !== "") {
        return false;
      }
      closes.pop();
    }
    return false;
  }

  #skipKey(): boolean {
    return (this.scanKey() >= 0 || this.escapedKey() !== undefined) && this.colon();
  }

  #skipString(): boolean {
    const text = this.text;
    let at = this.at + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (code === BACKSLASH) {
        const isUnicode = text.charCodeAt(at + 1) === LETTER_U;
        if (
          isUnicode ? !FOUR_HEX_DIGITS.test(text.slice(at + 2, at + 6)) : !ESCAPES.has(text[at + 1] ?? "")
        ) {
          this.fail("an unknown escape");
          return false;
        }
        at += isUnicode ? 6 : 2;
      } else if (code >= 0x20) {
        at++;
      } else {
        this.#unfinished(at);
        return false;
      }
    }
  }

  /** The text after an opening quote. */
  string(): string | undefined {
    const text = this.text;
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

  /** @param at Where the first backslash stands. */
  #escaped(start: number, at: number): string | undefined {
    const text = this.text;
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
            return this.fail("an unknown escape");
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
    const text = this.text;
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
        return this.fail(`no value at character ${start + 1}`);
      }
      this.at = firstDigit;
      return this.#word("Infinity", Number.NEGATIVE_INFINITY);
    }
    if (digits > 1 && text.charCodeAt(firstDigit) === 0x30) {
      return this.fail("a number with a leading zero");
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
      return this.fail(`an integer of more than ${MAX_DIGITS} digits`);
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
    if (!this.text.startsWith(word, this.at)) {
      return this.fail(`no value at character ${this.at + 1}`);
    }
    this.at += word.length;
    return value;
  }

  #unfinished(at: number): undefined {
    return this.fail(at >= this.text.length ? "a text without end" : "a control character in a text");
  }

  fail(reason: string): undefined {
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
