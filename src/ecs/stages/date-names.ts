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
const weekdayNames = new Set(WEEKDAYS.flatMap((name) => [name, name.slice(0, 3)]));

/** Seconds east of UTC of the abbreviations that the platform converts; it ignores the others, such as CEST. */
const ZONE_SECONDS: ReadonlyMap<string, number> = new Map([
  ["UTC", 0],
  ["GMT", 0],
  ["Z", 0],
  ["BRT", -3 * 3600],
]);

/** From 1; undefined for no month. */
export function monthNumber(word: string): number | undefined {
  return monthNumbers.get(word.toLowerCase());
}

export function isWeekday(word: string): boolean {
  return weekdayNames.has(word.toLowerCase());
}

export function zoneSeconds(word: string): number | undefined {
  return ZONE_SECONDS.get(word.toUpperCase());
}
