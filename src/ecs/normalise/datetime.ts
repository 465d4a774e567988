import { utcTime } from "../values/utc-time.ts";

const ISO_8601 =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)? ?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * A date as the platform stores it: RFC 3339 in UTC, with six digits of a second's fraction when it is not zero.
 * @param text ISO 8601; without an offset it is UTC.
 * @returns undefined when the text is not a date.
 */
export function rfc3339(text: string): string | undefined {
  const usual = utcTime(text);
  if (usual !== undefined) {
    return usual.endsWith(".000000Z") ? `${usual.slice(0, 19)}Z` : usual;
  }
  const match = ISO_8601.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] = match;
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const atMs = Date.parse(`${wall}Z`);
  // A day that a month does not have is read by Date.parse as one of the next month.
  if (Number.isNaN(atMs) || new Date(atMs).getUTCDate() !== Number(day)) {
    return undefined;
  }
  const shifted = zone.length < 3 || zone === "UTC" ? wall : utcWall(atMs - offsetMs(zone));
  return micros === "000000" ? `${shifted}Z` : `${shifted}.${micros}Z`;
}

function utcWall(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}

/** @param zone `+hh`, `+hhmm` or `+hh:mm`. */
function offsetMs(zone: string): number {
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
