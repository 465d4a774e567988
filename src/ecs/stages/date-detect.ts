import { daysOfMonth, microsOf, type WallTime } from "./date-instant.ts";
import { isUtcName, isWeekday, monthNumber } from "./date-names.ts";
import { type DatedText, hourOf } from "./date-strptime.ts";
import { parseOffset } from "./date-zone.ts";

/** Longer texts are not dates. */
const MAX_CHARS = 100;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s?(Z|[+-]\d\d(?::?\d\d?)?)?$/;
const COMPACT =
  /^(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?(?:\s?(Z|[+-]\d\d(?::?\d\d)?))?$/;
const CLOCK =
  /(\d{1,2})(?::|h)(\d{1,2})(?:[:m](\d{1,2})s?(?:[.,](\d+))?)?(?:\s*([AaPp])\.?[Mm]\b\.?)?(?:\s*([A-Za-z]{1,5})?\s*([+-]\d{1,2}(?::?\d{2})?)?(?![A-Za-z0-9:])(?!\s*[/-]))?/;
const PART = /\d+|\p{L}+|[^\d\p{L}]+/gu;
/** Words that say nothing, and what stands between the parts. */
const FILLERS: ReadonlySet<string> = new Set(["at", "on", "and", "of", "t", "st", "nd", "rd", "th", "ad"]);
const SEPARATOR = /^[\s.,;:/'()-]+$/;

/**
 * Reads a date that someone wrote as they liked, in the manner of Python's dateutil: month first where 01/02 could
 * be either, what is missing is taken from today, abbreviated years are those nearest to now.
 * @param nowMs Milliseconds since 1970.
 * @returns undefined when it is not a date.
 */
export function detectDate(text: string, nowMs: number): DatedText | undefined {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_CHARS) {
    return undefined;
  }
  const numeric = ISO.exec(trimmed) ?? COMPACT.exec(trimmed);
  if (numeric !== null) {
    return fromNumeric(numeric);
  }
  const clock = CLOCK.exec(trimmed);
  // "23/Nov/2021:15:35:08" is for a format to read; dateutil refuses it.
  if (clock !== null && trimmed[clock.index - 1] === ":") {
    return undefined;
  }
  const rest =
    clock === null
      ? trimmed
      : `${trimmed.slice(0, clock.index)} ${trimmed.slice(clock.index + clock[0].length)}`;
  return fromParts(rest, clock, new Date(nowMs));
}

function fromNumeric(match: RegExpExecArray): DatedText {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction, zone] = match;
  const time: WallTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    micros: microsOf(fraction),
  };
  return { time, offsetSeconds: zone === undefined ? undefined : parseOffset(zone) };
}

type ClockReading = Omit<WallTime, "year" | "month" | "day"> & {
  offsetSeconds: number | undefined;
  /** The word after the time; a zone, or part of the date. */
  word: string | undefined;
};

function readClock(clock: RegExpExecArray | null): ClockReading {
  const [, hour = "0", minute = "0", second = "0", fraction, half, word, offset] = clock ?? [];
  let offsetSeconds = word !== undefined && isUtcName(word) ? 0 : undefined;
  if (offset !== undefined) {
    const written = parseOffset(offset) ?? 0;
    // dateutil takes "GMT+3" for "this and three hours is GMT".
    offsetSeconds = word !== undefined && !isDateWord(word) ? -written : written;
  }
  return {
    hour: hourOf(Number(hour), half === undefined ? undefined : half.toLowerCase() === "p"),
    minute: Number(minute),
    second: Number(second),
    micros: microsOf(fraction),
    offsetSeconds,
    word: word !== undefined && isDateWord(word) ? word : undefined,
  };
}

function isDateWord(word: string): boolean {
  return monthNumber(word) !== undefined || isWeekday(word);
}

/** The numbers and the month's name of a date, in the order they were written. */
type DateParts = {
  readonly numbers: string[];
  month: number | undefined;
  monthAt: number;
  hasZone: boolean;
  offset: number | undefined;
};

function fromParts(rest: string, clock: RegExpExecArray | null, today: Date): DatedText | undefined {
  const { offsetSeconds, word, ...time } = readClock(clock);
  const parts: DateParts = { numbers: [], month: undefined, monthAt: -1, hasZone: false, offset: undefined };
  for (const part of `${word ?? ""} ${rest}`.match(PART) ?? []) {
    if (!takePart(parts, part, clock !== null)) {
      return undefined;
    }
  }
  if (clock === null && parts.numbers.length === 0 && parts.month === undefined) {
    return undefined;
  }
  const date = arrange(parts, today);
  return date === undefined
    ? undefined
    : { time: { ...date, ...time }, offsetSeconds: offsetSeconds ?? parts.offset };
}

