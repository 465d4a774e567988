import { counted } from "../kernel/counted.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** A length of time in its largest unit: `3 hours`. */
export function durationText(durationMs: number): string {
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(durationMs / unitMs);
    if (count > 0) {
      return counted(count, unit);
    }
  }
  return "less than a second";
}
