import type { Dict } from "../contract.ts";
import type { Regex } from "../regex/index.ts";

/** Where a separator stands; both are the text's length when there is none. */
type Place = { readonly start: number; readonly end: number };

/**
 * The separators of one kind in one text. Asked for rising positions it searches every part of the text once,
 * which keeps a scan linear.
 */
class Separators {
  private readonly regex: Regex;
  private readonly text: string;
  private from = -1;
  private found: Place = { start: -1, end: -1 };

  constructor(regex: Regex, text: string) {
    this.regex = regex;
    this.text = text;
  }

  /** The first separator that starts at or after `position`. */
  next(position: number): Place {
    if (position >= this.from && position <= this.found.start) return this.found;
    const match = this.regex.search(this.text, position);
    // A separator that takes no character separates nothing.
    const none = match === null || match.end === match.start;
    this.found = none
      ? { start: this.text.length, end: this.text.length }
      : { start: match.start, end: match.end };
    this.from = position;
    return this.found;
  }
}

/** Splits a text into its keys and values. One is made for each text. */
export class KeyValueScan {
  private readonly text: string;
  private readonly items: Separators;
  private readonly values: Separators;
  /** Asked about closing quotes, which may lie far ahead. */
  private readonly itemsAfterQuotes: Separators;
  /** The last closing quote found, and the kind of quote; one scan serves all openings before it. */
  private closing = { quote: "", from: 0, at: -1 };

  constructor(text: string, itemSeparator: Regex, valueSeparator: Regex) {
    this.text = text;
    this.items = new Separators(itemSeparator, text);
    this.itemsAfterQuotes = new Separators(itemSeparator, text);
    this.values = new Separators(valueSeparator, text);
  }

  /** Adds the pairs to `dict`; the last of repeated keys wins. */
  readInto(dict: Dict): void {
    const text = this.text;
    let key: string | undefined;
    /** Where the value of `key` starts and ends, as far as it is known. */
    let valueStart = 0;
    let valueEnd = 0;
    const finish = (): void => {
      if (key !== undefined) dict.set(key, text.slice(valueStart, valueEnd));
      key = undefined;
    };
    for (let at = 0; at < text.length; ) {
      const item = this.items.next(at);
      const separator = this.values.next(at);
      if (separator.start >= item.start) {
        // No value in here: it belongs to the value before, separators included.
        if (item.start > at && key !== undefined) valueEnd = item.start;
        at = item.end;
        continue;
      }
      finish();
      const name = text.slice(at, separator.start).trim();
      const closing = this.closingQuote(separator.end);
      if (closing === undefined) {
        key = name;
        valueStart = separator.end;
        // The separator of the value may itself hold one of items, as in "a: b".
        const end = item.start >= separator.end ? item : this.items.next(separator.end);
        valueEnd = end.start;
        at = end.end;
      } else {
        dict.set(name, text.slice(separator.end + 1, closing));
        at = this.itemsAfterQuotes.next(closing + 1).end;
      }
    }
    finish();
  }

  /**
   * Where the quoted value that starts at `start` closes. Undefined when the value is not quoted, does not close,
   * or is followed by more than one separator, which the platform takes for plain text.
   */
  private closingQuote(start: number): number | undefined {
    const quote = this.text[start];
    if (quote !== '"' && quote !== "'") return undefined;
    const at = this.findClosing(quote, start + 1);
    if (at === -1) return undefined;
    const separator = this.itemsAfterQuotes.next(at + 1);
    const hasAnother =
      separator.end < this.text.length && this.itemsAfterQuotes.next(separator.end).start === separator.end;
    return hasAnother ? undefined : at;
  }

  /** The first unescaped quote that ends the text or is followed by a separator; -1 for none. */
  private findClosing(quote: string, from: number): number {
    const known = this.closing;
    if (known.quote === quote && from >= known.from && (known.at === -1 || from <= known.at)) return known.at;
    let at = from;
    for (; at < this.text.length; at++) {
      const character = this.text[at];
      if (character === "\\") at++;
      else if (character === quote && this.endsValue(at + 1)) break;
    }
    this.closing = { quote, from, at: at < this.text.length ? at : -1 };
    return this.closing.at;
  }

  private endsValue(at: number): boolean {
    return at === this.text.length || this.itemsAfterQuotes.next(at).start === at;
  }
}
