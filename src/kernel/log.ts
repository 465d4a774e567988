export type LogLevel = "debug" | "info" | "warning" | "error" | "critical";

/** Values beside a message: short, flat, and never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where the rooms say what they decided. Logging never throws and never waits. */
export type Logger = {
  log(level: LogLevel, message: string, fields?: LogFields): void;
};

export const silentLogger: Logger = { log: () => {} };
