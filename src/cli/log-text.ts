import { type LogLine, readLogLine } from "../kernel/log-line.ts";
import type { LogOutput } from "../platform/logging/logger.ts";
import type { Screen } from "./streams.ts";

/** What a stranger's text could do to a terminal, line breaks included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** A stranger's text on one line that a terminal can show. */
export function plain(text: string): string {
  return text.replaceAll(CONTROL, " ");
}

/** Log lines as a person reads them on a terminal, and as JSON anywhere else. */
export function logOutput(stream: Screen): LogOutput {
  return { write: (line) => void stream.write(stream.isTTY ? logText(line) : line) };
}

/** A line of the log as text, with a line break at its end. */
export function logText(line: string): string {
  const entry = readLogLine(line);
  return `${plain(entry === undefined ? line : describe(entry)).trimEnd()}\n`;
}

function describe({ time, level, message, fields }: LogLine): string {
  const told = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${value}`);
  const detail = told.length === 0 ? "" : ` (${told.join(", ")})`;
  return `${time.slice(11, 19)} ${level.padEnd(8)} ${message}${detail}`;
}
