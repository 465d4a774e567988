import type { Command } from "commander";
import type { TriggerOptions } from "../app/run-trigger.ts";
import { TRIGGER_COMMAND } from "../app/settings.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { plainJson } from "../kernel/hidden-characters.ts";
import { logOutput } from "./log-text.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds `deadletter list|show|replay`. */
export function registerDeadLetter(program: Command, streams: Streams = process): void {
  const deadletter = program
    .command("deadletter")
    .summary("events that could not be delivered")
    .description(
      "Lists, shows and replays dead letters: events that the intake refused, that are too large, or that its JSON " +
        "cannot carry. They are kept in the checkpoint container, each with its reason.\n" +
        "Exit code: 0 fine, 1 if the storage or the intake failed, 2 if the configuration is wrong.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake deadletter list --config settings.json\n" +
        "  $ npx eventhub-intake deadletter show dead-letter/logs/sekoiaio/0/2026-11-24.jsonl --config settings.json\n" +
        "  $ npx eventhub-intake deadletter replay --config settings.json\n",
    );
  const print = (text: string) => writeText(streams.stdout, text);

  withConfig(
    deadletter
      .command("list")
      .summary(
        "the blobs that hold dead letters: one per partition and day, and one for each letter over 4 MiB",
      ),
  )
    .option("--json", "a JSON array")
    .action(async (options: Options) => {
      await work(options, streams, async (context) => {
        const { openDeadLetters } = await import("../app/dead-letters.ts");
        const blobs = await (await openDeadLetters(context)).list();
        if (options.json) {
          await print(`${plainJson(JSON.stringify(blobs))}\n`);
          return;
        }
        for (const { name, bytes, replayedBytes } of blobs) {
          await print(`${name}  ${bytes} bytes, ${bytes - replayedBytes} not yet replayed\n`);
        }
        if (blobs.length === 0) {
          await print("no dead letters\n");
        }
      });
    });

  withConfig(deadletter.command("show").summary("a blob's dead letters, one JSON object per line"))
    .argument("<BLOB>", "its name, as deadletter list prints it")
    .action(async (name: string, options: Options) => {
      await work(options, streams, async (context) => {
        const { openDeadLetters } = await import("../app/dead-letters.ts");
        const reader = await openDeadLetters(context);
        const blob = (await reader.list()).find((candidate) => candidate.name === name);
        if (blob === undefined) {
          throw new InputInvalid(`there is no blob ${name}; run deadletter list to see their names`);
        }
        for await (const { lines } of reader.read(name, 0, blob.bytes)) {
          for (const line of lines) {
            await print(`${plainJson(JSON.stringify(line))}\n`);
          }
        }
      });
    });

  withConfig(
    deadletter
      .command("replay")
      .summary("sends the dead letters to the intake that were not replayed before"),
  )
    .description(
      "Sends each dead letter once more. What the intake refuses again is kept for the next replay.",
    )
    .action(async (options: Options) => {
      await work(options, streams, async (context) => {
        const { replay } = await import("../app/dead-letters.ts");
        const { forwarded, setAsideAgain } = await replay(context);
        await print(`${forwarded} forwarded, ${setAsideAgain} set aside again\n`);
      });
    });
}

function withConfig(command: Command): Command {
  return command.option(
    "--config <FILE>",
    "one JSON file with the trigger's settings; otherwise the platform's files are read",
  );
}

/** Reads and checks the settings as the trigger does; logs go to standard error, so that the result stands alone. */
async function work(options: Options, streams: Streams, handler: TriggerOptions["handler"]): Promise<void> {
  const { runTrigger } = await import("../app/run-trigger.ts");
  process.exitCode = await runTrigger({
    commandLine: () => ({ command: TRIGGER_COMMAND, configurationFile: options.config }),
    handler,
    output: logOutput(streams.stderr),
    kind: "command",
  });
}
