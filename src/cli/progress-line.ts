import type { RunStatistics, RunSummary } from "../app/telemetry/run-statistics.ts";
import type { Clock } from "../kernel/clock.ts";
import { LastLine } from "./last-line.ts";
import type { Screen } from "./streams.ts";

/** What a run does now, in the last line of a terminal. */
export class ProgressLine extends LastLine {
  constructor(screen: Screen, numbers: RunStatistics, clock: Clock) {
    let before = { atMs: clock.now(), forwarded: 0 };
    super(screen, clock, () => {
      const summary = numbers.summary();
      const atMs = clock.now();
      const seconds = Math.max(1, atMs - before.atMs) / 1000;
      const rate = (summary.forwarded - before.forwarded) / seconds;
      before = { atMs, forwarded: summary.forwarded };
      return describe(summary, rate);
    });
  }
}

function describe(summary: RunSummary, rate: number): string {
  const { forwarded, lagEvents, pending } = summary;
  return [
    `${count(rate)} events/s`,
    `lag ${lagEvents === undefined ? "unknown" : count(lagEvents)}`,
    `pending ${count(pending)}`,
    `intake ${describeIntake(summary)}`,
    `forwarded ${count(forwarded)}`,
  ].join(" · ");
}

function describeIntake({ intakeFailingForMs, lastAnswer }: RunSummary): string {
  if (intakeFailingForMs !== undefined) {
    return `failing for ${count(intakeFailingForMs / 1000)} s`;
  }
  return lastAnswer === undefined
    ? "not asked yet"
    : `HTTP ${lastAnswer.status} in ${count(lastAnswer.durationMs)} ms`;
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en-GB");
}
