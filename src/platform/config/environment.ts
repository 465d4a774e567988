import { availableParallelism } from "node:os";
import { ConfigurationInvalid } from "../errors.ts";
import type { SourceName, Sources } from "./sources.ts";

export type ServerSettings = {
  readonly host: string;
  /** 0: any free port; null: no server. */
  readonly livenessPort: number | null;
  readonly metricsPort: number | null;
};

export type Timings = {
  /** How long a receive may wait for messages, seconds. */
  readonly consumerMaxWaitSeconds: number;
  /** How long a round of collecting may last, seconds. */
  readonly frequencyMaxSeconds: number;
};

const OFF = "off";

/**
 * @param onByDefault Without a port of their own, the servers take the platform's (container) or stay off (a person's run).
 * @throws ConfigurationInvalid with all problems.
 */
export function readServerSettings(sources: Sources, onByDefault: boolean): ServerSettings {
  const problems: string[] = [];
  const port = (name: SourceName, standard: number): number | null => {
    const text = sources.text(name)?.value ?? (onByDefault ? String(standard) : OFF);
    if (text === OFF) {
      return null;
    }
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
      problems.push(
        `\`${name}\` is no port; give a number from 0 to 65535 or ${OFF}, for example \`${standard}\``,
      );
    }
    return Number(text);
  };
  const settings: ServerSettings = {
    // Whoever wants to be reached from outside says so, as the image does.
    host: sources.text("listen_host")?.value ?? "127.0.0.1",
    livenessPort: port("liveness_port", 8000),
    metricsPort: port("metrics_port", 8020),
  };
  return orProblems(settings, problems);
}

/** @throws ConfigurationInvalid with all problems. */
export function readTimings(sources: Sources): Timings {
  const problems: string[] = [];
  const seconds = (name: SourceName): number => {
    const text = sources.text(name)?.value ?? "10";
    if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) {
      problems.push(`\`${name}\` is no time; give seconds above 0, for example \`10\``);
    }
    return Number(text);
  };
  return orProblems(
    {
      consumerMaxWaitSeconds: seconds("consumer_max_wait_time"),
      frequencyMaxSeconds: seconds("frequency_max_time"),
    },
    problems,
  );
}

const MAX_WORKERS = 64;

/**
 * How many processes share the partitions; 1: this one does the work itself.
 * @param asked On the command line; it goes before the platform's value.
 * @throws ConfigurationInvalid if it is no number of processes.
 */
export function readWorkers(sources: Sources, asked: string | undefined): number {
  const text = asked ?? sources.text("workers")?.value ?? "1";
  const workers = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return orProblems(
    workers || availableParallelism(),
    workers <= MAX_WORKERS
      ? []
      : [
          `\`workers\` is no number of processes; give one from 0 (as many as cores) to ${MAX_WORKERS}, for example \`2\``,
        ],
  );
}

function orProblems<T>(settings: T, problems: readonly string[]): T {
  if (problems.length > 0) {
    throw new ConfigurationInvalid(problems);
  }
  return settings;
}
