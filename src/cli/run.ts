import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { RunStatistics } from "../app/telemetry/run-statistics.ts";
import { systemClock } from "../kernel/clock.ts";
import { ProgressLine } from "./progress-line.ts";
import type { Streams } from "./streams.ts";

const ITEM_COMMAND = "azure_eventhub_messages_trigger";

type Options = { readonly config?: string; readonly symphonyDir?: string; readonly workers?: string };

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
      "Runs the trigger with the platform's files, or with one JSON file of the trigger's settings. Ends by Ctrl-C.\n" +
        "On a terminal, the last line shows events a second, lag, pending events and the intake's last answer; anywhere\n" +
        "else, each line of the log is a JSON object.\n" +
        "Exit code: 0 after a drain, 1 when it failed, 2 when the configuration is wrong.",
    )
    .option("--config <FILE>", "the trigger's settings as one JSON file; /health and /metrics are then off")
    .option("--symphony-dir <DIR>", "the folder of the platform's files; /symphony unless given")
    .option("--workers <N>", "processes that share the partitions; 0: as many as cores; 1 unless given")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ eventhub-intake run --config settings.json\n" +
        "  $ eventhub-intake run --config settings.json --workers 2\n" +
        "  $ eventhub-intake run --symphony-dir ./symphony > trigger.log\n",
    )
    .action(async (options: Options) => {
      const { runModule } = await import("../platform/run-module.ts");
      const { consumeEventhub } = await import("../app/forward.ts");
      const config = options.config === undefined ? [] : ["--config", options.config];
      const folder = options.symphonyDir === undefined ? [] : ["--symphony-dir", options.symphonyDir];
      const workers = options.workers === undefined ? [] : ["--workers", options.workers];
      const numbers = new RunStatistics(systemClock);
      const line = streams.stdout.isTTY ? new ProgressLine(streams.stdout, numbers, systemClock) : undefined;
      line?.start();
      const code = await runModule({
        argv: [ITEM_COMMAND, ...folder, ...config, ...workers],
        moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
        handlers: { [ITEM_COMMAND]: consumeEventhub },
        numbers,
        ...(line === undefined ? {} : { output: line }),
      });
      line?.stop();
      exit(code);
    });
}
