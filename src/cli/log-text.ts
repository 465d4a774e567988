import { type LogLine, readLogLine } from "../kernel/log-line.ts";
import type { LogOutput } from "../platform/logging/logger.ts";
import { paint } from "./paint.ts";
import type { Screen } from "./streams.ts";

/** What a stranger's text could do to a terminal, line breaks included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** A stranger's text on one line that a terminal can show. */
export function plain(text: string): string {
  return text.replaceAll(CONTROL, " ");
}

const LEVEL_STYLES = {
  debug: "dim",
  info: "cyan",
  warning: "yellow",
  error: "red",
  critical: "redBright",
} as const;

/** Log lines as a person reads them on a terminal, and as JSON anywhere else. */
export function logOutput(screen: Screen): LogOutput {
  return { write: (line) => void screen.write(screen.isTTY ? logText(line, screen) : line) };
}

/** A line of the log as text for that screen, with a line break at its end. */
export function logText(line: string, screen: Screen): string {
  const entry = readLogLine(line);
  if (entry === undefined) return `${plain(line).trimEnd()}\n`;
  const level = paint(screen, LEVEL_STYLES[entry.level], entry.level.padEnd(8));
  return `${plain(entry.time.slice(11, 19))} ${level} ${plain(describe(entry)).trimEnd()}\n`;
}

/** The message, and those fields that it does not tell. */
function describe({ message, fields }: LogLine): string {
  const words = new Set(message.split(/[^\w.-]+|[.-](?!\w)/));
  const detail = Object.entries(fields ?? {})
    .filter(([, value]) => !words.has(String(value)))
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
  return detail === "" ? message : `${message} (${detail})`;
}
