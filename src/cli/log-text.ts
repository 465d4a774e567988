import { plainText } from "../kernel/hidden-characters.ts";
import { type LogLine, readLogLine } from "../kernel/log-line.ts";
import type { LogOutput } from "../platform/logging/logger.ts";
import { paint } from "./paint.ts";
import type { Screen } from "./streams.ts";

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
  if (entry === undefined) {
    return `${plainText(line).trimEnd()}\n`;
  }
  const level = paint(screen, LEVEL_STYLES[entry.level], entry.level.padEnd(8));
  return `${plainText(entry.time.slice(11, 19))} ${level} ${plainText(describe(entry)).trimEnd()}\n`;
}

/** The message, and those fields that it does not tell. */
function describe({ message, fields }: LogLine): string {
  const words = new Set(message.replaceAll(/(?<=\d),(?=\d{3})/g, "").split(/[^\w.-]+|[.-](?!\w)/));
  const detail = Object.entries(fields ?? {})
    .filter(([, value]) => !words.has(String(value)))
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
  return detail === "" ? message : `${message} (${detail})`;
}
