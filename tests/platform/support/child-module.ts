/** A module in a process of its own; the variable BEHAVIOUR chooses what its item does. */
import { AppError } from "../../../src/kernel/errors.ts";
import { readCommandLine } from "../../../src/platform/config/command-line.ts";
import { type Handler, runModule } from "../../../src/platform/run-module.ts";
import { MODULE_DIR, NO_TELEMETRY } from "./settings.ts";

class Refused extends AppError {
  readonly code = "HUB_REFUSED";
  readonly disposition = "stop";
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Keeps the process alive, as a connection does. */
const connection = setInterval(() => {}, 60_000);
let starts = 0;

const BEHAVIOURS: Readonly<Record<string, Handler>> = {
  async drain({ signal, logger, arguments: { hub_connection_string, intake_key } }) {
    logger.log("info", `working with ${hub_connection_string}`, { intake_key: String(intake_key) });
    await aborted(signal);
    logger.log("info", "drained");
  },
  async hang({ logger }) {
    logger.log("info", "working");
    await new Promise(() => {});
  },
  async refuse() {
    throw new Refused("the hub refused the key; check hub_connection_string");
  },
  async throwOnce({ signal, logger, health }) {
    logger.log("info", `start ${++starts}`);
    if (starts === 1) {
      void Promise.reject(new Error("a rejection"));
      setImmediate(() => {
        throw new Error("an exception");
      });
      await aborted(signal);
    }
    logger.log("info", "errors", { count: health.errorCount });
  },
};

const behaviour = BEHAVIOURS[process.env["BEHAVIOUR"] ?? ""];
process.exitCode = await runModule({
  commandLine: () => readCommandLine(process.argv.slice(2)),
  telemetry: NO_TELEMETRY,
  moduleDir: MODULE_DIR,
  handlers: behaviour ? { azure_eventhub_messages_trigger: behaviour } : {},
});
clearInterval(connection);
