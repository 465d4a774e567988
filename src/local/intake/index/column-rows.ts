import type { Matcher } from "../query/matcher.ts";
import { type Bitmap, emptyBitmap, hasRow, setRow } from "./bitmap.ts";
import { type Column, MAX_VALUE_CHARS } from "./segment.ts";

/**
 * Whether a stored event, read whole, matches: asked for values that the index holds cut.
 * @param field undefined: any field may match.
 */
export type Verify = (number: number, field: string | undefined, matcher: Matcher) => boolean;

/** Whether a value matches: it does, or the event has to be read to know. */
const SURE = 1;
const OPEN = 2;

/** The rows with a value that matches. */
export function columnRows(column: Column, matcher: Matcher, isMatch: (row: number) => boolean): Bitmap {
  const rows = emptyBitmap();
  const flags = new Uint8Array(column.valueCount);
  const found = flagMatches(column, matcher, flags);
  if (found === 0) {
    return rows;
  }
  const { rows: rowOf, numbers } = column.pairs();
  for (let at = 0; at < numbers.length; at++) {
    const flag = flags[numbers[at] as number];
    if (flag === undefined || flag === 0) {
      continue;
    }
    const row = rowOf === undefined ? at : (rowOf[at] as number);
    if (flag === SURE || (!hasRow(rows, row) && isMatch(row))) {
      setRow(rows, row);
    }
  }
  return rows;
}

/** @returns How many values may match. */
function flagMatches(column: Column, matcher: Matcher, flags: Uint8Array): number {
  let found = 0;
  if (matcher.holds === "") {
    const [values, folded] = [column.values(), column.folded()];
    for (let number = 0; number < values.length; number++) {
      if (matcher.test(values[number] as string, folded[number] as string)) {
        flags[number] = SURE;
        found += 1;
      }
    }
  } else {
    found = flagTexts(column.foldedText(), matcher, flags);
  }
  const { only } = matcher;
  const isAsked = only === undefined || only.length >= MAX_VALUE_CHARS;
  const cut = column.cut();
  for (let at = 0; at < cut.length; at++) {
    const number = cut[at] as number;
    if (isAsked || flags[number] === SURE) {
      found += 1;
      flags[number] = isAsked ? OPEN : 0;
    }
  }
  return found;
}

/** Looks for the text that every match holds, all values at once, and at those values alone that hold it. */
function flagTexts(text: string, matcher: Matcher, flags: Uint8Array): number {
  const { only, holds } = matcher;
  const wanted = only === undefined ? holds : `\0${only}\0`;
  let found = 0;
  let number = 0;
  let start = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, start)) {
    // The NUL before the value: of an exact text it is the first character.
    for (
      let next = text.indexOf("\0", start + 1);
      next >= 0 && next < at + (only === undefined ? 0 : 1);
      next = text.indexOf("\0", start + 1)
    ) {
      start = next;
      number += 1;
    }
    const end = text.indexOf("\0", start + 1);
    const value = text.slice(start + 1, end);
    if (only !== undefined || matcher.test(value, value)) {
      flags[number] = SURE;
      found += 1;
    }
    if (end < 0 || end >= text.length - 1) {
      break;
    }
    start = end;
    number += 1;
  }
  return found;
}

/** The rows with a value that holds the text, as far as the index knows, and those of values that were cut. */
export function rowsHolding(column: Column, text: string): { readonly sure: Bitmap; readonly open: Bitmap } {
  const matcher: Matcher = { only: undefined, holds: text, test: () => true };
  const open = emptyBitmap();
  const cut = column.cut();
  const flags = new Uint8Array(column.valueCount);
  flagTexts(column.foldedText(), matcher, flags);
  const cuts = new Uint8Array(cut.length === 0 ? 0 : column.valueCount);
  for (let at = 0; at < cut.length; at++) {
    cuts[cut[at] as number] = 1;
  }
  const sure = emptyBitmap();
  const { rows, numbers } = column.pairs();
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    if (flags[number] === SURE) {
      setRow(sure, rows === undefined ? at : (rows[at] as number));
    } else if (cuts[number] === 1) {
      setRow(open, rows === undefined ? at : (rows[at] as number));
    }
  }
  return { sure, open };
}
