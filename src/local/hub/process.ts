import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { messageOf } from "../../kernel/errors.ts";
import { type LocalHubServer, startHub } from "./server.ts";

/**
 * The local hub as a process of its own: `node process.ts --config Config.json [--port N] [--tls-key FILE --tls-cert FILE]`.
 * Prints one line of JSON with `port` and `connectionString` when it is ready. Each line of its input is a command, and
 * is answered by one line of JSON:
 * - `{"append":{"hub":"hub1","partitionId":"0","bodies":["…"],"times":1000}}` stores the bodies so many times over;
 * - `{"stats":true}` answers the server's statistics and the CPU time that the process has used, in microseconds.
 *
 * Ends on SIGTERM, SIGINT or the end of its input.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      port: { type: "string", default: "0" },
      "tls-key": { type: "string" },
      "tls-cert": { type: "string" },
    },
  });
  const key = values["tls-key"];
  const cert = values["tls-cert"];
  const server = await startHub({
    config: JSON.parse(await readFile(values.config ?? "Config.json", "utf8")),
    port: Number(values.port),
    ...(key === undefined || cert === undefined
      ? {}
      : { tls: { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") } }),
  });
  const commands = createInterface({ input: process.stdin });
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => commands.close());
  }
  print({ port: server.port, connectionString: server.connectionString() });
  for await (const line of commands) {
    print(obey(server, line));
  }
  await server.close();
  // After a signal the input may still be open, and would keep the process.
  process.stdin.destroy();
}

function obey(server: LocalHubServer, line: string): object {
  try {
    const command: {
      append?: { hub: string; partitionId: string; bodies: string[]; times?: number };
      stats?: boolean;
    } = JSON.parse(line);
    if (command.append !== undefined) {
      const { hub, partitionId, bodies, times = 1 } = command.append;
      const buffers = bodies.map((body) => Buffer.from(body));
      server.hub(hub).append(partitionId, repeat(buffers, times));
      return { appended: buffers.length * times };
    }
    return { ...server.stats(), cpu: process.cpuUsage() };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function* repeat(bodies: readonly Buffer[], times: number): Generator<Buffer> {
  for (let i = 0; i < times; i += 1) {
    yield* bodies;
  }
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();
