import type { Clock } from "../kernel/clock.ts";
import type { LogOutput } from "../platform/logger.ts";
import type { RunNumbers, RunSummary } from "../platform/run-numbers.ts";
import { logText } from "./log-text.ts";
import type { Screen } from "./streams.ts";

const REFRESH_MS = 1000;
/** Some terminals tell none, or 0. */
const DEFAULT_COLUMNS = 80;
/** To the first column, and everything from there on gone. */
const CLEAR = "\r\u001b[2K";

/** The last line of a terminal, refreshed once a second; the log's lines go above it. */
export class ProgressLine implements LogOutput {
  readonly #screen: Screen;
  readonly #numbers: RunNumbers;
  readonly #clock: Clock;
  #shown = "";
  #before: { readonly atMs: number; readonly forwarded: number };
  #cancel: (() => void) | undefined;

  constructor(screen: Screen, numbers: RunNumbers, clock: Clock) {
    this.#screen = screen;
    this.#numbers = numbers;
    this.#clock = clock;
    this.#before = { atMs: clock.now(), forwarded: 0 };
  }

  start(): void {
    this.#cancel = this.#clock.after(REFRESH_MS, () => {
      this.#refresh();
      this.start();
    });
  }

  /** Takes the line away. */
  stop(): void {
    this.#cancel?.();
    this.#show("");
  }

  /** A line of the log. */
  write(line: string): void {
    const shown = this.#shown;
    this.#screen.write(`${shown === "" ? "" : CLEAR}${logText(line)}${shown}`);
  }

  #refresh(): void {
    const summary = this.#numbers.summary();
    const atMs = this.#clock.now();
    const seconds = Math.max(1, atMs - this.#before.atMs) / 1000;
    const rate = (summary.forwarded - this.#before.forwarded) / seconds;
    this.#before = { atMs, forwarded: summary.forwarded };
    const columns = this.#screen.columns || DEFAULT_COLUMNS;
    // A line that fills the last column would wrap, and could not be cleared.
    this.#show(describe(summary, rate).slice(0, columns - 1));
  }

  #show(text: string): void {
    if (text !== this.#shown) {
      this.#screen.write(CLEAR + text);
      this.#shown = text;
    }
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
