import process from "node:process";
import { consumeEventhub } from "../../dist/app/forward.js";
import { runTrigger } from "../../dist/app/run-trigger.js";

// The trigger as the container runs it, but it renews its tokens each minute. Ends with whoever started it.
process.stdin.once("close", () => process.kill(process.pid, "SIGTERM")).resume();
const leases = { ownershipUpdateMs: 10_000, ownershipExpiryMs: 60_000, tokenRenewMs: 60_000 };
process.exit(
  await runTrigger({
    commandLine: () => ({ command: "azure_eventhub_messages_trigger" }),
    handler: (context) => consumeEventhub(context, leases),
  }),
);
