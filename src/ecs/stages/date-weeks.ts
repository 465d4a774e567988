/** Dates that are told by the day of the year, or by a week and a day of it, as Python's strptime works them out. */
import { wallSeconds } from "./date-instant.ts";

/** What a text said of a date, besides its month and day. */
export type WeekFields = {
  /** From 1; undefined when the text has none. */
  dayOfYear: number | undefined;
  /** 0 is Monday. */
  weekday: number | undefined;
  /** From the first Sunday of the year on (`%U`), or from the first Monday (`%W`); 0 is before it. */
  week: { readonly number: number; readonly startsOnMonday: boolean } | undefined;
  isoYear: number | undefined;
  isoWeek: number | undefined;
};

type Day = { readonly year: number; readonly month: number; readonly day: number };

const DAY_SECONDS = 86_400;
const DAY_MS = 86_400_000;

/**
 * The day that the fields tell; where they tell none, the month and day stay.
 * @param year Undefined when the text has none.
 * @returns undefined for fields that do not go together.
 */
export function dayOf(
  fields: WeekFields,
  year: number | undefined,
  { month, day }: Omit<Day, "year">,
): Day | undefined {
  const { dayOfYear, weekday, week, isoYear, isoWeek } = fields;
  const hasIso = isoYear !== undefined || isoWeek !== undefined;
  if (hasIso && (isoYear === undefined || isoWeek === undefined || weekday === undefined)) {
    return undefined;
  }
  if (isoYear !== undefined && dayOfYear !== undefined) {
    return undefined;
  }
  const of = year ?? 1900;
  if (dayOfYear !== undefined) {
    return dayAt(firstDay(of) + dayOfYear - 1);
  }
  if (weekday === undefined) {
    return { year: of, month, day };
  }
  if (week !== undefined) {
    return dayAt(firstDay(of) + dayInWeek(firstDay(of), week, weekday));
  }
  if (isoYear !== undefined && isoWeek !== undefined) {
    // The fourth of January is always in the first week.
    const fourth = firstDay(isoYear) + 3;
    return dayAt(fourth - weekdayOf(fourth) + 7 * (isoWeek - 1) + weekday);
  }
  return { year: of, month, day };
}

/** Days from the first of January on. */
function dayInWeek(first: number, week: NonNullable<WeekFields["week"]>, weekday: number): number {
  const shift = week.startsOnMonday ? 0 : 1;
  const firstInWeek = (weekdayOf(first) + shift) % 7;
  const inWeek = (weekday + shift) % 7;
  return week.number === 0 ? inWeek - firstInWeek : ((7 - firstInWeek) % 7) + 7 * (week.number - 1) + inWeek;
}

/** Days since 1970 of the first of January. */
function firstDay(year: number): number {
  return wallSeconds({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }) / DAY_SECONDS;
}

/** 0 is Monday; the first of January 1970 was a Thursday. */
function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

function dayAt(days: number): Day {
  const date = new Date(days * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
