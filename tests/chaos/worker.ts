/**
 * The container's entry, but with leases of partitions that are short enough for a test; `LEASES` holds them as JSON, and
 * `CLOCK_SKEW_MS` how wrong its clock is.
 */
import process from "node:process";
import { consumeEventhub, type Leases } from "../../src/app/forward.ts";
import { runTrigger } from "../../src/app/run-trigger.ts";
import { readCommandLine } from "../../src/platform/config/command-line.ts";

const skewMs = Number(process.env["CLOCK_SKEW_MS"] ?? 0);
const machineNow = Date.now;
Date.now = () => machineNow() + skewMs;

const leases = JSON.parse(process.env["LEASES"] ?? "{}") as Leases;

process.exit(
  await runTrigger({
    commandLine: () => readCommandLine(process.argv.slice(2)),
    handler: (context) => consumeEventhub(context, leases),
  }),
);
