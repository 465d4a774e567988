import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import {
  cpuMillis,
  type Draw,
  fileOf,
  hubConfig,
  IMAGE_ENVIRONMENT,
  rssMib,
  start,
  stop,
  writePlatformFiles,
} from "./support.ts";

type Trigger = { readonly child: ChildProcess; readonly pids: readonly number[] };

export type ProcessesCase = {
  readonly inFlightMib: number;
  readonly partitions: number;
  readonly eventsPerPartition: number;
  readonly latencyMs: number;
};

const RECORD_BYTES = 1024;

/**
 * Forwards events by the whole trigger as a process, counted from when the hub has them all until the intake has nine tenths:
 * the last chunks, which are not full, wait for their age.
 * @param folder Takes the files of the run.
 * @returns time, CPU and memory of the process, seen from outside.
 */
export async function drawProcesses(
  each: ProcessesCase,
  folder: string,
  storageString: string,
): Promise<Draw> {
  const { inFlightMib, partitions, eventsPerPartition, latencyMs } = each;
  const config = path.join(folder, "Processes.json");
  await writeFile(config, JSON.stringify(hubConfig("bench", partitions)));
  const hub = await start("../../src/local/hub/process.ts", ["--config", config]);
  const intake = await start("./discard-intake.ts", [String(latencyMs)]);
  const { child, pids } = await startTrigger(inFlightMib, partitions, folder, {
    hubString: hub.first["connectionString"] ?? "",
    intakeUrl: intake.first["url"] ?? "",
    storageString,
  });
  const bodies = [JSON.stringify({ category: "Devices", text: "x".repeat(RECORD_BYTES - 32) })];
  for (let partition = 0; partition < partitions; partition++) {
    await hub.ask({
      append: { hub: "bench", partitionId: String(partition), bodies, times: eventsPerPartition },
    });
  }
  const accepted = async () => (await intake.ask<{ count: number }>({})).count;
  const cpuBefore = await sumOf(pids, cpuMillis);
  const startedAt = performance.now();
  const before = await accepted();
  const target = eventsPerPartition * partitions * 0.9;
  let mostMib = 0;
  let count = before;
  while (count < target) {
    mostMib = Math.max(mostMib, await sumOf(pids, rssMib));
    await sleep(20);
    count = await accepted();
  }
  const events = count - before;
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMicros = ((await sumOf(pids, cpuMillis)) - cpuBefore) * 1000;
  child.kill("SIGTERM");
  await once(child, "exit");
  await stop(intake);
  await stop(hub);
  return { events, seconds, cpuMicros, rssBytes: mostMib * 2 ** 20 };
}

/** @returns when the process reads all partitions. */
async function startTrigger(
  inFlightMib: number,
  partitions: number,
  folder: string,
  servers: { readonly hubString: string; readonly intakeUrl: string; readonly storageString: string },
): Promise<Trigger> {
  const symphony = await mkdtemp(path.join(folder, "symphony-"));
  const containerName = `bench-${path.basename(symphony).slice(-6).toLowerCase()}`;
  await writePlatformFiles(
    symphony,
    { ...servers, hubName: "bench", containerName },
    { in_flight_mib: inFlightMib },
  );
  const child = spawn(process.execPath, [fileOf("../../dist/main.js"), "azure_eventhub_messages_trigger"], {
    env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: symphony },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pids = [child.pid ?? 0];
  const read = new Set<string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [, partition = ""] = /^partition (\d+) is read/.exec(JSON.parse(line).message) ?? [];
    if (partition !== "") {
      read.add(partition);
    }
  });
  while (read.size < partitions) {
    await sleep(100);
  }
  return { child, pids };
}

async function sumOf(pids: readonly number[], figure: (pid: number) => Promise<number>): Promise<number> {
  const figures = await Promise.all(pids.map(figure));
  return figures.reduce((sum, each) => sum + each, 0);
}
