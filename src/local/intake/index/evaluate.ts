import { fold, type Matcher, matcherOf } from "../query/matcher.ts";
import type { Match, Query } from "../query/query.ts";
import { KEY_FIELD } from "./open-segment.ts";
import { BITMAP_WORDS, type Bitmap, MAX_VALUE_CHARS, type Occurrences, type Segment } from "./segment.ts";
import { MAX_WORD_CHARS, wordsOf } from "./words.ts";

/** Whether a field of a stored event, read whole, matches: asked for values that the index holds cut. */
export type Verify = (number: number, field: string, matcher: Matcher) => boolean;

/** A query made ready once, to be asked of each segment. */
export type Evaluation = (segment: Segment, verify: Verify) => Bitmap;

/** Other names of the key, as the platform's search has them. */
const ALIASES: Readonly<Record<string, string>> = { "sekoiaio.intake.key": KEY_FIELD };

/** @throws QueryInvalid for a pattern that cannot be used. */
export function evaluationOf(query: Query): Evaluation {
  switch (query.kind) {
    case "all":
      return allRows;
    case "not": {
      const inner = evaluationOf(query.item);
      return (segment, verify) => {
        const [all, rows] = [allRows(segment), inner(segment, verify)];
        return all.map((word, index) => word & ~(rows[index] ?? 0));
      };
    }
    case "and":
    case "or": {
      const items = query.items.map(evaluationOf);
      const isAnd = query.kind === "and";
      return (segment, verify) => {
        const [first, ...others] = items;
        const rows = Uint32Array.from(first?.(segment, verify) ?? []);
        for (const item of others) {
          if (isAnd && rows.every((word) => word === 0)) {
            break;
          }
          const more = item(segment, verify);
          for (let at = 0; at < BITMAP_WORDS; at++) {
            const [a, b] = [rows[at] as number, more[at] as number];
            rows[at] = isAnd ? a & b : a | b;
          }
        }
        return rows;
      };
    }
    case "term":
      return query.field === undefined ? anyField(query.match) : oneField(query.field, query.match);
  }
}

function allRows(segment: Segment): Bitmap {
  const rows = new Uint32Array(BITMAP_WORDS).fill(0xffff_ffff, 0, segment.rows >>> 5);
  if (segment.rows % 32 > 0) {
    rows[segment.rows >>> 5] = 2 ** (segment.rows % 32) - 1;
  }
  return rows;
}

function oneField(name: string, match: Match): Evaluation {
  const field = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  const matcher = matcherOf(match, field === KEY_FIELD);
  const word = matcher.only === undefined ? undefined : wordsOf(matcher.only)[0];
  return (segment, verify) => fieldRows(segment, field, matcher, word, verify);
}

function fieldRows(
  segment: Segment,
  field: string,
  matcher: Matcher,
  word: string | undefined,
  verify: Verify,
): Bitmap {
  const rows = new Uint32Array(BITMAP_WORDS);
  if (segment.countOf(field) === 0) {
    return rows;
  }
  if (!segment.isSmall(field)) {
    if (word !== undefined && segment.word(word) === undefined) {
      return rows;
    }
    const text = segment.foldedText(field);
    const { only, holds } = matcher;
    const isShort = only !== undefined && only.length < MAX_VALUE_CHARS;
    // Values that were cut may hold it beyond their cut.
    if (
      isShort
        ? !text.includes(`\0${only}\0`)
        : holds !== "" && !text.includes(holds) && !hasCut(segment, field)
    ) {
      return rows;
    }
  }
  const { values, folded, cut } = segment.values(field);
  const flags = new Uint8Array(values.length);
  for (const [number, value] of values.entries()) {
    if (matcher.test(value, folded[number] as string)) {
      flags[number] = 1;
    }
  }
  const asks = matcher.only === undefined || matcher.only.length >= MAX_VALUE_CHARS;
  for (const number of cut) {
    flags[number] = asks ? 2 : 0;
  }
  setRows(rows, segment.pairs(field), flags, (row) => verify(segment.firstNumber + row, field, matcher));
  return rows;
}

function hasCut(segment: Segment, field: string): boolean {
  return segment.values(field).cut.length > 0;
}

function setRows(
  rows: Bitmap,
  pairs: ArrayLike<number>,
  flags: Uint8Array,
  isMatch: (row: number) => boolean,
): void {
  for (let at = 0; at < pairs.length; at += 2) {
    const flag = flags[pairs[at + 1] as number] as number;
    if (flag === 0) {
      continue;
    }
    const row = pairs[at] as number;
    if (flag === 1 || isMatch(row)) {
      rows[row >>> 5] = (rows[row >>> 5] as number) | (1 << (row & 31));
    }
  }
}

