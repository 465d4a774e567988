import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { runModule } from "../platform/run-module.ts";
import { consumeEventhub } from "../trigger.ts";

const ITEM_COMMAND = "azure_eventhub_messages_trigger";

/** Adds `run`. */
export function registerRun(program: Command): void {
  program
    .command("run")
    .summary("the trigger: consumes the hub and forwards to the intake until it is stopped")
    .description(
      "Runs the trigger with the platform's files, or with one JSON file of the trigger's settings.\n" +
        "Exit code: 0 after a drain, 1 when it failed, 2 when the configuration is wrong.",
    )
    .option("--config <FILE>", "the trigger's settings as one JSON file")
    .option("--symphony-dir <DIR>", "the folder of the platform's files")
    .action(async (options: { readonly config?: string; readonly symphonyDir?: string }) => {
      const config = options.config === undefined ? [] : ["--config", options.config];
      const folder = options.symphonyDir === undefined ? [] : ["--symphony-dir", options.symphonyDir];
      process.exit(
        await runModule({
          argv: [ITEM_COMMAND, ...folder, ...config],
          moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
          handlers: { [ITEM_COMMAND]: consumeEventhub },
        }),
      );
    });
}
