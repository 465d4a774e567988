import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { drawProcesses } from "./processes.ts";
import { build, type Draw, median, print } from "./support.ts";

/**
 * One process against an intake that answers after 1 s, with more and more in flight (`IN_FLIGHT_MIB`). Time, CPU and
 * memory are those of the process, seen from outside. Arguments: events a partition (default 50,000), rounds (3).
 */
const PARTITIONS = 8;
const IN_FLIGHT_MIB = [40, 80, 120, 160];
const LATENCY_MS = 1000;

const eventsPerPartition = Number(process.argv[2] ?? 50_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = await mkdtemp(path.join(tmpdir(), "slow-intake-bench-"));
build();
const storage = await startStorage({});

print("in flight | events/s | CPU µs an event | peak RSS");
const draws = new Map<number, Draw[]>(IN_FLIGHT_MIB.map((mib) => [mib, []]));
for (let round = 0; round < rounds; round++) {
  for (const [inFlightMib, drawn] of draws) {
    const each = { inFlightMib, partitions: PARTITIONS, eventsPerPartition, latencyMs: LATENCY_MS };
    drawn.push(await drawProcesses(each, folder, storage.connectionString));
  }
}
for (const [mib, drawn] of draws) {
  const rate = median(drawn.map(({ events, seconds }) => events / seconds));
  const cpuMicros = median(drawn.map((each) => each.cpuMicros / each.events));
  const rssMib = median(drawn.map(({ rssBytes }) => rssBytes)) / 2 ** 20;
  print(
    `${String(mib).padStart(5)} MiB | ${rate.toFixed(0).padStart(8)} | ${cpuMicros.toFixed(2).padStart(15)} | ${rssMib.toFixed(0).padStart(4)} MiB`,
  );
}
await storage.close();
await rm(folder, { recursive: true });