/** A bare word occurs as a word, and several in quotes one after the other; a pattern matches a word or a whole value. */
function anyField(match: Match): Evaluation {
  if (match.kind === "equals") {
    const wanted = fold(match.text);
    const words = wordsOf(wanted);
    return (segment, verify) => phraseRows(segment, words, wanted, verify);
  }
  const matcher = matcherOf(match, false);
  if (match.kind === "wildcard" && /^[\w*?]+$/.test(match.pattern)) {
    const prefix = /^\w*/.exec(fold(match.pattern))?.[0] ?? "";
    return (segment) => {
      const rows = new Uint32Array(BITMAP_WORDS);
      const flags = new FieldFlags(segment);
      for (const found of segment.words(prefix, (word) => matcher.test(word, word))) {
        flags.add(found, SURE);
      }
      flags.setRows(rows, () => true);
      return rows;
    };
  }
  return (segment, verify) => {
    const rows = new Uint32Array(BITMAP_WORDS);
    for (const field of segment.fields) {
      const found = fieldRows(segment, field, matcher, undefined, verify);
      for (let at = 0; at < BITMAP_WORDS; at++) {
        rows[at] = (rows[at] as number) | (found[at] as number);
      }
    }
    return rows;
  };
}

function phraseRows(segment: Segment, words: readonly string[], phrase: string, verify: Verify): Bitmap {
  const rows = new Uint32Array(BITMAP_WORDS);
  const found = words.map((word) => segment.word(word));
  const [first, ...others] = found;
  if (first === undefined || others.includes(undefined)) {
    return rows;
  }
  const flags = new FieldFlags(segment);
  // The index holds words cut too: of a longer one it knows the beginning alone.
  if (others.length === 0 && phrase.length < MAX_WORD_CHARS) {
    flags.add(first, SURE);
  } else {
    const sets = others.map((occurrences) => new Set(Array.from(occurrences ?? [])));
    const inAll = Array.from(first).filter((occurrence) => sets.every((set) => set.has(occurrence)));
    const textOf = (occurrence: number) => {
      const field = segment.fields[Math.floor(occurrence / 0x1_0000)] ?? "";
      return segment.values(field).folded[occurrence % 0x1_0000] ?? "";
    };
    const [sure, open] = [inAll.filter((at) => textOf(at).includes(phrase)), new Set(inAll)];
    for (const occurrence of sure) {
      open.delete(occurrence);
    }
    flags.add(sure, SURE);
    // A value that was cut may hold it beyond its cut, or over it.
    flags.add(
      [...open].filter((at) => textOf(at).length >= MAX_VALUE_CHARS),
      OPEN,
    );
  }
  const holds: Matcher = { only: undefined, holds: phrase, test: (_, folded) => folded.includes(phrase) };
  flags.setRows(rows, (row, field) => verify(segment.firstNumber + row, field, holds));
  return rows;
}

/** Whether a value matches: it does, or the event has to be read to know. */
const SURE = 1;
const OPEN = 2;

/** Which values of which fields match, gathered from words. */
class FieldFlags {
  readonly #segment: Segment;
  readonly #flags = new Map<number, Uint8Array>();

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  add(occurrences: Occurrences, flag: typeof SURE | typeof OPEN): void {
    let field = -1;
    let flags: Uint8Array = new Uint8Array(0);
    for (let at = 0; at < occurrences.length; at++) {
      const occurrence = occurrences[at] as number;
      const number = Math.floor(occurrence / 0x1_0000);
      if (number !== field) {
        field = number;
        const known = this.#flags.get(field);
        flags = known ?? new Uint8Array(0x1_0000);
        if (known === undefined) {
          this.#flags.set(field, flags);
        }
      }
      flags[occurrence % 0x1_0000] = flag;
    }
  }

  /** @param isMatch Asked for open values, of events that no other value has matched. */
  setRows(rows: Bitmap, isMatch: (row: number, field: string) => boolean): void {
    for (const wanted of [SURE, OPEN]) {
      for (const [number, flags] of this.#flags) {
        if (!flags.includes(wanted)) {
          continue;
        }
        const field = this.#segment.fields[number] ?? "";
        const isSet = (row: number) => ((rows[row >>> 5] as number) & (1 << (row & 31))) !== 0;
        setRows(
          rows,
          this.#segment.pairs(field),
          flags,
          (row) => wanted === OPEN && !isSet(row) && isMatch(row, field),
        );
      }
    }
  }
}
