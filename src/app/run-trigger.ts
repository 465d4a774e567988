import { fileURLToPath } from "node:url";
import { systemClock } from "../kernel/clock.ts";
import type { CommandLine } from "../platform/config/command-line.ts";
import { readManifest } from "../platform/config/module-files.ts";
import { type ModuleContext, type ModuleOptions, runModule } from "../platform/run-module.ts";
import { TRIGGER_COMMAND, type TriggerArguments, triggerArguments } from "./settings.ts";
import { TriggerMetrics } from "./telemetry/metrics.ts";
import { RunStatistics } from "./telemetry/run-statistics.ts";

/** What the platform gives the trigger, and where it tells of its work. */
export type TriggerContext = Omit<ModuleContext, "arguments"> & {
  readonly arguments: TriggerArguments;
  readonly metrics: TriggerMetrics;
  readonly statistics: RunStatistics;
};

export type TriggerOptions = {
  /** @throws InputInvalid, which is reported as the module's failure. */
  commandLine(): CommandLine;
  handler(context: TriggerContext): Promise<void>;
  /** For whoever watches the run. */
  readonly statistics?: RunStatistics;
} & Pick<ModuleOptions, "env" | "kind" | "output">;

/**
 * Gives the platform's settings to the trigger, or to a command that works with the same settings.
 * @returns the exit code; never rejects.
 */
export function runTrigger({ handler, statistics, ...options }: TriggerOptions): Promise<number> {
  const moduleDir = fileURLToPath(new URL("../..", import.meta.url));
  const metrics = new TriggerMetrics(systemClock);
  const telemetry = { metrics, statistics: statistics ?? new RunStatistics(systemClock) };
  return runModule({
    ...options,
    moduleDir,
    telemetry: metrics.shown,
    handlers: {
      [TRIGGER_COMMAND]: (context) => {
        metrics.runs(readManifest(moduleDir).version);
        return handler({ ...context, arguments: triggerArguments(context.arguments), ...telemetry });
      },
    },
  });
}
