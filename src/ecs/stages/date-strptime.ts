import { microsOf, type WallTime } from "./date-instant.ts";
import { isUtcName, monthNumber, weekdayNumber } from "./date-names.ts";
import { dayOf, type WeekFields } from "./date-weeks.ts";
import { parseOffset } from "./date-zone.ts";

/** What a text said: a wall time, and the seconds east of UTC if it named a zone. */
export type DatedText = { readonly time: WallTime; readonly offsetSeconds: number | undefined };

type Fields = WeekFields & {
  /** Undefined while the text has none. */
  year: number | undefined;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  afternoon: boolean | undefined;
  offsetSeconds: number | undefined;
};

/** One directive: what it takes from the text, and what it says; false when it cannot be. */
type Directive = { readonly pattern: RegExp; set(fields: Fields, text: string): boolean };

const number = (
  pattern: RegExp,
  key: "year" | "month" | "day" | "hour" | "minute" | "second" | "dayOfYear" | "isoYear" | "isoWeek",
): Directive => ({
  pattern,
  set(fields, text) {
    fields[key] = Number(text);
    return true;
  },
});
/** Directives that stand for several others; where the platform runs, names and order are the English ones. */
const WRITTEN_OUT: Readonly<Record<string, string>> = {
  c: "%a %b %d %H:%M:%S %Y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

const WORD = /[A-Za-z]+/y;

/** Python's directives, with the digits that Python lets each have. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: number(/\d{4}/y, "year"),
  m: number(/1[0-2]|0?[1-9]/y, "month"),
  d: number(/3[01]|[12]\d|0?[1-9]| [1-9]/y, "day"),
  H: number(/2[0-3]|[01]?\d/y, "hour"),
  I: number(/1[0-2]|0?[1-9]/y, "hour"),
  M: number(/[0-5]?\d/y, "minute"),
  S: number(/[0-5]?\d/y, "second"),
  y: {
    pattern: /\d{2}/y,
    // POSIX: 69 to 99 are the last century.
    set: (fields, text) => {
      fields.year = Number(text) + (Number(text) < 69 ? 2000 : 1900);
      return true;
    },
  },
  b: { pattern: WORD, set: setMonth },
  B: { pattern: WORD, set: setMonth },
  a: { pattern: WORD, set: setWeekday },
  A: { pattern: WORD, set: setWeekday },
  j: number(/36[0-6]|3[0-5]\d|[12]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]/y, "dayOfYear"),
  w: weekdayFrom(/[0-6]/y),
  u: weekdayFrom(/[1-7]/y),
  U: weekOf(false),
  W: weekOf(true),
  G: number(/\d{4}/y, "isoYear"),
  V: number(/5[0-3]|0[1-9]|[1-4]\d|\d/y, "isoWeek"),
  f: {
    pattern: /\d{1,6}/y,
    set: (fields, text) => {
      fields.micros = microsOf(text);
      return true;
    },
  },
  p: {
    pattern: /[AaPp][Mm]/y,
    set: (fields, text) => {
      fields.afternoon = text.toLowerCase() === "pm";
      return true;
    },
  },
  z: {
    pattern: /Z|[+-]\d\d:?[0-5]\d(?::?[0-5]\d)?/y,
    set: (fields, text) => {
      fields.offsetSeconds = parseOffset(text);
      return true;
    },
  },
  Z: {
    pattern: WORD,
    set: (fields, text) => {
      if (isUtcName(text)) {
        fields.offsetSeconds = 0;
      }
      return true;
    },
  },
};

function setWeekday(fields: Fields, text: string): boolean {
  fields.weekday = weekdayNumber(text);
  return fields.weekday !== undefined;
}

/** Sunday is 0, and also 7. */
function weekdayFrom(pattern: RegExp): Directive {
  return {
    pattern,
    set(fields, text) {
      fields.weekday = (Number(text) + 6) % 7;
      return true;
    },
  };
}

function weekOf(startsOnMonday: boolean): Directive {
  return {
    pattern: /5[0-3]|[0-4]\d|\d/y,
    set(fields, text) {
      fields.week = { number: Number(text), startsOnMonday };
      return true;
    },
  };
}

function setMonth(fields: Fields, text: string): boolean {
  const month = monthNumber(text);
  fields.month = month ?? 0;
  return month !== undefined;
}

/**
 * Reads a text by a strptime format, as Python does: blanks in the format stand for any blanks, letters match in
 * either case, and the whole text must be used. Without a year it is 1900.
 * @returns undefined when the text does not fit, or the format has a directive that no one knows.
 */
export function parseByFormat(text: string, short: string): DatedText | undefined {
  const format = short.replace(/%([%cxX])/g, (all, letter: string) => WRITTEN_OUT[letter] ?? all);
  const fields: Fields = {
    year: undefined,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    afternoon: undefined,
    offsetSeconds: undefined,
    dayOfYear: undefined,
    weekday: undefined,
    week: undefined,
    isoYear: undefined,
    isoWeek: undefined,
  };
  let at = 0;
  for (let index = 0; index < format.length; index++) {
    const character = format[index] ?? "";
    if (character !== "%" || format[index + 1] === "%") {
      const taken = takeLiteral(text, at, character);
      if (taken === undefined) {
        return undefined;
      }
      at = taken;
      if (character === "%") {
        index++;
      }
      continue;
    }
    const directive = DIRECTIVES[format[++index] ?? ""];
    if (directive === undefined) {
      return undefined;
    }
    directive.pattern.lastIndex = at;
    const found = directive.pattern.exec(text)?.[0];
    if (found === undefined || !directive.set(fields, found)) {
      return undefined;
    }
    at += found.length;
  }
  if (at !== text.length) {
    return undefined;
  }
  const { year, hour, minute, second, micros, afternoon, offsetSeconds } = fields;
  const date = dayOf(fields, year, fields);
  return date === undefined
    ? undefined
    : { time: { ...date, hour: hourOf(hour, afternoon), minute, second, micros }, offsetSeconds };
}

const BLANKS = /\s+/y;

/** Where the text goes on after a character of the format. */
function takeLiteral(text: string, at: number, character: string): number | undefined {
  if (/\s/.test(character)) {
    BLANKS.lastIndex = at;
    const blanks = BLANKS.exec(text)?.[0].length;
    // Blanks that an earlier blank of the format took stand for this one too.
    if (blanks === undefined) {
      return at > 0 && /\s/.test(text[at - 1] ?? "") ? at : undefined;
    }
    return at + blanks;
  }
  return text[at]?.toLowerCase() === character.toLowerCase() ? at + 1 : undefined;
}

/** The hour of the day from that of a twelve-hour clock. */
export function hourOf(hour: number, afternoon: boolean | undefined): number {
  if (afternoon === undefined || hour > 12) {
    return hour;
  }
  return (hour % 12) + (afternoon ? 12 : 0);
}
