import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { drawProcesses } from "./processes.ts";
import { build, type Draw, median, print } from "./support.ts";

/**
 * One process against two workers (`WORKERS=2`) that have shared 8 partitions evenly before the first event comes; both
 * take turns, and the medians are compared. Time and CPU are those of all processes of the trigger, seen from outside.
 * Arguments: events a partition (default 25,000), rounds (3).
 */
const PARTITIONS = 8;
const CASES = [
  { title: "1 KB, the intake answers at once", latencyMs: 0 },
  { title: "1 KB, the intake answers after 1 s", latencyMs: 1000 },
] as const;

const eventsPerPartition = Number(process.argv[2] ?? 25_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = await mkdtemp(path.join(tmpdir(), "workers-bench-"));
build();
const storage = await startStorage({});

print("case                               | processes | events/s | CPU µs an event | peak RSS of all");
for (const { title, latencyMs } of CASES) {
  const draws = new Map<number, Draw[]>([1, 2].map((workers) => [workers, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [workers, drawn] of draws) {
      const each = { workers, partitions: PARTITIONS, eventsPerPartition, latencyMs };
      drawn.push(await drawProcesses(each, folder, storage.connectionString));
    }
  }
  for (const [workers, drawn] of draws) {
    const rate = median(drawn.map(({ events, seconds }) => events / seconds));
    const cpuMicros = median(drawn.map((each) => each.cpuMicros / each.events));
    const rssMib = median(drawn.map(({ rssBytes }) => rssBytes)) / 2 ** 20;
    print(
      `${title.padEnd(34)} | ${String(workers).padStart(9)} | ${rate.toFixed(0).padStart(8)} | ` +
        `${cpuMicros.toFixed(2).padStart(15)} | ${rssMib.toFixed(0).padStart(11)} MiB`,
    );
  }
}
await storage.close();
await rm(folder, { recursive: true });
