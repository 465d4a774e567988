import { consumeEventhub } from "./app/forward.ts";
import { runTrigger } from "./app/run-trigger.ts";
import { readCommandLine } from "./platform/config/command-line.ts";

// The container's entry: the platform gives the item's command as the first argument.
process.exit(
  await runTrigger({
    commandLine: () => readCommandLine(process.argv.slice(2)),
    handler: (context) => consumeEventhub(context),
  }),
);
