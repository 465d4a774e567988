import type { Command } from "commander";
import { TRIGGER_COMMAND } from "../app/settings.ts";
import { RunStatistics } from "../app/telemetry/run-statistics.ts";
import { systemClock } from "../kernel/clock.ts";
import { portOf } from "./numbers.ts";
import { ProgressLine } from "./progress-line.ts";
import type { Streams } from "./streams.ts";

type Options = { readonly config?: string; readonly symphonyDir?: string; readonly http?: number };

/** Adds `run`. */
export function registerRun(
  program: Command,
  streams: Streams = process,
  exit: (code: number) => void = process.exit,
): void {
  program
    .command("run")
    .summary("the trigger: consumes the hub and forwards to the intake until it is stopped")
    .description(
      "Runs the trigger with the platform's files, or with its settings in one JSON file. Ctrl-C stops it.\n" +
        "On a terminal, the last line shows events per second, lag, pending events and the intake's last answer. " +
        "Anywhere else, every log line is a JSON object.\n" +
        "Exit code: 0 after a drain, 1 if it failed, 2 if the configuration is wrong.",
    )
    .option("--config <FILE>", "one JSON file with the trigger's settings")
    .option("--symphony-dir <DIR>", "the folder with the platform's files (default: /symphony)")
    .option(
      "--http <PORT>",
      "one port for /health, /ready, /ledger and /metrics; without it, --config serves none of them",
      portOf,
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake run --config settings.json --http 8000\n" +
        "  $ npx eventhub-intake run --symphony-dir ./symphony > trigger.log\n",
    )
    .action(async (options: Options) => {
      const { runTrigger } = await import("../app/run-trigger.ts");
      const { consumeEventhub } = await import("../app/forward.ts");
      const statistics = new RunStatistics(systemClock);
      const line = streams.stdout.isTTY
        ? new ProgressLine(streams.stdout, statistics, systemClock)
        : undefined;
      line?.start();
      const code = await runTrigger({
        commandLine: () => ({
          command: TRIGGER_COMMAND,
          symphonyDirectory: options.symphonyDir,
          configurationFile: options.config,
          httpPort: options.http,
        }),
        handler: (context) => consumeEventhub(context),
        statistics,
        ...(line === undefined ? {} : { output: line }),
      });
      line?.stop();
      exit(code);
    });
}
