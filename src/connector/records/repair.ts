import { isJson } from "./scanner.ts";
import { MAX_UNPACKED_BYTES } from "./unpack.ts";

/** What Azure's services do to JSON, and what is repaired. */
export const REPAIR_KINDS = ["single-quotes", "control-characters", "trailing-comma", "nan"] as const;
export type RepairKind = (typeof REPAIR_KINDS)[number];

export type Repair = {
  readonly bytes: Buffer;
  /** Each kind that was found, once. */
  readonly kinds: readonly RepairKind[];
};

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const CAPITAL_N = 0x4e;
const SPACE = 0x20;

/** The longest escape of one byte: `\u0001`. */
const ESCAPE_BYTES = 6;
const NULL = Buffer.from("null");
const ESCAPES: readonly Buffer[] = Array.from({ length: SPACE }, (_, code) =>
  Buffer.from(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
);

/**
 * Repairs an object or array that is not JSON: strings in single quotes, raw control characters in strings, a comma
 * before a closing bracket, and `NaN`, which becomes `null`. Every other byte stays as it is. Time and memory are
 * linear in the text's length.
 * @returns undefined when the text is JSON as it stands, is not an object or array, or is not JSON after the repair either.
 */
export function repairJson(text: Buffer): Repair | undefined {
  const first = text[skipWhitespace(text, 0)];
  if ((first !== OPEN_BRACE && first !== OPEN_BRACKET) || isJson(text)) {
    return undefined;
  }
  const room = longestRepair(text);
  if (room > MAX_UNPACKED_BYTES) {
    return undefined;
  }
  const repair = new Repairer(text, Buffer.allocUnsafe(room)).run();
  return repair.kinds.length > 0 && isJson(repair.bytes) ? repair : undefined;
}

/** @returns the first index from `at` on that is not JSON white space, or the text's length. */
function skipWhitespace(text: Buffer, at: number): number {
  while (at < text.length) {
    const byte = text[at];
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      return at;
    }
    at++;
  }
  return at;
}

/** How long the repaired text may become: control characters and quotes may need an escape. */
function longestRepair(text: Buffer): number {
  let length = text.length;
  for (const byte of text) {
    if (byte < SPACE) {
      length += ESCAPE_BYTES - 1;
    }
    // `NaN` grows by one byte, a quote inside single quotes as well.
    else if (byte === QUOTE || byte === CAPITAL_N) {
      length++;
    }
  }
  return length;
}

/** One pass over the text that writes the repaired one. */
class Repairer {
  readonly #text: Buffer;
  readonly #out: Buffer;
  #written = 0;
  /** The last byte of the text that is neither white space nor inside a string. */
  #last = 0;
  readonly #kinds = new Set<RepairKind>();

  constructor(text: Buffer, out: Buffer) {
    this.#text = text;
    this.#out = out;
  }

  run(): Repair {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      const byte = text[at] as number;
      if (byte === QUOTE || byte === APOSTROPHE) {
        at = this.#string(at + 1, byte);
        this.#last = QUOTE;
      } else if (byte === COMMA && this.#isTrailing(at)) {
        this.#kinds.add("trailing-comma");
        at++;
      } else if (byte === CAPITAL_N && text[at + 1] === 0x61 && text[at + 2] === CAPITAL_N) {
        this.#kinds.add("nan");
        this.#writeAll(NULL);
        this.#last = CAPITAL_N;
        at += 3;
      } else {
        this.#write(byte);
        if (byte > SPACE) {
          this.#last = byte;
        }
        at++;
      }
    }
    return { bytes: this.#out.subarray(0, this.#written), kinds: [...this.#kinds] };
  }

  /**
   * @param at The index after the opening quote.
   * @returns the index after the closing quote, or the text's end.
   */
  #string(at: number, quote: number): number {
    const text = this.#text;
    if (quote === APOSTROPHE) {
      this.#kinds.add("single-quotes");
    }
    this.#write(QUOTE);
    while (at < text.length) {
      const byte = text[at] as number;
      if (byte === quote) {
        this.#write(QUOTE);
        return at + 1;
      }
      if (byte < SPACE) {
        this.#kinds.add("control-characters");
        this.#writeAll(ESCAPES[byte] as Buffer);
      } else if (byte === BACKSLASH && at + 1 < text.length) {
        at++;
        // `\'` is not an escape of JSON and needs none between double quotes.
        if (text[at] !== APOSTROPHE || quote !== APOSTROPHE) {
          this.#write(BACKSLASH);
        }
        this.#write(text[at] as number);
      } else {
        if (byte === QUOTE) {
          this.#write(BACKSLASH);
        }
        this.#write(byte);
      }
      at++;
    }
    return at;
  }

  /** Whether the comma at `at` follows an item and nothing but white space stands between it and a closing bracket. */
  #isTrailing(at: number): boolean {
    if (this.#last === OPEN_BRACE || this.#last === OPEN_BRACKET) {
      return false;
    }
    const next = this.#text[skipWhitespace(this.#text, at + 1)];
    return next === CLOSE_BRACE || next === CLOSE_BRACKET;
  }

  #write(byte: number): void {
    this.#out[this.#written++] = byte;
  }

  #writeAll(bytes: Buffer): void {
    this.#written += bytes.copy(this.#out, this.#written);
  }
}
