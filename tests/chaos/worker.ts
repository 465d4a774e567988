/** The container's entry, but with leases of partitions that are short enough for a test; `LEASES` holds them as JSON. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { consumeEventhub, type Leases } from "../../src/app/forward.ts";
import { runModule } from "../../src/platform/run-module.ts";

const leases = JSON.parse(process.env["LEASES"] ?? "{}") as Leases;

process.exit(
  await runModule({
    argv: process.argv.slice(2),
    moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
    handlers: { azure_eventhub_messages_trigger: (context) => consumeEventhub(context, leases) },
  }),
);
