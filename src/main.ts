import { fileURLToPath } from "node:url";
import { consumeEventhub } from "./app/forward.ts";
import { runModule } from "./platform/run-module.ts";

// The container's entry: the platform gives the item's command as the first argument.
process.exit(
  await runModule({
    argv: process.argv.slice(2),
    moduleDir: fileURLToPath(new URL("..", import.meta.url)),
    handlers: { azure_eventhub_messages_trigger: consumeEventhub },
  }),
);
