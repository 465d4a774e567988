import type { Readable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import type { Command } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { LOCAL_HUB_NAME } from "../local/defaults.ts";
import { connectionStringOf, EMULATOR_KEY } from "../local/hub/keys.ts";
import { intuneSamples } from "../local/samples.ts";
import { readTextInput } from "./input-files.ts";
import { countOf, portOf } from "./numbers.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = {
  readonly to?: string;
  readonly port?: number;
  readonly hub?: string;
  readonly rate?: number;
  readonly count?: number;
  readonly json?: true;
};

/** Adds `send`. */
export function registerSend(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("send")
    .summary("sends events to a hub")
    .description(
      "Sends each line of the files to a hub as one message; - reads standard input. Without a file, sends the five " +
        "sample events of Microsoft Intune. Empty lines are skipped.\n" +
        "Exit code: 0 if the hub accepted all, 1 if not, 2 for wrong usage.",
    )
    .argument("[FILE...]", "files of raw events, one per line; - is standard input")
    .option("--port <PORT>", "the port of a hub on this machine", portOf)
    .option(
      "--to <CONNECTION_STRING>",
      "the connection string of any other hub; its key must have the claim Send",
    )
    .option("--hub <NAME>", `the event hub (default: the one in the connection string, or ${LOCAL_HUB_NAME})`)
    .option("--rate <N>", "messages per second; without it, as fast as possible", countOf)
    .option("--count <N>", "messages in total, repeating the events; without it, each event once", countOf)
    .option("--json", "print one JSON object: sent, seconds")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake send --port 5672\n" +
        "  $ tail -n 100 events.log | npx eventhub-intake send --port 5672 -\n" +
        '  $ npx eventhub-intake send --to "$CONNECTION_STRING" events.log --rate 500 --count 10000\n',
    )
    .action(async (files: string[], options: Options) => {
      const { sendMessages } = await import("../local/producer.ts");
      const events = await eventsOf(files, streams.stdin);
      if (events.length === 0) {
        throw new InputInvalid(`nothing to send: ${files.join(", ")} holds no line`);
      }
      const count = options.count ?? events.length;
      const stop = listen();
      const startedAtMs = systemClock.now();
      try {
        const sent = await sendMessages(
          repeated(events, count),
          { ...targetOf(options), rate: options.rate },
          systemClock,
          stop.signal,
        );
        const seconds = (systemClock.now() - startedAtMs) / 1000;
        await writeText(
          streams.stdout,
          options.json
            ? `${JSON.stringify({ sent, seconds })}\n`
            : `${counted(sent, "message")} sent in ${seconds.toFixed(1)} s\n`,
        );
      } finally {
        stop.release();
      }
    });
}

/** @throws InputInvalid unless exactly one hub was named. */
function targetOf({ to, port, hub }: Options): { connectionString: string; hubName: string | undefined } {
  if (to !== undefined && port === undefined) {
    return { connectionString: to, hubName: hub };
  }
  if (port !== undefined && to === undefined) {
    return {
      connectionString: connectionStringOf(EMULATOR_KEY, port, false),
      hubName: hub ?? LOCAL_HUB_NAME,
    };
  }
  throw new InputInvalid("name the hub by --port, for one on this machine, or by --to");
}

/** The lines of the files; the samples without any. */
async function eventsOf(files: readonly string[], stdin: Readable): Promise<readonly string[]> {
  if (files.length === 0) {
    return intuneSamples();
  }
  const texts: string[] = [];
  for (const file of files) {
    texts.push(file === "-" ? await readText(stdin) : readTextInput(file));
  }
  return texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => line !== "");
}

function* repeated(events: readonly string[], count: number): Generator<string> {
  for (let index = 0; index < count; index++) {
    yield events[index % events.length] ?? "";
  }
}
