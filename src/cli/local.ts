import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { plainText } from "../kernel/hidden-characters.ts";
import type { LocalStack } from "../local/stack.ts";
import { DEFAULT_FORMAT, intakeFormat } from "./intake-format.ts";
import { portOf } from "./numbers.ts";
import { paint } from "./paint.ts";
import { BUILT_IN_RULES } from "./rule-folder.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Screen, type Streams, writeText } from "./streams.ts";

type Options = {
  readonly once?: true;
  readonly hubPort?: number;
  readonly storagePort?: number;
  readonly intakePort?: number;
};

const NAME_WIDTH = 14;

/** Adds `local`. */
export function registerLocal(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("local")
    .summary("everything on this machine: hub, storage, intake, sample events and the trigger")
    .description(
      "Starts an Event Hubs server, a blob storage and an intake on 127.0.0.1, sends the sample events of Microsoft " +
        "Intune, and runs the trigger as the container does. Ctrl-C stops it.\n" +
        "Exit code: 0 if every event arrived in the intake and is checkpointed, otherwise 1.",
    )
    .option("--once", "stop as soon as all sample events have arrived in the intake")
    .option("--hub-port <PORT>", "the port, a free one by default", portOf)
    .option("--storage-port <PORT>", "the port, a free one by default", portOf)
    .option("--intake-port <PORT>", "the port, a free one by default", portOf)
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx eventhub-intake local\n  $ npx eventhub-intake local --once --intake-port 8080\n",
    )
    .action(async (options: Options) => {
      const stop = listen();
      const format = await intakeFormat(DEFAULT_FORMAT, streams.stderr);
      const demo = {
        isOnce: options.once ?? false,
        ports: { hub: options.hubPort, storage: options.storagePort, intake: options.intakePort },
        clock: systemClock,
        say: (line: string) =>
          void writeText(streams.stdout, `${shownOn(streams.stdout, plainText(line))}\n`),
        format,
        detection: { rules: [BUILT_IN_RULES] },
        openPage: async (stack: LocalStack, intakeKey: string, handOver: () => Promise<void>) => {
          const { startStudio } = await import("../studio/server/studio.ts");
          return startStudio({
            moduleDir: fileURLToPath(new URL("../..", import.meta.url)),
            format,
            stack: { hub: stack.hub, storage: stack.storage, intake: stack.intake, intakeKey, handOver },
          });
        },
      };
      const { runDemo } = await import("../local/demo.ts");
      process.exitCode = await runDemo(demo, stop.signal).finally(stop.release);
    });
}

/** The name of a line in one colour, the result in another. */
function shownOn(screen: Screen, line: string): string {
  const [, name, rest] = /^(\w+(?: \w+)?) {2,}(.*)$/.exec(line) ?? [];
  if (name !== undefined && rest !== undefined) {
    return `${paint(screen, "cyan", name.padEnd(NAME_WIDTH))}${rest}`;
  }
  const lost = /, (\d+) lost$/.exec(line)?.[1];
  return lost === undefined ? line : paint(screen, lost === "0" ? "green" : "red", line);
}
