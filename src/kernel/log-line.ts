import type { LogFields, LogLevel } from "./log.ts";

/** A line of the local log, read back. */
export type LogLine = {
  readonly level: LogLevel;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly message: string;
  readonly fields?: LogFields;
};

const LEVELS: ReadonlySet<string> = new Set<LogLevel>(["debug", "info", "warning", "error", "critical"]);

/** @returns `undefined` if the text is not a line of our log. */
export function readLogLine(text: string): LogLine | undefined {
  try {
    const value = JSON.parse(text) as LogLine | null;
    return typeof value?.message === "string" && LEVELS.has(value.level) ? value : undefined;
  } catch {
    // Whatever else a process prints.
    return undefined;
  }
}
