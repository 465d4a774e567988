import type { Command } from "commander";
import { LOCAL_HUB_CONFIG } from "../local/defaults.ts";
import { readHubConfig } from "../local/hub/config.ts";
import { readJsonInput } from "./input-files.ts";
import { portOf } from "./numbers.ts";
import { stopSignal, untilStopped } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = { readonly port: number; readonly config?: string; readonly json?: true };

/** Adds `hub`. */
export function registerHub(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("hub")
    .summary("an Event Hubs server on this machine")
    .description(
      "Starts an Event Hubs server on 127.0.0.1 and tells its connection string, which is that of the official\n" +
        "emulator. Events are kept in memory. Every AMQP client of Event Hubs may use it; the Kafka endpoint is not\n" +
        "offered. Ends by Ctrl-C.\n" +
        "Exit code: 0 after Ctrl-C, 1 when the port is taken, 2 when the configuration is wrong.",
    )
    .option("--port <PORT>", "5672 is the official emulator's; a free one unless given", portOf, 0)
    .option("--config <FILE>", "the official emulator's Config.json; one hub of four partitions unless given")
    .option("--json", "one line of JSON: port, connectionString, hubs")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake hub\n" +
        "  $ npx eventhub-intake hub --port 5672 --config Config.json --json\n",
    )
    .action(async (options: Options) => {
      const config = options.config === undefined ? LOCAL_HUB_CONFIG : readJsonInput(options.config);
      const hubs = readHubConfig(config);
      const stop = listen();
      const { startHub } = await import("../local/hub/server.ts");
      const hub = await startHub({
        config,
        port: options.port,
        say: (line) => void writeText(streams.stderr, `${line}\n`),
      });
      try {
        const connectionString = hub.connectionString();
        const lines = [
          connectionString,
          ...hubs.map(
            ({ name, partitionCount, consumerGroups }) =>
              `event hub ${name}: ${partitionCount} partitions, consumer groups ${consumerGroups.join(", ")}`,
          ),
        ];
        await writeText(
          streams.stdout,
          options.json
            ? `${JSON.stringify({ port: hub.port, connectionString, hubs })}\n`
            : `${lines.join("\n")}\n`,
        );
        await untilStopped(stop);
      } finally {
        await hub.close();
        stop.release();
      }
    });
}
