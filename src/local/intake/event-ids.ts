import { randomBytes } from "node:crypto";

const COUNTER_DIGITS = 12;

/**
 * Makes version 4 uuids for the events of one request.
 * A request draws its random bits once and counts in the last twelve digits: drawing them for every event
 * would cost more than storing it.
 */
export function mintEventIds(count: number): readonly string[] {
  const bits = randomBytes(15);
  bits[6] = ((bits[6] ?? 0) & 0x0f) | 0x40;
  bits[8] = ((bits[8] ?? 0) & 0x3f) | 0x80;
  const hex = bits.toString("hex");
  const prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-`;
  // 40 random bits leave room to count up without a carry out of the twelve digits.
  const first = Number.parseInt(hex.slice(20, 30), 16);
  return Array.from({ length: count }, (_, index) =>
    prefix.concat((first + index).toString(16).padStart(COUNTER_DIGITS, "0")),
  );
}
