import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { counted } from "../kernel/counted.ts";
import { InputInvalid, messageOf } from "../kernel/errors.ts";
import { LOCAL_HUB_CONFIG } from "../local/defaults.ts";
import { readHubConfig } from "../local/hub/config.ts";
import { readJsonInput } from "./input-files.ts";
import { portOf } from "./numbers.ts";
import { stopSignal, untilStopped } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = {
  readonly port: number;
  readonly config?: string;
  readonly tls?: string | true;
  readonly websockets?: true;
  readonly json?: true;
};

const AUTHORITY_FILE = "local-hub-authority.pem";

/** Adds `hub`. */
export function registerHub(program: Command, streams: Streams = process, listen = stopSignal): void {
  program
    .command("hub")
    .summary("an Event Hubs server on this machine")
    .description(
      "Starts an Event Hubs server on 127.0.0.1 and tells its connection string, which is that of the official\n" +
        "emulator. Events are kept in memory. Every AMQP client of Event Hubs may use it, on the socket itself or in a\n" +
        "WebSocket; the Kafka endpoint is not offered. Ends by Ctrl-C.\n" +
        "Exit code: 0 after Ctrl-C, 1 when the port is taken, 2 when the configuration or the file is wrong.",
    )
    .option("--port <PORT>", "5672 is the official emulator's; a free one unless given", portOf, 0)
    .option("--config <FILE>", "the official emulator's Config.json; one hub of four partitions unless given")
    .option(
      "--tls [FILE]",
      `TLS, by a certificate that is made now; FILE (${AUTHORITY_FILE} unless given) gets the authority that clients must trust`,
    )
    .option("--websockets", "WebSockets alone, as where a firewall lets nothing else through")
    .option("--json", "one line of JSON: port, connectionString, authority (with --tls), hubs")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake hub\n" +
        "  $ npx eventhub-intake hub --port 5672 --config Config.json --json\n" +
        "  $ npx eventhub-intake hub --port 5671 --tls\n",
    )
    .action(async (options: Options) => {
      const config = options.config === undefined ? LOCAL_HUB_CONFIG : readJsonInput(options.config);
      const hubs = readHubConfig(config);
      const stop = listen();
      const { startHub } = await import("../local/hub/server.ts");
      const tls = options.tls === undefined ? undefined : await makeTls(options.tls);
      const hub = await startHub({
        config,
        port: options.port,
        webSockets: options.websockets ?? false,
        ...(tls === undefined ? {} : { tls }),
        say: (line) => void writeText(streams.stderr, `${line}\n`),
      });
      try {
        const connectionString = hub.connectionString();
        const lines = [
          connectionString,
          ...(tls === undefined
            ? []
            : [
                `clients must trust ${tls.authorityFile}: NODE_EXTRA_CA_CERTS (JavaScript), connection_verify (Python), SSL_CERT_FILE (Go)`,
              ]),
          ...hubs.map(
            ({ name, partitionCount, consumerGroups }) =>
              `event hub ${name}: ${counted(partitionCount, "partition")}, consumer groups ${consumerGroups.join(", ")}`,
          ),
        ];
        await writeText(
          streams.stdout,
          options.json
            ? `${JSON.stringify({ port: hub.port, connectionString, authority: tls?.authorityFile, hubs })}\n`
            : `${lines.join("\n")}\n`,
        );
        await untilStopped(stop);
      } finally {
        await hub.close();
        stop.release();
      }
    });
}

/** @param file `true`: the usual one. @throws InputInvalid when it cannot be written. */
async function makeTls(file: string | true) {
  const { makeCertificate } = await import("../local/hub/certificate.ts");
  const { key, cert, authority } = makeCertificate(Date.now());
  const authorityFile = resolve(file === true ? AUTHORITY_FILE : file);
  try {
    writeFileSync(authorityFile, authority);
  } catch (cause) {
    throw new InputInvalid(
      `the file ${authorityFile} cannot be written (${messageOf(cause)}); name another: --tls FILE`,
      { cause },
    );
  }
  return { key, cert, authorityFile };
}
