import process from "node:process";
import { runModule } from "../../dist/platform/run-module.js";
import { consumeEventhub } from "../../dist/trigger.js";

// The trigger as the container runs it, but it renews its tokens each minute. Ends with whoever started it.
process.stdin.once("close", () => process.kill(process.pid, "SIGTERM")).resume();
const leases = { ownershipUpdateMs: 10_000, ownershipExpiryMs: 60_000, tokenRenewMs: 60_000 };
process.exit(
  await runModule({
    argv: ["azure_eventhub_messages_trigger"],
    moduleDir: new URL("../..", import.meta.url).pathname,
    handlers: { azure_eventhub_messages_trigger: (context) => consumeEventhub(context, leases) },
  }),
);
