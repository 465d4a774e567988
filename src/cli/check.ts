import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import type { InspectionReport } from "../app/inspect.ts";
import { TRIGGER_COMMAND } from "../app/settings.ts";
import { plainJson } from "../kernel/hidden-characters.ts";
import type { CheckResult } from "../preflight/contract.ts";
import { checkText, liveText, sumText } from "./check-text.ts";
import { DEFAULT_FORMAT } from "./intake-format.ts";
import { countOf } from "./numbers.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";
import { usableFormat } from "./usable-format.ts";

type Options = {
  readonly config?: string;
  readonly symphonyDir?: string;
  readonly json?: true;
  readonly live?: number;
  readonly format: string;
};

const MAX_LIVE = 100_000;
/** Without these, there is nothing to look at. */
const NEEDED_FOR_LIVE = ["hub", "consumer-group"];

/** Adds `check`. */
export function registerCheck(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("check")
    .summary("tries each setting on its own, and names the cause and the fix")
    .description(
      "Tries each of the trigger's settings on its own, in order: one line per check, and what to do if it fails. " +
        "Nothing is consumed and no checkpoint changes; a missing container is created, as the trigger would do.\n" +
        "Exit code: 0 if nothing failed, 1 if something did, 2 without a configuration.",
    )
    .option(
      "--config <FILE>",
      "one JSON file with the trigger's settings; otherwise the platform's files are read",
    )
    .option("--symphony-dir <DIR>", "the folder with the platform's files (default: /symphony)")
    .option("--json", "print one JSON object: checks, live")
    .option("--live <N>", "also look at the hub's newest N messages", liveCount)
    .option("--format <NAME|DIR>", "the intake format that parses them", DEFAULT_FORMAT)
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake check --config settings.json\n" +
        "  $ npx eventhub-intake check --config settings.json --live 1000 --json\n",
    )
    .action(async (options: Options) => {
      const { checkSettings, inspectHub } = await import("../app/check.ts");
      const { readRawSettings } = await import("../app/raw-settings.ts");
      const usable =
        options.live === undefined ? undefined : await usableFormat(options.format, streams.stderr);
      const settings = readRawSettings({
        moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
        command: TRIGGER_COMMAND,
        configurationFile: options.config,
        symphonyDirectory: options.symphonyDir,
      });
      const print = (text: string) => (options.json ? Promise.resolve() : writeText(streams.stdout, text));
      const stop = listen();
      try {
        const checks: CheckResult[] = [];
        for await (const result of checkSettings(settings, stop.signal)) {
          checks.push(result);
          await print(checkText(result, streams.stdout));
        }
        await print(sumText(checks));
        let live: InspectionReport | null = null;
        if (usable !== undefined && options.live !== undefined && isReadable(checks)) {
          live = await inspectHub(settings, usable.format, options.live, stop.signal);
          await print(liveText(live));
        } else if (options.live !== undefined) {
          await print("the newest messages were skipped, since the hub cannot be read\n");
        }
        if (options.json) {
          await writeText(streams.stdout, `${plainJson(JSON.stringify({ checks, live }))}\n`);
        }
        process.exitCode = checks.some(({ status }) => status === "failed") ? 1 : 0;
      } finally {
        stop.release();
      }
    });
}

function isReadable(checks: readonly CheckResult[]): boolean {
  return checks.every(
    ({ id, status }) => !NEEDED_FOR_LIVE.includes(id) || status === "passed" || status === "warning",
  );
}

/** @throws InvalidArgumentError for anything but a count that one may wait for. */
function liveCount(text: string): number {
  const count = countOf(text);
  if (count > MAX_LIVE) {
    throw new InvalidArgumentError(`Give at most ${MAX_LIVE}.`);
  }
  return count;
}
