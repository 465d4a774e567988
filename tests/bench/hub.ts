import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/**
 * The ceiling of the local hub: how fast a receiver that only counts frames can draw from it, against a no-op subscriber
 * of the SDK. Server and client are processes of their own, and take turns in one run.
 * Arguments: events a partition (default 100,000), rounds (3).
 */
const PARTITIONS = 4;
const BODY_BYTES = 1024;
const HUB = "bench";

type Draw = { events: number; seconds: number; cpuMicros: number };

const eventsPerPartition = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = await mkdtemp(path.join(tmpdir(), "hub-bench-"));
const config = path.join(folder, "Config.json");
const entity = { Name: HUB, PartitionCount: PARTITIONS, ConsumerGroups: [] };
await writeFile(config, JSON.stringify({ UserConfig: { NamespaceConfig: [{ Entities: [entity] }] } }));
const child = spawn(process.execPath, [fileOf("../../src/local/hub/process.ts"), "--config", config], {
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const { port, connectionString } = await answer<{ port: number; connectionString: string }>();

const body = JSON.stringify({ text: "x".repeat(BODY_BYTES - 11) });
const preloadStart = performance.now();
for (let partition = 0; partition < PARTITIONS; partition += 1) {
  await command({
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
  const drain = await measured("hub-drain.ts", [String(port), HUB, String(PARTITIONS), String(total)]);
  results.drain.push(drain.draw.events / drain.draw.seconds);
  results.drainCpu.push(drain.serverMicros / total);
  // The first batches, and what is in flight at the end, are outside the SDK's count.
  const sdk = await measured("hub-sdk.ts", [connectionString, HUB, String(Math.floor(total * 0.9))]);
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
child.stdin.end();
await once(child, "exit");
await rm(folder, { recursive: true });

async function measured(file: string, args: string[]): Promise<{ draw: Draw; serverMicros: number }> {
  const before = await cpuMicros();
  const client = spawn(process.execPath, [fileOf(`./${file}`), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.done === true) {
    throw new Error(`${file} ended without a result`);
  }
  await once(client, "exit");
  return { draw: JSON.parse(line.value), serverMicros: (await cpuMicros()) - before };
}

async function cpuMicros(): Promise<number> {
  const { cpu } = await command<{ cpu: { user: number; system: number } }>({ stats: true });
  return cpu.user + cpu.system;
}

function command<T>(value: object): Promise<T> {
  child.stdin.write(`${JSON.stringify(value)}\n`);
  return answer<T>();
}

async function answer<T>(): Promise<T> {
  const line = await answers.next();
  if (line.done === true) {
    throw new Error("the hub ended early");
  }
  return JSON.parse(line.value);
}

function fileOf(relative: string): string {
  return new URL(relative, import.meta.url).pathname;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function rate(events: number, seconds: number): string {
  return Math.round(events / seconds).toString();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
