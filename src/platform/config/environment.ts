import type { LogLevel } from "../../kernel/log.ts";
import { ConfigurationInvalid } from "../errors.ts";
import type { SourceName, Sources } from "./sources.ts";

export type ServerSettings = {
  readonly host: string;
  /** 0: any free port; null: no server. */
  readonly livenessPort: number | null;
  readonly metricsPort: number | null;
  /** One port for all pages, which a person's run asks for; null: the two above. */
  readonly httpPort: number | null;
};

/** What a process may use and how much it says, whatever its item does. */
export type Limits = {
  /** How long a chunk may wait to be filled, seconds. */
  readonly frequencyMaxSeconds: number;
  /** MiB of events received and not yet acknowledged; `undefined`: by the memory of the container. */
  readonly inFlightMib: number | undefined;
  readonly logLevel: LogLevel;
};

const OFF = "off";

/**
 * @param onByDefault Without a port of their own, the servers take the platform's (container) or stay off (a person's run).
 * @throws ConfigurationInvalid with all problems.
 */
export function readServerSettings(
  sources: Sources,
  onByDefault: boolean,
  httpPort: number | null = null,
): ServerSettings {
  const problems: string[] = [];
  const port = (name: SourceName, standard: number): number | null => {
    const text = sources.text(name)?.value ?? (onByDefault ? String(standard) : OFF);
    if (text === OFF) {
      return null;
    }
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
      problems.push(`\`${name}\` must be a port from 0 to 65535, or ${OFF}; for example \`${standard}\``);
    }
    return Number(text);
  };
  const settings: ServerSettings = {
    // Whoever wants to be reached from outside says so, as the image does.
    host: sources.text("listen_host")?.value ?? "127.0.0.1",
    livenessPort: port("liveness_port", 8000),
    metricsPort: port("metrics_port", 8020),
    httpPort,
  };
  return orProblems(settings, problems);
}

const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error", "critical"];
/** The least that moves anything, and the most that one process is good for. */
const IN_FLIGHT_MIB = { min: 8, max: 1024 };

/** @throws ConfigurationInvalid with all problems. */
export function readLimits(sources: Sources): Limits {
  const problems: string[] = [];
  const seconds = sources.text("frequency_max_time")?.value ?? "10";
  if (!/^\d+(\.\d+)?$/.test(seconds) || Number(seconds) === 0) {
    problems.push("`frequency_max_time` must be seconds above 0, for example `10`");
  }
  const mib = sources.text("in_flight_mib")?.value;
  if (mib !== undefined && !(/^\d{1,4}$/.test(mib) && isBetween(Number(mib), IN_FLIGHT_MIB))) {
    problems.push(
      `\`in_flight_mib\` must be a whole number from ${IN_FLIGHT_MIB.min} to ${IN_FLIGHT_MIB.max}, for example \`80\``,
    );
  }
  const level = sources.text("log_level")?.value.toLowerCase() ?? "info";
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (logLevel === undefined) {
    problems.push(`\`log_level\` must be ${LOG_LEVELS.join(", ")}; for example \`info\``);
  }
  return orProblems(
    {
      frequencyMaxSeconds: Number(seconds),
      inFlightMib: mib === undefined ? undefined : Number(mib),
      logLevel: logLevel ?? "info",
    },
    problems,
  );
}

function isBetween(value: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return value >= min && value <= max;
}

function orProblems<T>(settings: T, problems: readonly string[]): T {
  if (problems.length > 0) {
    throw new ConfigurationInvalid(problems);
  }
  return settings;
}
