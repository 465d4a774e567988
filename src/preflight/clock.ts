import type { CheckRun } from "./check-run.ts";
import { type Finding, found, passed } from "./contract.ts";

/** Ownership of a partition runs out after 60 s, judged by each reader's own clock. */
const OFF_MS = 30_000;
/** The service refuses signatures that are further off. */
const FAR_OFF_MS = 5 * 60_000;

/** Our clock against those of the servers that answered, as their Date headers told. */
export async function checkClock({ clockOffsetsMs }: CheckRun): Promise<Finding> {
  const [worst] = [...clockOffsetsMs].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  if (worst === undefined) {
    return {
      kind: "skipped",
      reason: "not tried, since no server answered",
      fix: "fix the checks above first",
    };
  }
  const [host, offsetMs] = worst;
  const seconds = String(Math.round(Math.abs(offsetMs) / 1000));
  const places = { host, seconds, direction: offsetMs > 0 ? "ahead of" : "behind" };
  if (Math.abs(offsetMs) >= FAR_OFF_MS) {
    return found("CLOCK_FAR_OFF", places);
  }
  if (Math.abs(offsetMs) >= OFF_MS) {
    return found("CLOCK_OFF", places);
  }
  return passed(`within ${Number(seconds) + 1} seconds of the servers' clocks`);
}
