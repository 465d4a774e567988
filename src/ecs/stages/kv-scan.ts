import type { Dict } from "../contract/value.ts";
import type { Regex } from "../regex/index.ts";

/** Where a separator stands; both are the text's length when there is none. */
type Place = { readonly start: number; readonly end: number };

/**
 * The separators of one kind in one text. Asked for rising positions it searches every part of the text once,
 * which keeps a scan linear.
 */
class Separators {
  readonly #regex: Regex;
  readonly #text: string;
  #from = -1;
  #found: Place = { start: -1, end: -1 };

  constructor(regex: Regex, text: string) {
    this.#regex = regex;
    this.#text = text;
  }

  /** The first separator that starts at or after `position`. */
  next(position: number): Place {
    if (position >= this.#from && position <= this.#found.start) {
      return this.#found;
    }
    const match = this.#regex.find(this.#text, position);
    // A separator that takes no character separates nothing.
    const none = match === null || match.end === match.start;
    this.#found = none ? { start: this.#text.length, end: this.#text.length } : match;
    this.#from = position;
    return this.#found;
  }
}

/** Splits a text into its keys and values. One is made for each text. */
export class KeyValueScan {
  readonly #text: string;
  readonly #items: Separators;
  readonly #values: Separators;
  /** Asked about closing quotes, which may lie far ahead. */
  readonly #itemsAfterQuotes: Separators;
  /** The last search for each kind of quote; its answer serves all positions up to it. */
  readonly #quotes = new Map<string, { readonly from: number; readonly at: number }>();

  constructor(text: string, itemSeparator: Regex, valueSeparator: Regex) {
    text = text.trim();
    this.#text = text;
    this.#items = new Separators(itemSeparator, text);
    this.#itemsAfterQuotes = new Separators(itemSeparator, text);
    this.#values = new Separators(valueSeparator, text);
  }

  /** Adds the pairs to `dict`; the last of repeated keys wins. */
  readInto(dict: Dict): void {
    const text = this.#text;
    let key: string | undefined;
    /** Where the value of `key` starts and ends, as far as it is known. */
    let valueStart = 0;
    let valueEnd = 0;
    /** Whether only blanks separate what was read since that value. */
    let isBlank = true;
    const finish = (): void => {
      if (key !== undefined) {
        dict.set(key, text.slice(valueStart, valueEnd).trim());
      }
      key = undefined;
    };
    for (let at = 0; at < text.length; ) {
      const item = this.#items.next(at);
      const separator = this.#values.next(at);
      if (separator.start >= item.start) {
        // No value in here: after one blank it belongs to the value before, and else to none.
        if (item.start === at) {
          finish();
        } else if (key !== undefined && isBlank) {
          valueEnd = item.start;
        }
        isBlank &&= this.#isBlank(item);
        at = item.end;
        continue;
      }
      finish();
      const name = text.slice(at, separator.start).trim();
      const closing = this.#closingQuote(separator.end);
      if (closing === undefined) {
        key = name;
        valueStart = separator.end;
        // The separator of the value may itself hold one of items, as in "a: b".
        const end = item.start >= separator.end ? item : this.#items.next(separator.end);
        valueEnd = end.start;
        isBlank = this.#isBlank(end);
        at = end.end;
      } else {
        dict.set(name, text.slice(separator.end + 1, closing).trim());
        at = this.#items.next(closing + 1).end;
      }
    }
    finish();
  }

  #isBlank(place: Place): boolean {
    const { start, end } = place;
    return end === start + 1 && this.#text.charCodeAt(start) === 32
      ? true
      : this.#text.slice(start, end).trim() === "";
  }

  /**
   * Where the quoted value that starts at `start` closes. Undefined when the value is not quoted, does not close
   * before a separator, or is followed by more than one, all of which the platform takes for plain text.
   */
  #closingQuote(start: number): number | undefined {
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") {
      return undefined;
    }
    const at = this.#findQuote(quote, start + 1);
    if (at === -1) {
      return undefined;
    }
    if (this.#endsValue(at + 1)) {
      return at;
    }
    if (at !== start + 1 || this.#itemsAfterQuotes.next(at + 1).start === at + 1) {
      return undefined;
    }
    // Two quotes open a value that keeps one of them on either side.
    const inner = this.#findQuote(quote, start + 2);
    return inner !== -1 && this.#text[inner + 1] === quote && this.#endsValue(inner + 2)
      ? inner + 1
      : undefined;
  }

  /** The next quote that no backslash escapes; -1 for none. */
  #findQuote(quote: string, from: number): number {
    const known = this.#quotes.get(quote);
    if (known !== undefined && from >= known.from && (known.at === -1 || from <= known.at)) {
      return known.at;
    }
    let at = from;
    while (at < this.#text.length && this.#text[at] !== quote) {
      at += this.#text[at] === "\\" ? 2 : 1;
    }
    const found = at < this.#text.length ? at : -1;
    this.#quotes.set(quote, { from, at: found });
    return found;
  }

  /** Whether a value may end here: at the text's end, or before exactly one separator. */
  #endsValue(at: number): boolean {
    if (at === this.#text.length) {
      return true;
    }
    const separator = this.#itemsAfterQuotes.next(at);
    if (separator.start !== at) {
      return false;
    }
    return (
      separator.end === this.#text.length ||
      this.#itemsAfterQuotes.next(separator.end).start !== separator.end
    );
  }
}
