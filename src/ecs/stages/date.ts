import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import { Float, type Value } from "../contract/value.ts";
import { utcTime } from "../values/utc-time.ts";
import { detectDate } from "./date-detect.ts";
import {
  type Instant,
  instantOfEpoch,
  instantOfSeconds,
  isValidTime,
  printInstant,
  wallSeconds,
} from "./date-instant.ts";
import { type DatedText, parseByFormat } from "./date-strptime.ts";
import { findZone, UTC, type Zone } from "./date-zone.ts";
import { textOf } from "./properties.ts";

/** Formats tell by the name of the stage whether there was a date at all. */
const NO_INPUT = new StageFailure("there is no date to read", { isIdle: true });
const NO_DATE = new StageFailure("the text is not a date of the expected form");
const UNKNOWN_ZONE = new StageFailure("the time zone is neither an offset nor a name of the IANA database");

/** `date.parse`: any date as RFC 3339 in UTC. */
export const dateParse: StageDefinition = {
  name: "date.parse",
  summary: "Reads a date and gives it in UTC, with six digits of the second's fraction.",
  properties: [
    {
      name: "format",
      kind: "text",
      summary: "A strptime format, or `timestamp` for seconds since 1970; without one the form is found out.",
    },
    {
      name: "timezone",
      kind: "template",
      summary:
        "Where the clock hung if the text does not say: a name such as Europe/Paris, or an offset. UTC without.",
    },
  ],
  examples: [
    {
      title: "ISO 8601",
      properties: {},
      input: "2021-11-23T15:35:08.5+01:00",
      result: "2021-11-23T14:35:08.500000Z",
    },
    {
      title: "a format, and a place that has summer time",
      properties: { format: "%d/%b/%Y %I:%M:%S %p" },
      rendered: { timezone: "Europe/Paris" },
      input: "01/Jul/2024 01:02:03 PM",
      result: "2024-07-01T11:02:03.000000Z",
    },
    {
      title: "milliseconds since 1970",
      properties: { format: "timestamp" },
      input: "1637681708541",
      result: "2021-11-23T15:35:08.541000Z",
    },
    {
      title: "the month goes first",
      properties: {},
      input: "02/03/2021 10:00",
      result: "2021-02-03T10:00:00.000000Z",
    },
    { title: "no date", properties: { format: "%Y-%m-%d" }, input: "yesterday", result: "failure" },
  ],
  prepare(properties) {
    const format = textOf(properties["format"]) ?? "";
    return ({ value, rendered, nowMs }) => {
      if (value === undefined || value === null || value === "" || value === 0) {
        return NO_INPUT;
      }
      const zone = zoneOf(rendered["timezone"]);
      if (zone === null) {
        return UNKNOWN_ZONE;
      }
      const usual = format === "" && typeof value === "string" ? utcTime(value) : undefined;
      if (usual !== undefined) {
        return usual;
      }
      const instant = readInstant(value, format, zone, nowMs);
      return (instant === undefined ? undefined : printInstant(instant)) ?? NO_DATE;
    };
  },
};

function zoneOf(rendered: Value): Zone | null {
  const name = textOf(rendered);
  return name === undefined || name === "" ? UTC : findZone(name);
}

const EPOCH = /^\s*(-?\d+)(?:\.(\d+))?\s*$/;

function readInstant(value: Value, format: string, zone: Zone, nowMs: number): Instant | undefined {
  const isTimestamp = format === "timestamp";
  if (typeof value === "string") {
    const dated = format === "" || isTimestamp ? undefined : parseByFormat(value.trim(), format);
    if (dated !== undefined) {
      return fromText(dated, zone);
    }
    // Digits that do not fit the format are an epoch too. Eight digits are rather a day, as in 20211123.
    const [, whole, fraction = ""] = EPOCH.exec(value) ?? [];
    const isEpoch = whole !== undefined && (isTimestamp || whole.length > 8);
    if (isEpoch) {
      return shift(instantOfEpoch(whole, fraction), zone);
    }
    return format === "" ? fromText(detectDate(value, nowMs), zone) : undefined;
  }
  if (value instanceof Float) {
    return shift(instantOfSeconds(value.value), zone);
  }
  if (typeof value === "number" && !Number.isInteger(value)) {
    return shift(instantOfSeconds(value), zone);
  }
  if (typeof value !== "number" && typeof value !== "bigint") {
    return undefined;
  }
  const digits = String(value);
  if (format !== "" && !isTimestamp) {
    return fromText(parseByFormat(digits, format), zone);
  }
  return shift(instantOfEpoch(digits, ""), zone);
}

/** An epoch is in UTC, yet the platform takes a fixed offset off it. */
function shift(instant: Instant, zone: Zone): Instant {
  return { seconds: instant.seconds - (zone.fixedSeconds ?? 0), micros: instant.micros };
}

function fromText(dated: DatedText | undefined, zone: Zone): Instant | undefined {
  if (dated === undefined || !isValidTime(dated.time)) {
    return undefined;
  }
  const seconds = wallSeconds(dated.time);
  return { seconds: seconds - (dated.offsetSeconds ?? zone.offsetAt(seconds)), micros: dated.time.micros };
}
