/** Times of events, and their parts in a time zone. */
import type { TimePart } from "../syntax.ts";

const DAY_MS = 86_400_000;
/** Numbers from here on are milliseconds since 1970, smaller ones seconds. */
const FIRST_MILLISECONDS = 100_000_000_000;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)? ?(?:Z|UTC|[+-]\d{2}:?\d{2})?$/i;
const MAX_TIME_MS = 8_640_000_000_000_000;

/** @returns Milliseconds since 1970; undefined for an invalid time. A time without a zone is UTC. */
export function parseTime(value: string | number): number | undefined {
  if (typeof value === "number" || /^\d{9,13}(?:\.\d+)?$/.test(value)) {
    const number = Number(value);
    const ms = Math.abs(number) < FIRST_MILLISECONDS ? number * 1_000 : number;
    return Math.abs(ms) <= MAX_TIME_MS ? ms : undefined;
  }
  if (value.length > 48 || !ISO.test(value)) {
    return undefined;
  }
  const normal = value
    .replace(/^(\d{4}-\d{2}-\d{2}) /, "$1T")
    .replace(",", ".")
    .replace(/ ?(?:UTC|Z)$/i, "Z");
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(normal.slice(10));
  const text = hasZone || normal.length === 10 ? normal : `${normal}Z`;
  const ms = Date.parse(text.replace(/\.(\d{3})\d*/, ".$1"));
  return Number.isNaN(ms) ? undefined : ms;
}

export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    // The platform throws for a name that it does not know; there is no other way to ask.
    return false;
  }
}

/** @param timezone A name that `isTimeZone` accepts. */
export function timePart(ms: number, part: TimePart, timezone: string): number {
  const local = new Date(ms + offsetMs(ms, timezone));
  switch (part) {
    case "minute":
      return local.getUTCMinutes();
    case "hour":
      return local.getUTCHours();
    case "day":
      return local.getUTCDate();
    case "month":
      return local.getUTCMonth() + 1;
    case "year":
      return local.getUTCFullYear();
    case "day_of_week":
      return local.getUTCDay() === 0 ? 7 : local.getUTCDay();
    case "day_of_year":
      return Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
    case "week":
      return isoWeek(local);
  }
}

/** Week 1 is the one that holds the year's first Thursday. */
function isoWeek(local: Date): number {
  const day = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const thursday = new Date(day + (4 - (local.getUTCDay() || 7)) * DAY_MS);
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY_MS)) + 1;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) {
    return known;
  }
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timezone, format);
  return format;
}

function offsetMs(ms: number, timezone: string): number {
  if (timezone === "UTC") {
    return 0;
  }
  const parts: Partial<Record<string, number>> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(ms)) {
    parts[type] = Number(value);
  }
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
}
