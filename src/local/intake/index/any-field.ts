import { fold, type Matcher, matcherOf } from "../query/matcher.ts";
import type { Match } from "../query/query.ts";
import {
  addRows,
  type Bitmap,
  countRows,
  dropRows,
  emptyBitmap,
  isEmpty,
  keepRows,
  rowsFromLast,
  setRow,
} from "./bitmap.ts";
import { columnRows, rowsHolding, type Verify } from "./column-rows.ts";
import type { Segment } from "./segment.ts";
import { MAX_WORD_CHARS, wordsOf } from "./words.ts";

/** So few events are read whole sooner than the values of all fields. */
const FEW_ROWS = 16;

/** A bare word occurs as a word, and several in quotes one after the other; a pattern matches a word or a whole value. */
export function anyField(match: Match): (segment: Segment, verify: Verify) => Bitmap {
  if (match.kind === "equals") {
    const phrase = fold(match.text);
    const words = wordsOf(phrase);
    // The index holds words cut too: of a longer one it knows the beginning alone.
    return words.length === 1 && phrase.length < MAX_WORD_CHARS
      ? (segment) => rowsWithWords(segment, words)
      : (segment, verify) => rowsWithPhrase(segment, words, phrase, verify);
  }
  const matcher = matcherOf(match, false);
  if (match.kind === "wildcard" && /^[\w*?]+$/.test(match.pattern)) {
    const prefix = /^\w*/.exec(fold(match.pattern))?.[0] ?? "";
    return (segment) => {
      const rows = emptyBitmap();
      for (const found of segment.words(prefix, (word) => matcher.test(word, word))) {
        addRows(rows, found);
      }
      return rows;
    };
  }
  return (segment, verify) => {
    const rows = emptyBitmap();
    for (const field of segment.fields) {
      const column = segment.column(field);
      if (column !== undefined) {
        const isMatch = (row: number) => verify(segment.firstNumber + row, field, matcher);
        addRows(rows, columnRows(column, matcher, isMatch));
      }
    }
    return rows;
  };
}

/** The rows in which all the words are, wherever. */
function rowsWithWords(segment: Segment, words: readonly string[]): Bitmap {
  const rows = emptyBitmap();
  if (words.length === 0 || !segment.mayHold(words)) {
    return rows;
  }
  for (const [index, word] of words.entries()) {
    const found = segment.word(word);
    if (found === undefined) {
      return emptyBitmap();
    }
    if (index === 0) {
      addRows(rows, found);
    } else {
      const more = emptyBitmap();
      addRows(more, found);
      keepRows(rows, more);
    }
  }
  return rows;
}

/** Of the rows with all its words, those in which one value holds the phrase. */
function rowsWithPhrase(segment: Segment, words: readonly string[], phrase: string, verify: Verify): Bitmap {
  const left = rowsWithWords(segment, words);
  const rows = emptyBitmap();
  const holds: Matcher = { only: undefined, holds: phrase, test: (_, folded) => folded.includes(phrase) };
  const verifyLeft = (candidates: Bitmap) => {
    for (const row of rowsFromLast(candidates)) {
      if (verify(segment.firstNumber + row, undefined, holds)) {
        setRow(rows, row);
      }
    }
  };
  // Of values that were cut, which may hold it beyond their cut or over it.
  const open = emptyBitmap();
  const columns = segment.fields
    .flatMap((field) => segment.column(field) ?? [])
    .sort((a, b) => a.bytes - b.bytes);
  for (const column of columns) {
    if (countRows(left) <= FEW_ROWS) {
      break;
    }
    const found = rowsHolding(column, phrase);
    addRows(rows, found.sure);
    dropRows(left, found.sure);
    addRows(open, found.open);
  }
  if (countRows(left) > FEW_ROWS) {
    keepRows(left, open);
  }
  if (!isEmpty(left)) {
    verifyLeft(left);
  }
  return rows;
}
