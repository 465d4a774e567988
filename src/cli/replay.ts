import { type Command, InvalidArgumentError } from "commander";
import type { RangeSummary } from "../app/replay.ts";
import { TRIGGER_COMMAND } from "../app/settings.ts";
import { systemClock } from "../kernel/clock.ts";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { LastLine } from "./last-line.ts";
import { logOutput } from "./log-text.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = {
  readonly from: number;
  readonly to: number;
  readonly partition?: string;
  readonly out?: string;
  readonly consumerGroup: string;
  readonly config?: string;
};
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const BAR_WIDTH = 30;

/** Adds `replay`. */
export function registerReplay(program: Command, streams: Streams = process): void {
  program
    .command("replay")
    .summary("reads a period again, to the intake or into a file")
    .description(
      "Reads again what the hub stored between two times, and sends it to the intake or writes it to a file. " +
        "Touches neither ownership nor checkpoints, so it does not disturb a running trigger.\n" +
        "Exit code: 0 if everything went through, 1 if not, 2 if the configuration is wrong.",
    )
    .requiredOption(
      "--from <TIME>",
      "start of the period: ISO 8601 with an offset, for example 2026-11-24T08:00:00Z, or a day (UTC)",
      timeOf,
    )
    .requiredOption(
      "--to <TIME>",
      "end of the period; events stored at exactly this time are left out",
      timeOf,
    )
    .option("--partition <ID>", "only this partition")
    .option("--out <FILE>", "write the events to this file as a JSON array, for parse --json-array")
    .option(
      "--consumer-group <NAME>",
      "the consumer group to read with; the running trigger does not share its own",
      "$Default",
    )
    .option(
      "--config <FILE>",
      "one JSON file with the trigger's settings; otherwise the platform's files are read",
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake replay --from 2026-11-24T08:00:00Z --to 2026-11-24T09:00:00Z --config settings.json\n" +
        "  $ npx eventhub-intake replay --from 2026-11-24 --to 2026-11-25 --partition 3 --out events.json\n",
    )
    .action(async (options: Options) => {
      if (options.from >= options.to) {
        throw new InputInvalid("--from must be earlier than --to; swap the two times");
      }
      const { runTrigger } = await import("../app/run-trigger.ts");
      const { replayRange } = await import("../app/replay.ts");
      let describe = () => "";
      const isTerminal = streams.stderr.isTTY === true;
      const line = isTerminal ? new LastLine(streams.stderr, systemClock, () => describe()) : undefined;
      line?.start();
      process.exitCode = await runTrigger({
        commandLine: () => ({ command: TRIGGER_COMMAND, configurationFile: options.config }),
        handler: async (context) => {
          const { from: fromMs, to: toMs, partition: partitionId, out: file, consumerGroup } = options;
          const summary = await replayRange(
            context,
            { fromMs, toMs, partitionId, file, consumerGroup },
            (progress) => {
              describe = () => barOf(progress());
            },
          );
          line?.stop();
          await writeText(streams.stdout, summaryOf(summary, file ?? "the intake"));
        },
        output: line ?? logOutput(streams.stderr),
        kind: "command",
      });
      line?.stop();
    });
}

/** @throws InvalidArgumentError for anything but a time. */
function timeOf(text: string): number {
  const atMs = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw new InvalidArgumentError(
      "Give an ISO 8601 time with its offset, like 2026-11-24T08:00:00Z, or a day (UTC).",
    );
  }
  return atMs;
}

function barOf({ events, ofEvents }: { readonly events: number; readonly ofEvents: number }): string {
  const share = ofEvents === 0 ? 0 : events / ofEvents;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "#".repeat(filled).padEnd(BAR_WIDTH, "-");
  return `[${bar}] ${Math.floor(share * 100)} % · ${count(events)} of ${count(ofEvents)} events`;
}

function summaryOf(summary: RangeSummary, target: string): string {
  const { events, forwarded, filtered, heartbeats, setAside } = summary;
  return (
    `${counted(events, "event")} read: ${counted(forwarded, "record")} to ${target}, ${count(filtered)} filtered, ` +
    `${counted(heartbeats, "heartbeat")}, ${count(setAside)} set aside\n`
  );
}

function count(number: number): string {
  return number.toLocaleString("en-GB");
}
