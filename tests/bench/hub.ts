import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { type Draw, draw, hubConfig, median, print, start, stop } from "./support.ts";

/**
 * The ceiling of the local hub: how fast a receiver that only counts frames can draw from it, against a no-op subscriber
 * of the SDK. Server and client are processes of their own, and take turns in one run.
 * Arguments: events a partition (default 100,000), rounds (3).
 */
const PARTITIONS = 4;
const BODY_BYTES = 1024;
const HUB = "bench";

const eventsPerPartition = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = await mkdtemp(path.join(tmpdir(), "hub-bench-"));
const config = path.join(folder, "Config.json");
await writeFile(config, JSON.stringify(hubConfig(HUB, PARTITIONS)));
const server = await start("../../src/local/hub/process.ts", ["--config", config]);
const { port = "", connectionString = "" } = server.first;

const body = JSON.stringify({ text: "x".repeat(BODY_BYTES - 11) });
const preloadStart = performance.now();
for (let partition = 0; partition < PARTITIONS; partition += 1) {
  await server.ask({
    append: { hub: HUB, partitionId: String(partition), bodies: [body], times: eventsPerPartition },
  });
}
const total = PARTITIONS * eventsPerPartition;
print(`preload: ${rate(total, (performance.now() - preloadStart) / 1000)} events/s`);

const results = {
  drain: [] as number[],
  sdk: [] as number[],
  drainCpu: [] as number[],
  sdkCpu: [] as number[],
};
for (let round = 0; round < rounds; round += 1) {
  const drain = await measured("./hub-drain.ts", [String(port), HUB, String(PARTITIONS), String(total)]);
  results.drain.push(drain.draw.events / drain.draw.seconds);
  results.drainCpu.push(drain.serverMicros / total);
  // The first batches, and what is in flight at the end, are outside the SDK's count.
  const sdk = await measured("./hub-sdk.ts", [connectionString, HUB, String(Math.floor(total * 0.9))]);
  results.sdk.push(sdk.draw.events / sdk.draw.seconds);
  results.sdkCpu.push(sdk.draw.cpuMicros / sdk.draw.events);
}
print(
  `drain: ${Math.round(median(results.drain))} events/s, server ${median(results.drainCpu).toFixed(2)} µs CPU an event`,
);
print(
  `sdk:   ${Math.round(median(results.sdk))} events/s, client ${median(results.sdkCpu).toFixed(2)} µs CPU an event`,
);
print(`ratio: ${(median(results.drain) / median(results.sdk)).toFixed(2)}`);
await stop(server);
await rm(folder, { recursive: true });

async function measured(file: string, args: string[]): Promise<{ draw: Draw; serverMicros: number }> {
  const before = await cpuMicros();
  const drawn = await draw(file, args);
  return { draw: drawn, serverMicros: (await cpuMicros()) - before };
}

async function cpuMicros(): Promise<number> {
  const { cpu } = await server.ask<{ cpu: { user: number; system: number } }>({ stats: true });
  return cpu.user + cpu.system;
}

function rate(events: number, seconds: number): string {
  return Math.round(events / seconds).toString();
}