function takePart(parts: DateParts, part: string, hasClock: boolean): boolean {
  if (/^\d/.test(part)) {
    return parts.numbers.push(part) <= 3;
  }
  if (SEPARATOR.test(part) || FILLERS.has(part.toLowerCase()) || isWeekday(part)) {
    return true;
  }
  const month = monthNumber(part);
  if (month !== undefined && parts.month === undefined) {
    parts.month = month;
    parts.monthAt = parts.numbers.length;
    return true;
  }
  // One abbreviation of a zone, known or not, may stand apart from the time.
  if (parts.hasZone || !hasClock || !/^[A-Z]{3,5}$/.test(part)) {
    return false;
  }
  parts.hasZone = true;
  if (isUtcName(part)) {
    parts.offset = 0;
  }
  return true;
}

type CalendarDate = { readonly year: number; readonly month: number; readonly day: number };

function arrange(parts: DateParts, today: Date): CalendarDate | undefined {
  const found = parts.month === undefined ? arrangeNumbers(parts.numbers) : arrangeNamed(parts, parts.month);
  if (found === undefined) {
    return undefined;
  }
  const thisYear = today.getUTCFullYear();
  const year = found.year === undefined ? thisYear : wholeYear(found.year, thisYear);
  const month = found.month ?? today.getUTCMonth() + 1;
  return { year, month, day: found.day ?? Math.min(today.getUTCDate(), daysOfMonth(year, month)) };
}

type FoundDate = { readonly year?: string; readonly month?: number; readonly day?: number };

function isYear(digits: string | undefined): boolean {
  return digits !== undefined && (digits.length > 2 || Number(digits) > 31);
}

function arrangeNamed(parts: DateParts, month: number): FoundDate | undefined {
  const [first, second, third] = parts.numbers;
  if (third !== undefined) {
    return undefined;
  }
  if (first === undefined) {
    return { month };
  }
  if (second === undefined) {
    return isYear(first) ? { year: first, month } : { month, day: Number(first) };
  }
  // "Nov 23 2021", "23 Nov 2021"; the year comes first in "2021 Nov 23", and in "21 23 Nov".
  const yearFirst = isYear(first) || (parts.monthAt === 2 && !isYear(second));
  return yearFirst
    ? { year: first, month, day: Number(second) }
    : { year: second, month, day: Number(first) };
}

function arrangeNumbers(numbers: readonly string[]): FoundDate | undefined {
  const [first, second, third] = numbers;
  if (first === undefined) {
    return {};
  }
  if (second === undefined) {
    return arrangeOne(first);
  }
  if (third === undefined) {
    if (isYear(first)) {
      return { year: first, month: Number(second) };
    }
    if (isYear(second)) {
      return { year: second, month: Number(first) };
    }
    return Number(first) > 12
      ? { month: Number(second), day: Number(first) }
      : { month: Number(first), day: Number(second) };
  }
  if (isYear(first)) {
    return { year: first, month: Number(second), day: Number(third) };
  }
  return Number(first) > 12
    ? { year: third, month: Number(second), day: Number(first) }
    : { year: third, month: Number(first), day: Number(second) };
}

function arrangeOne(digits: string): FoundDate | undefined {
  if (digits.length === 8) {
    return { year: digits.slice(0, 4), month: Number(digits.slice(4, 6)), day: Number(digits.slice(6)) };
  }
  if (digits.length === 6) {
    return { year: digits.slice(0, 2), month: Number(digits.slice(2, 4)), day: Number(digits.slice(4)) };
  }
  if (digits.length === 4) {
    return { year: digits };
  }
  return digits.length <= 2 ? { day: Number(digits) } : undefined;
}

/** A year of two digits is within fifty years of now. */
function wholeYear(digits: string, thisYear: number): number {
  const year = Number(digits);
  if (digits.length > 2) {
    return year;
  }
  const guess = Math.floor(thisYear / 100) * 100 + year;
  if (guess >= thisYear + 50) {
    return guess - 100;
  }
  return guess < thisYear - 50 ? guess + 100 : guess;
}
