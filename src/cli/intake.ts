import type { Command } from "commander";
import { counted } from "../kernel/counted.ts";
import { plainText } from "../kernel/hidden-characters.ts";
import { alertLine } from "../local/alert-line.ts";
import type { Dialect } from "../rules/contract.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { DEFAULT_FORMAT, intakeFormat } from "./intake-format.ts";
import { portOf } from "./numbers.ts";
import { collected, detectionOptions, readDialect } from "./rule-folder.ts";
import { stopSignal, untilStopped } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = {
  readonly port: number;
  readonly database?: string;
  readonly key?: readonly string[];
  readonly format: string;
  readonly rules?: readonly string[];
  readonly indicators?: readonly string[];
  readonly dialect?: Dialect;
  readonly json?: true;
};

/** Adds `intake`. */
export function registerIntake(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("intake")
    .summary("an HTTP intake on this machine")
    .description(
      "Starts an intake on 127.0.0.1 that accepts events as the platform's does (POST /, /plain, /plain/batch, /jsons, " +
        "/batch, /array). It stores each event with its reception time and its ECS form; search them with the command " +
        "events or GET /events?query=….\n" +
        "Each event is matched against the built-in rules and those of --rules. Alerts are shown on standard error, and " +
        "kept for GET /alerts. Ctrl-C stops it.\n" +
        "Exit code: 0 after Ctrl-C, 1 if the port is taken, 2 if the database cannot be opened.",
    )
    .option("--port <PORT>", "the port, 0 for a free one", portOf, 0)
    .option("--database <FILE>", "a SQLite file, created if missing; without it, events are kept in memory")
    .option("--key <KEY...>", "the intake keys to accept; without it, any key")
    .option("--format <NAME|DIR>", "a bundled format, or a format's folder", DEFAULT_FORMAT)
    .option("--rules <DIR>", "more rules besides the built-in ones; repeatable", collected)
    .option(
      "--indicators <PATH>",
      "indicators (STIX bundles, CSV files) for the intelligence feed; repeatable",
      collected,
    )
    .option("--dialect <NAME>", "the dialect of --rules: standard or platform", readDialect)
    .option("--json", "print one JSON object: url, port")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake intake --port 8080 --database events.db --format microsoft-intune\n" +
        "  $ npx eventhub-intake intake --rules ./my-rules --indicators ./feed.csv\n" +
        "  $ curl -d 'an event' 'http://127.0.0.1:8080/plain?intake_key=mine'\n" +
        "  $ curl 'http://127.0.0.1:8080/events?contains=event&since=2026-11-24T08:00:00Z'\n",
    )
    .action(async (options: Options) => {
      const format = await intakeFormat(options.format, streams.stderr);
      const { rules = [], indicators = [] } = options;
      const detection = detectionOptions(["builtin", ...rules], indicators, options.dialect);
      const stop = listen();
      const { startIntake } = await import("../local/intake/server.ts");
      const intake = await startIntake({
        port: options.port,
        database: options.database,
        keys: options.key,
        format,
        detection,
      });
      const { stderr } = streams;
      await writeText(stderr, diagnosticsText(intake.alerts.detection.diagnostics));
      intake.alerts.listen((changed) => {
        for (const alert of changed.filter(({ isOpen }) => isOpen)) {
          void writeText(stderr, `${plainText(alertLine(alert))}\n`);
        }
      });
      try {
        const { url, port } = intake;
        await writeText(streams.stdout, options.json ? `${JSON.stringify({ url, port })}\n` : `${url}\n`);
        await untilStopped(stop);
        const { openCount } = intake.alerts.stored;
        await writeText(
          stderr,
          `${counted(intake.count(), "event")} stored, ${counted(openCount, "alert")} open\n`,
        );
      } finally {
        await intake.close();
        stop.release();
      }
    });
}
