import { IANAZone } from "luxon";
import { isUtcName, zoneSeconds } from "./date-names.ts";

/** Where a wall clock hangs. */
export type Zone = {
  /** Seconds east of UTC while the zone is a fixed offset; null for a place. */
  readonly fixedSeconds: number | null;
  /** Seconds east of UTC when a clock in the zone shows `wallSeconds`. */
  offsetAt(wallSeconds: number): number;
};

export const UTC: Zone = fixedZone(0);

const OFFSET = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{1,2}))?(?::?(\d{2}))?$/;
/** Zones kept; formats use one or two, but a template may take them from events. */
const MAX_KNOWN_ZONES = 500;
/** Offsets kept for one place. */
const MAX_KNOWN_OFFSETS = 2_000;
/** No place changes its offset within a quarter of an hour. */
const QUARTER_SECONDS = 900;

const knownZones = new Map<string, Zone | null>();

function fixedZone(seconds: number): Zone {
  return { fixedSeconds: seconds, offsetAt: () => seconds };
}

/** Seconds east of UTC of `Z`, `+hh`, `+hhmm`, `+hh:mm`; undefined for anything else. */
export function parseOffset(text: string): number | undefined {
  if (text === "Z" || text === "z") return 0;
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  const [, sign, hours, minutes = "0", seconds = "0"] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -total : total;
}

/** @param name An offset, or the name of a place in the IANA database. */
export function findZone(name: string): Zone | null {
  const known = knownZones.get(name);
  if (known !== undefined) return known;
  const zone = makeZone(name.trim());
  if (knownZones.size >= MAX_KNOWN_ZONES) knownZones.clear();
  knownZones.set(name, zone);
  return zone;
}

function makeZone(name: string): Zone | null {
  if (name === "" || isUtcName(name)) return UTC;
  const offset = parseOffset(name) ?? zoneSeconds(name);
  if (offset !== undefined) return fixedZone(offset);
  if (!IANAZone.isValidZone(name)) return null;
  const place = IANAZone.create(name);
  const offsets = new Map<number, number>();
  const offsetAt = (wallSeconds: number): number => {
    const quarter = Math.floor(wallSeconds / QUARTER_SECONDS);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    // The offset before the clock is turned decides; the second look is for the hours around the change.
    const guess = place.offset(wallSeconds * 1000) * 60;
    const offset = place.offset((wallSeconds - guess) * 1000) * 60;
    if (offsets.size >= MAX_KNOWN_OFFSETS) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };
  return { fixedSeconds: null, offsetAt };
}
