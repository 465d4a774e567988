import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { startHub } from "../../src/local/hub/server.ts";
import { hubConfig } from "./support.ts";

/**
 * The local hub, and what puts events into its log, as a process of their own. Argument: partitions. Prints
 * `{"connectionString":…}`; each line of its input, `{"rate":…,"seconds":…}`, is answered once all of it is in the log.
 * An event begins with its time, `{"at":…`, in microseconds of the machine's monotonic clock, which all processes share.
 */
const partitions = Number(process.argv[2] ?? 4);
const TICK_MS = 5;
const FILLER = Buffer.from(`,"text":"${"x".repeat(400)}"}`);

const hub = await startHub({ config: hubConfig("bench", partitions), port: 0 });
print({ connectionString: hub.connectionString() });
for await (const line of createInterface({ input: process.stdin })) {
  const { rate, seconds } = JSON.parse(line) as { rate: number; seconds: number };
  print({ sent: await send(rate, seconds) });
}
await hub.close();
process.exit(0);

/** Sends at a steady rate; what a late tick owes is sent by it, with the time at which it is sent. */
async function send(rate: number, seconds: number): Promise<number> {
  const log = hub.hub("bench");
  const total = Math.round(rate * seconds);
  const startedAt = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1);
    const bodies: Buffer[][] = Array.from({ length: partitions }, () => []);
    const at = Buffer.from(`{"at":${process.hrtime.bigint() / 1000n}`);
    for (; sent < due; sent++) {
      bodies[sent % partitions]?.push(Buffer.concat([at, FILLER]));
    }
    for (const [partition, each] of bodies.entries()) {
      if (each.length > 0) {
        log.append(String(partition), each);
      }
    }
    await wait(TICK_MS);
  }
  return total;
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
