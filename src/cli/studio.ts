import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { DEFAULT_FORMAT, intakeFormat } from "./intake-format.ts";
import { portOf } from "./numbers.ts";
import { BUILT_IN_RULES } from "./rule-folder.ts";
import { stopSignal, untilStopped } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = { readonly data: string; readonly port: number; readonly format: string };

/** Adds `studio`. */
export function registerStudio(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("studio")
    .summary("a web page for playbook, runs, events and alerts on this machine")
    .description(
      "Serves the studio on 127.0.0.1: fill in the trigger's settings, check them, run the trigger, watch its runs, and " +
        "search the events in its local intake. Ctrl-C stops it, and the trigger with it.\n" +
        "Exit code: 0 after Ctrl-C, 1 if the port is taken or the data cannot be opened.",
    )
    .option("--data <DIR>", "the folder that keeps playbook, runs and events", "eventhub-intake-studio")
    .option("--port <PORT>", "the port, 0 for a free one", portOf, 0)
    .option("--format <NAME|DIR>", "the format of the local intake", DEFAULT_FORMAT)
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx eventhub-intake studio\n  $ npx eventhub-intake studio --data ./studio --port 8090\n",
    )
    .action(async (options: Options) => {
      const format = await intakeFormat(options.format, streams.stderr);
      const stop = listen();
      const { startStudio } = await import("../studio/server/studio.ts");
      const studio = await startStudio({
        port: options.port,
        dataFolder: options.data,
        moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
        format,
        rules: BUILT_IN_RULES,
      });
      try {
        await writeText(streams.stdout, `studio        ${studio.address}\n`);
        await untilStopped(stop);
      } finally {
        await studio.close();
        stop.release();
      }
    });
}
