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
      "Starts an Event Hubs server on 127.0.0.1 and prints its connection string, which is that of the official " +
        "emulator. Events are kept in memory. Every AMQP client of Event Hubs can use it, directly or over WebSockets; " +
        "there is no Kafka endpoint. Ctrl-C stops it.\n" +
        "Exit code: 0 after Ctrl-C, 1 if the port is taken, 2 if the configuration or the file is wrong.",
    )
    .option("--port <PORT>", "the port, 0 for a free one; the official emulator uses 5672", portOf, 0)
    .option(
      "--config <FILE>",
      "the official emulator's Config.json; without it, one hub with four partitions",
    )
    .option(
      "--tls [FILE]",
      `use TLS with a new certificate, and write the CA that clients must trust to FILE (default: ${AUTHORITY_FILE})`,
    )
    .option("--websockets", "accept only WebSockets, as behind a strict firewall")
    .option("--json", "print one JSON object: port, connectionString, authority (with --tls), hubs")
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
