import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startStorage } from "../../src/local/storage/azurite.ts";
import {
  build,
  cpuMillis,
  fileOf,
  hubConfig,
  IMAGE_ENVIRONMENT,
  median,
  print,
  rssMib,
  start,
  stop,
  writePlatformFiles,
} from "./support.ts";

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

type Draw = { readonly rate: number; readonly cpuMicros: number; readonly rssMib: number };
type Trigger = { readonly child: ChildProcess; readonly pids: readonly number[] };

const eventsPerPartition = Number(process.argv[2] ?? 25_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = await mkdtemp(path.join(tmpdir(), "workers-bench-"));
build();
const storage = await startStorage({});
const config = path.join(folder, "Config.json");
await writeFile(config, JSON.stringify(hubConfig("bench", PARTITIONS)));

print("case                               | processes | events/s | CPU µs an event | peak RSS of all");
for (const { title, latencyMs } of CASES) {
  const draws = new Map<number, Draw[]>([1, 2].map((workers) => [workers, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [workers, drawn] of draws) drawn.push(await draw(workers, latencyMs));
  }
  for (const [workers, drawn] of draws) {
    const [rate, cpuMicros, rssMib] = (["rate", "cpuMicros", "rssMib"] as const).map((name) =>
      median(drawn.map((each) => each[name])),
    );
    print(
      `${title.padEnd(34)} | ${String(workers).padStart(9)} | ${rate?.toFixed(0).padStart(8)} | ` +
        `${cpuMicros?.toFixed(2).padStart(15)} | ${rssMib?.toFixed(0).padStart(11)} MiB`,
    );
  }
}
await storage.close();
await rm(folder, { recursive: true });

async function draw(workers: number, latencyMs: number): Promise<Draw> {
  const hub = await start("../../src/local/hub/process.ts", ["--config", config]);
  const intake = await start("./discard-intake.ts", [String(latencyMs)]);
  const { child, pids } = await startTrigger(workers, hub.first["connectionString"], intake.first["url"]);
  const cpuBefore = await sumOf(pids, cpuMillis);
  const startedAt = performance.now();
  const bodies = [JSON.stringify({ category: "Devices", text: "x".repeat(992) })];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await hub.ask({
      append: { hub: "bench", partitionId: String(partition), bodies, times: eventsPerPartition },
    });
  }
  const total = eventsPerPartition * PARTITIONS;
  let mostMib = 0;
  while ((await intake.ask<{ count: number }>({})).count < total) {
    mostMib = Math.max(mostMib, await sumOf(pids, rssMib));
    await sleep(20);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMicros = (((await sumOf(pids, cpuMillis)) - cpuBefore) * 1000) / total;
  child.kill("SIGTERM");
  await once(child, "exit");
  await stop(intake);
  await stop(hub);
  return { rate: total / seconds, cpuMicros, rssMib: mostMib };
}

/** @returns when each process has its share of the partitions. */
async function startTrigger(workers: number, hubString = "", intakeUrl = ""): Promise<Trigger> {
  const symphony = await mkdtemp(path.join(folder, "symphony-"));
  const servers = {
    hubName: "bench",
    hubString,
    storageString: storage.connectionString,
    containerName: `bench-${path.basename(symphony).slice(-6).toLowerCase()}`,
    intakeUrl,
  };
  await writePlatformFiles(symphony, servers, { workers });
  const child = spawn(process.execPath, [fileOf("../../dist/main.js"), "azure_eventhub_messages_trigger"], {
    env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: symphony },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pids = [child.pid ?? 0];
  /** What each worker reads; its own lines come in order, those of two do not. */
  const shares = new Map<unknown, Set<string>>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { message, fields } = JSON.parse(line);
    if (/^worker \d+ is started$/.test(message)) pids.push(fields.pid);
    const [, partition = "", fate] = /^partition (\d+) is (read|another)/.exec(message) ?? [];
    if (fate === undefined) return;
    const share = shares.get(fields?.worker) ?? new Set();
    shares.set(fields?.worker, share);
    if (fate === "read") share.add(partition);
    else share.delete(partition);
  });
  const isShared = () =>
    shares.size === workers && [...shares.values()].every(({ size }) => size === PARTITIONS / workers);
  while (!isShared()) await sleep(100);
  // Until the ways that changed hands are at rest.
  await sleep(2000);
  return { child, pids };
}

async function sumOf(pids: readonly number[], figure: (pid: number) => Promise<number>): Promise<number> {
  const figures = await Promise.all(pids.map(figure));
  return figures.reduce((sum, each) => sum + each, 0);
}
