/** English names in dates, and the number each stands for. */

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Both the whole name and its first three letters. */
const monthNumbers = new Map(
  MONTHS.flatMap((name, index): [string, number][] => [
    [name, index + 1],
    [name.slice(0, 3), index + 1],
  ]),
).set("sept", 9);
const weekdayNumbers = new Map(
  WEEKDAYS.flatMap((name, index): [string, number][] => [
    [name, index],
    [name.slice(0, 3), index],
  ]),
);

/** Hours east of UTC of the abbreviations that a `timezone` may be; there, summer time has names of its own. */
const ZONE_HOURS: ReadonlyMap<string, number> = new Map([
  ["WET", 0],
  ["WEST", 1],
  ["BST", 1],
  ["CET", 1],
  ["CEST", 2],
  ["EET", 2],
  ["EEST", 3],
  ["MSK", 3],
  ["JST", 9],
  ["BRT", -3],
  ["EDT", -4],
  ["EST", -5],
  ["CDT", -5],
  ["CST", -6],
  ["MDT", -6],
  ["MST", -7],
  ["PDT", -7],
  ["PST", -8],
]);
/** The only names that a date itself may hold to some effect; the platform ignores the others there. */
const UTC_NAMES: ReadonlySet<string> = new Set(["UTC", "GMT", "Z"]);

/** From 1; undefined for no month. */
export function monthNumber(word: string): number | undefined {
  return monthNumbers.get(word.toLowerCase());
}

/** 0 is Monday; undefined for no weekday. */
export function weekdayNumber(word: string): number | undefined {
  return weekdayNumbers.get(word.toLowerCase());
}

export function isWeekday(word: string): boolean {
  return weekdayNumber(word) !== undefined;
}

export function isUtcName(word: string): boolean {
  return UTC_NAMES.has(word.toUpperCase());
}

/** Seconds east of UTC. */
export function zoneSeconds(abbreviation: string): number | undefined {
  const hours = ZONE_HOURS.get(abbreviation.toUpperCase());
  return hours === undefined ? undefined : hours * 3600;
}
