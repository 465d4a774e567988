import type { DestinationStream, LoggerOptions } from "pino";
import { pino } from "pino";
import { plainJson } from "../../kernel/hidden-characters.ts";
import type { LogFields, Logger, LogLevel } from "../../kernel/log.ts";
import type { LogShipper } from "./log-shipper.ts";
import type { Masker } from "./masker.ts";

/** Where the JSON lines go. */
export type LogOutput = DestinationStream;

const LEVELS = { debug: 20, info: 30, warning: 40, error: 50, critical: 60 } as const;

const OPTIONS = {
  customLevels: LEVELS,
  useOnlyCustomLevels: true,
  level: "debug",
  base: null,
  messageKey: "message",
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level: string) => ({ level }) },
} satisfies LoggerOptions<LogLevel, true>;

/** One JSON line an entry: `level`, `time`, `message`, and `fields` if there are any. Nothing leaves unmasked. */
export function createLocalLogger(masker: Masker, output: LogOutput): Logger {
  // Texts of strangers are in the lines, and `kubectl logs` shows them on a terminal.
  const lines = pino<LogLevel, true>(OPTIONS, { write: (line) => output.write(plainJson(line)) });
  return {
    log(level, message, fields) {
      const shown = maskFields(masker, fields);
      lines[level](shown === undefined ? {} : { fields: shown }, masker.mask(message));
    },
  };
}

/** Standard output, written as the lines come, so that none is lost when the process ends. */
export function standardOutput(): LogOutput {
  return pino.destination({ fd: 1, sync: true });
}

/** Logs here and on the platform, where debug lines do not go and only the first critical line stays critical. */
export class PlatformLogger implements Logger {
  readonly #local: Logger;
  readonly #shipper: LogShipper | undefined;
  readonly #masker: Masker;
  #criticalSent = false;
  /** Lines below it are written nowhere. */
  minLevel: LogLevel = "info";

  /** @param shipper None if the platform has no address for logs. */
  constructor(local: Logger, shipper: LogShipper | undefined, masker: Masker) {
    this.#local = local;
    this.#shipper = shipper;
    this.#masker = masker;
  }

  /** True once the platform shows the trigger as crashed. */
  get criticalSent(): boolean {
    return this.#criticalSent;
  }

  log(level: LogLevel, message: string, fields?: LogFields): void {
    if (LEVELS[level] < LEVELS[this.minLevel]) {
      return;
    }
    this.#local.log(level, message, fields);
    if (level === "debug") {
      return;
    }
    const shippedLevel = level === "critical" && this.#criticalSent ? "error" : level;
    this.#criticalSent ||= level === "critical";
    const masked = maskFields(this.#masker, fields);
    const told = Object.entries(masked ?? {}).map(([name, value]) => `${name}=${value}`);
    const detail = told.length === 0 ? "" : ` (${told.join(", ")})`;
    this.#shipper?.ship(shippedLevel, this.#masker.mask(message), detail);
  }
}

function maskFields(masker: Masker, fields: LogFields | undefined): LogFields | undefined {
  return (
    fields &&
    Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, typeof value === "string" ? masker.mask(value) : value]),
    )
  );
}
