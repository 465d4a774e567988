/** Whether a field's values pass a test. */
import type { NumberRelation, Test, TextRelation } from "../syntax.ts";
import { isInNetwork } from "../values/address.ts";
import { parseTime, timePart } from "../values/time.ts";
import type { FieldValues } from "./event.ts";

/** Comparisons of characters that one pattern with `?` may take; past them a text does not match. */
const MAX_STEPS = 1_000_000;
const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;
const HEXADECIMAL = /^\s*0x[\da-f]+\s*$/i;

/**
 * @param values Undefined for a field that the event does not have.
 * @param other The field that a test of kind `field` refers to.
 */
export function passes(test: Test, values: FieldValues | undefined, other: FieldValues | undefined): boolean {
  switch (test.kind) {
    case "exists":
      return values !== undefined;
    case "absent":
      return values === undefined || values.hasNull;
    case "any":
      return values !== undefined && values.texts.length > 0;
    default:
      return values !== undefined && passingIndex(test, values, other) >= 0;
  }
}

/** Which of the values passes first; -1 for none. */
function passingIndex(test: Test, values: FieldValues, other: FieldValues | undefined): number {
  const { texts, folded } = values;
  switch (test.kind) {
    case "text":
      return (test.isFolded ? folded : texts).findIndex((text) => relates(text, test.relation, test.text));
    case "wildcard":
      return (test.isFolded ? folded : texts).findIndex((text) => fitsWildcard(text, test.parts));
    case "regex":
      return texts.findIndex((text, index) => {
        return (
          (test.literal === "" || (folded[index] ?? "").includes(test.literal)) &&
          (test.isWhole ? test.regex.fullMatch(text) !== null : test.regex.isFound(text))
        );
      });
    case "number":
      return texts.findIndex((text) => compares(numberOf(text), test.relation, test.value));
    case "network":
      return texts.findIndex((text) => isInNetwork(text, test.network));
    case "field": {
      const otherTexts = (test.isFolded ? other?.folded : other?.texts) ?? [];
      return (test.isFolded ? folded : texts).findIndex((text) => {
        return otherTexts.slice(0, 64).some((wanted) => relates(text, test.relation, wanted));
      });
    }
    case "time":
      return texts.findIndex((text) => {
        const ms = parseTime(text);
        return (
          ms !== undefined && compares(timePart(ms, test.part, test.timezone), test.relation, test.value)
        );
      });
    case "timerange":
      return texts.findIndex((text) => {
        const ms = parseTime(text);
        return ms !== undefined && isInRange(minuteOfDay(ms, test.timezone), test.fromMinute, test.toMinute);
      });
    case "any":
    case "exists":
    case "absent":
      return texts.length > 0 ? 0 : -1;
  }
}

function relates(text: string, relation: TextRelation, wanted: string): boolean {
  switch (relation) {
    case "exact":
      return text === wanted;
    case "prefix":
      return text.startsWith(wanted);
    case "suffix":
      return text.endsWith(wanted);
    case "contains":
      return text.includes(wanted);
  }
}

function compares(value: number, relation: NumberRelation, wanted: number): boolean {
  switch (relation) {
    case "lt":
      return value < wanted;
    case "lte":
      return value <= wanted;
    case "gt":
      return value > wanted;
    case "gte":
      return value >= wanted;
    case "eq":
      return value === wanted;
  }
}

function numberOf(text: string): number {
  return text.length < 64 && (NUMBER.test(text) || HEXADECIMAL.test(text)) ? Number(text) : Number.NaN;
}

function minuteOfDay(ms: number, timezone: string): number {
  return timePart(ms, "hour", timezone) * 60 + timePart(ms, "minute", timezone);
}

/** A range may go past midnight; its end does not belong to it. */
function isInRange(minute: number, from: number, to: number): boolean {
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

type Chunk = readonly (string | null)[];

/** Each chunk at its first place after the one before; the last one at the end. */
function fitsWildcard(text: string, parts: readonly Chunk[]): boolean {
  const [first = [], ...rest] = parts;
  const last = rest.pop();
  const budget = { steps: MAX_STEPS };
  const units = unitsOf(text, parts);
  const start = endOfChunk(units, first, 0, budget);
  if (start < 0) {
    return false;
  }
  if (last === undefined) {
    return start === units.length;
  }
  let at = start;
  for (const chunk of rest) {
    at = findChunk(units, chunk, at, budget);
    if (at < 0) {
      return false;
    }
  }
  const from = units.length - lengthOf(last);
  return from >= at && endOfChunk(units, last, from, budget) >= 0;
}

type Units = string;

/** `?` stands for a character, not for half of one: those of two units are replaced where that matters. */
function unitsOf(text: string, parts: readonly Chunk[]): Units {
  return parts.some((chunk) => chunk.includes(null))
    ? text.replace(/[\u{10000}-\u{10ffff}]/gu, "\uffff")
    : text;
}

function lengthOf(chunk: Chunk): number {
  return chunk.reduce((sum, part) => sum + (part === null ? 1 : part.length), 0);
}

/** Where the chunk ends that begins at the place; -1 if it does not stand there. */
function endOfChunk(text: Units, chunk: Chunk, at: number, budget: { steps: number }): number {
  for (const part of chunk) {
    budget.steps -= part === null ? 1 : part.length;
    if (part === null ? at >= text.length : !text.startsWith(part, at)) {
      return -1;
    }
    at += part === null ? 1 : part.length;
  }
  return at;
}

/** @returns Where the chunk ends at its first place from `from` on; -1 for none. */
function findChunk(text: Units, chunk: Chunk, from: number, budget: { steps: number }): number {
  // The longest text of the chunk leads to the places worth a look.
  let anchor = "";
  let before = 0;
  let offset = 0;
  for (const part of chunk) {
    if (part !== null && part.length > anchor.length) {
      anchor = part;
      before = offset;
    }
    offset += part === null ? 1 : part.length;
  }
  for (let at = from; at <= text.length - offset && budget.steps > 0; at++) {
    const found = text.indexOf(anchor, at + before);
    if (found < 0) {
      return -1;
    }
    at = found - before;
    const end = endOfChunk(text, chunk, at, budget);
    if (end >= 0) {
      return end;
    }
  }
  return -1;
}

/** For reports: the value that made a test pass. */
export function passingValue(
  test: Test,
  values: FieldValues | undefined,
  other: FieldValues | undefined,
): string {
  if (values === undefined) {
    return "";
  }
  return values.texts[passingIndex(test, values, other)] ?? "";
}
