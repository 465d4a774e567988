import { ownText } from "../values/own-text.ts";
import { isUtcName, zoneSeconds } from "./date-names.ts";

/** A time zone. */
export type Zone = {
  /** Seconds east of UTC while the zone is a fixed offset; null for a place. */
  readonly fixedSeconds: number | null;
  /** Seconds east of UTC when a clock in the zone shows `wallSeconds`. */
  offsetAt(wallSeconds: number): number;
};

export const UTC: Zone = fixedZone(0);

const OFFSET = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{1,2}))?(?::?(\d{2}))?$/;
/** Zones kept; formats use one or two, but a template may take them from events. */
const MAX_KNOWN_ZONES = 100;
const MAX_NAME_CHARS = 40;
/** Offsets kept for one place. */
const MAX_KNOWN_OFFSETS = 500;
/** No place changes its offset within a quarter of an hour. */
const QUARTER_SECONDS = 900;

const knownZones = new Map<string, Zone | null>();

function fixedZone(seconds: number): Zone {
  return { fixedSeconds: seconds, offsetAt: () => seconds };
}

/** Seconds east of UTC of `Z`, `+hh`, `+hhmm`, `+hh:mm`; undefined for anything else. */
export function parseOffset(text: string): number | undefined {
  if (text === "Z" || text === "z") {
    return 0;
  }
  const match = OFFSET.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign, hours, minutes = "0", seconds = "0"] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -total : total;
}

/** @param name An offset, or the name of a place in the IANA database. */
export function findZone(name: string): Zone | null {
  const known = knownZones.get(name);
  if (known !== undefined) {
    return known;
  }
  const zone = makeZone(name.trim());
  if (knownZones.size >= MAX_KNOWN_ZONES) {
    knownZones.clear();
  }
  // No zone has a longer name, and whoever makes up others should not fill the memory.
  if (name.length <= MAX_NAME_CHARS) {
    knownZones.set(ownText(name), zone);
  }
  return zone;
}

function makeZone(name: string): Zone | null {
  if (name === "" || isUtcName(name)) {
    return UTC;
  }
  const offset = parseOffset(name) ?? zoneSeconds(name);
  if (offset !== undefined) {
    return fixedZone(offset);
  }
  const offsetAtUtc = utcOffsets(name);
  if (offsetAtUtc === null) {
    return null;
  }
  const offsets = new Map<number, number>();
  const offsetAt = (wallSeconds: number): number => {
    const quarter = Math.floor(wallSeconds / QUARTER_SECONDS);
    const known = offsets.get(quarter);
    if (known !== undefined) {
      return known;
    }
    // The offset before the clock is turned decides; the second look is for the hours around the change.
    const guess = offsetAtUtc(wallSeconds);
    const offset = offsetAtUtc(wallSeconds - guess);
    if (offsets.size >= MAX_KNOWN_OFFSETS) {
      offsets.clear();
    }
    offsets.set(quarter, offset);
    return offset;
  };
  return { fixedSeconds: null, offsetAt };
}

/** Seconds east of UTC at a time (Unix seconds) in a place of the IANA database; null for any other name. */
function utcOffsets(name: string): ((unixSeconds: number) => number) | null {
  const format = longOffsets(name);
  if (format === null) {
    return null;
  }
  return (unixSeconds) => {
    const parts = format.formatToParts(unixSeconds * 1000);
    const offset = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    return parseOffset(offset) ?? 0;
  };
}

function longOffsets(name: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
}
