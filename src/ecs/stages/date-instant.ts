/** The arithmetic of dates: no text is read here. */

/** A date and time as a clock on a wall shows it. */
export type WallTime = {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
};

/** A point in time: whole seconds since 1970 in UTC, and the microseconds after them. */
export type Instant = { readonly seconds: number; readonly micros: number };

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** The first and last second of the years 1 to 9999, the only ones that have four digits. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

export function daysOfMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Whether the calendar and the clock have it. */
export function isValidTime(time: WallTime): boolean {
  return (
    time.year >= 1 &&
    time.year <= 9999 &&
    time.day >= 1 &&
    time.day <= daysOfMonth(time.year, time.month) &&
    time.hour < 24 &&
    time.minute < 60 &&
    time.second < 60
  );
}

/** Seconds since 1970 on a clock in UTC. */
export function wallSeconds(time: WallTime): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, hence the detour by 400 years, after which calendars repeat.
  const shifted =
    Date.UTC(time.year + 400, time.month - 1, time.day, time.hour, time.minute, time.second) / 1000;
  return shifted - 12_622_780_800;
}

const DAY_SECONDS = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** The day that was printed last: the events of a stream are mostly of one. */
let lastDay = Number.NaN;
let lastDate = "";

/** `YYYY-MM-DDTHH:MM:SS.ffffffZ`, or undefined outside the years 1 to 9999. */
export function printInstant({ seconds, micros }: Instant): string | undefined {
  if (!(seconds >= FIRST_SECOND && seconds <= LAST_SECOND)) {
    return undefined;
  }
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
    lastDay = day;
  }
  const second = seconds - day * DAY_SECONDS;
  const clock = `${twoDigits(second / 3600)}:${twoDigits((second / 60) % 60)}:${twoDigits(second % 60)}`;
  return `${lastDate}T${clock}.${micros === 0 ? "000000" : String(micros).padStart(6, "0")}Z`;
}

function twoDigits(number: number): string {
  return TWO_DIGITS[Math.floor(number)] ?? "";
}

/** The six digits of a second's fraction; further ones are cut off. */
export function microsOf(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, "0"));
}

/**
 * A number of seconds as an instant. As Python does it: the fraction of the double, rounded half to even, so that
 * digits beyond the microsecond may show as one more of them.
 */
export function instantOfSeconds(value: number): Instant {
  const whole = Math.floor(value);
  let micros = roundHalfEven((value - whole) * 1e6);
  let seconds = whole;
  if (micros >= 1_000_000) {
    micros -= 1_000_000;
    seconds++;
  }
  return { seconds, micros };
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) {
    return floor % 2 === 0 ? floor : floor + 1;
  }
  return rest < 0.5 ? floor : floor + 1;
}

/**
 * An epoch in any unit. The first ten characters are the seconds, a leading minus included, and what follows is the
 * fraction, a point or not; which suits seconds, milli-, micro- and nanoseconds from 2001 to 2286. Nine digits are
 * ten that lost their last. A whole number is brought there by multiplication with a power of ten, as the platform
 * does it, whose error may show as one microsecond more.
 * @param digits An optional minus and digits.
 * @param fraction Digits after a point.
 */
export function instantOfEpoch(digits: string, fraction: string): Instant {
  if (digits.length < 9) {
    return instantOfSeconds(Number(`${digits}.${fraction}`));
  }
  if (fraction === "") {
    return instantOfSeconds(Number(digits) * Number(`1e${10 - digits.length}`));
  }
  return instantOfSeconds(Number(`${digits.slice(0, 10).padEnd(10, "0")}.${digits.slice(10)}${fraction}`));
}
