import { StageFailure } from "../contract/stage.ts";
import { type Dict, Float, type Key, Tuple, type Value } from "../contract/value.ts";
import { MAX_DEPTH } from "../values/limits.ts";
import { makeFloat, makeInteger, parseFloatText } from "../values/numbers.ts";

/**
 * Reads a Python literal as `ast.literal_eval` does: texts, numbers, lists, tuples, dicts, True, False and None.
 * Sets, bytes and complex numbers have no place in an event and are failures, as is nesting beyond 200 levels.
 * @see https://docs.python.org/3/library/ast.html#ast.literal_eval
 */
export function parsePythonLiteral(text: string): Value | StageFailure {
  const reader = new LiteralReader(text);
  const value = reader.document();
  return value === undefined ? new StageFailure(`no Python literal: ${reader.reason}`) : value;
}

/** Python refuses longer decimal integers. */
const MAX_DIGITS = 4300;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?/y;
const WORD = /[A-Za-z_]\w*/y;
const STRING_OPENING = /([uU]?|[rR])("""|'''|"|')/y;
const LEADING_ZERO = /^0[0_]*[1-9]/;
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\n", ""],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);
const CODE_ESCAPE = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;

const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;
const NEWLINE = 10;
const MAY_OPEN_STRING: ReadonlySet<number> = new Set([..."\"'uUrR"].map((letter) => letter.charCodeAt(0)));

/** Reads one text. No method throws: undefined, which no literal is, stands for "invalid". */
class LiteralReader {
  reason = "not one";
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    this.#skipBlanks();
    const first = this.#value(0);
    if (first === undefined) {
      return undefined;
    }
    this.#skipBlanks();
    if (this.#at === this.#text.length) {
      return first;
    }
    // A tuple needs no brackets.
    if (this.#text[this.#at] !== ",") {
      return this.#fail("text after the value");
    }
    this.#at++;
    return this.#tupleOf(this.#items("", 1, [first]));
  }

  #tupleOf(items: Value[] | undefined): Value {
    return items === undefined ? undefined : Tuple.holding(items);
  }

  #value(depth: number): Value {
    if (depth > MAX_DEPTH) {
      return this.#fail(`more than ${MAX_DEPTH} levels`);
    }
    const character = this.#text[this.#at];
    switch (character) {
      case "[":
        this.#at++;
        return this.#items("]", depth + 1);
      case "{":
        this.#at++;
        return this.#dict(depth + 1);
      case "(":
        this.#at++;
        return this.#tuple(depth + 1);
      case "-":
      case "+":
        return this.#signed();
      case '"':
      case "'":
        return this.#string();
      default:
        return this.#string() ?? this.#number() ?? this.#word();
    }
  }

  /** @param end The closing bracket, or "" for the end of the text. */
  #items(end: string, depth: number, list: Value[] = []): Value[] | undefined {
    for (;;) {
      this.#skipBlanks();
      if (this.#isAt(end)) {
        break;
      }
      const value = this.#value(depth);
      if (value === undefined) {
        return undefined;
      }
      list.push(value);
      this.#skipBlanks();
      if (this.#isAt(end)) {
        break;
      }
      if (this.#text[this.#at++] !== ",") {
        return this.#fail('a "," is missing');
      }
    }
    this.#at += end.length;
    return list;
  }

  #isAt(end: string): boolean {
    return end === "" ? this.#at >= this.#text.length : this.#text[this.#at] === end;
  }

  #tuple(depth: number): Value {
    this.#skipBlanks();
    if (this.#text[this.#at] === ")") {
      this.#at++;
      return new Tuple();
    }
    const first = this.#value(depth);
    if (first === undefined) {
      return undefined;
    }
    this.#skipBlanks();
    const character = this.#text[this.#at++];
    if (character === ")") {
      return first;
    }
    return character === ","
      ? this.#tupleOf(this.#items(")", depth, [first]))
      : this.#fail('a ")" is missing');
  }

  #dict(depth: number): Dict | undefined {
    const dict: Dict = new Map();
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#at] === "}") {
        break;
      }
      const key = hashable(this.#value(depth));
      if (key === undefined) {
        return this.#fail("a key that no dict can have");
      }
      this.#skipBlanks();
      if (this.#text[this.#at++] !== ":") {
        return this.#fail('a ":" is missing');
      }
      this.#skipBlanks();
      const value = this.#value(depth);
      if (value === undefined) {
        return undefined;
      }
      dict.set(key, value);
      this.#skipBlanks();
      if (this.#text[this.#at] === "}") {
        break;
      }
      if (this.#text[this.#at++] !== ",") {
        return this.#fail('a "," is missing');
      }
    }
    this.#at++;
    return dict;
  }

  #signed(): Value {
    let negative = false;
    for (;;) {
      const character = this.#text[this.#at];
      if (character !== "-" && character !== "+") {
        break;
      }
      negative = negative !== (character === "-");
      this.#at++;
      this.#skipBlanks();
    }
    const value = this.#number();
    if (value === undefined) {
      return this.#fail("a sign without a number");
    }
    if (!negative) {
      return value;
    }
    if (value instanceof Float) {
      return new Float(-value.value);
    }
    return value === 0 ? 0 : -value;
  }

  #number(): number | bigint | Float | undefined {
    const source = this.#match(NUMBER)?.[0];
    if (source === undefined) {
      return undefined;
    }
    const next = this.#text[this.#at] ?? "";
    if (/[\w]/.test(next) || source.length > MAX_DIGITS) {
      return this.#fail("a malformed number");
    }
    const plain = source.replaceAll("_", "");
    if (/^0[xXoObB]/.test(plain)) {
      return makeInteger(BigInt(plain));
    }
    if (/[.eE]/.test(plain)) {
      return parseFloatText(plain) === undefined ? undefined : makeFloat(Number(plain));
    }
    return LEADING_ZERO.test(source)
      ? this.#fail("a number with a leading zero")
      : makeInteger(BigInt(plain));
  }

  #word(): Value {
    switch (this.#match(WORD)?.[0]) {
      case "None":
        return null;
      case "True":
        return true;
      case "False":
        return false;
      default:
        return this.#fail(this.reason);
    }
  }

  /** One text, or several next to each other. */
  #string(): string | undefined {
    let result = this.#plainString();
    if (result !== undefined) {
      this.#skipBlanks();
      if (!MAY_OPEN_STRING.has(this.#text.charCodeAt(this.#at))) {
        return result;
      }
    }
    for (;;) {
      const opening = this.#match(STRING_OPENING);
      if (opening === null) {
        return result;
      }
      const part = this.#stringBody(opening[2] ?? "", opening[1]?.toLowerCase() === "r");
      if (part === undefined) {
        return undefined;
      }
      result = (result ?? "") + part;
      this.#skipBlanks();
    }
  }

  /** A text in single quotes or double ones, without escapes, as nearly all are; of any other nothing is read. */
  #plainString(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    const quote = text.charCodeAt(start);
    if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) {
      return undefined;
    }
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (at === start + 1 && text.charCodeAt(at + 1) === quote) {
          return undefined;
        }
        this.#at = at + 1;
        return text.slice(start + 1, at);
      }
      if (code === BACKSLASH || code === NEWLINE) {
        return undefined;
      }
    }
    return undefined;
  }

  #stringBody(quote: string, isRaw: boolean): string | undefined {
    const text = this.#text;
    let result = "";
    let from = this.#at;
    for (let at = from; at < text.length; at++) {
      if (text.startsWith(quote, at)) {
        this.#at = at + quote.length;
        return result + text.slice(from, at);
      }
      const character = text[at];
      if (character === "\n" && quote.length === 1) {
        break;
      }
      if (character !== "\\") {
        continue;
      }
      if (isRaw) {
        at++;
        continue;
      }
      const decoded = this.#escape(at);
      if (decoded === null) {
        return this.#fail("an unfinished escape");
      }
      if (decoded !== undefined) {
        result += text.slice(from, at) + decoded.text;
        from = at + decoded.length;
        at = from - 1;
      } else {
        at++;
      }
    }
    return this.#fail("a text without end");
  }

  /** What an escape stands for; undefined for an unknown one, which Python leaves as it is; null for half a code. */
  #escape(at: number): { text: string; length: number } | undefined | null {
    const letter = this.#text[at + 1] ?? "";
    const simple = SIMPLE_ESCAPES.get(letter);
    if (simple !== undefined) {
      return { text: simple, length: 2 };
    }
    CODE_ESCAPE.lastIndex = at;
    const code = CODE_ESCAPE.exec(this.#text);
    if (code === null) {
      return "xuUN".includes(letter) ? null : undefined;
    }
    const [whole, octal, ...hex] = code;
    const point = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex.join(""), 16);
    return point > 0x10ffff ? null : { text: String.fromCodePoint(point), length: whole.length };
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) {
      this.#at++;
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) {
      this.#at += found[0].length;
    }
    return found;
  }

  #fail(reason: string): undefined {
    this.reason = reason;
    // No other reading is tried: the rest does not count.
    this.#at = this.#text.length;
    return undefined;
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === NEWLINE || code === 13 || code === 12;
}

/** The value as a dict's key; 1.0 and 1 are the same key. */
function hashable(value: Value): Key | undefined {
  if (value instanceof Float) {
    return value.value;
  }
  return Array.isArray(value) || value instanceof Map ? undefined : value;
}
