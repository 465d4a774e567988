import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { startStorage } from "../../src/local/storage/azurite.ts";
import {
  build,
  cpuMillis,
  fileOf,
  IMAGE_ENVIRONMENT,
  print,
  start,
  stop,
  writePlatformFiles,
} from "./support.ts";

/**
 * How long an event takes from the hub's log to the intake, at steady rates. Hub, intake and connector are processes of
 * their own on the same cores; what each of them takes of a core is told, and what all others of the machine take.
 * Arguments: seconds a rate (default 10), partitions (4), the rates (5, 200, 2,000, 20,000).
 */
const seconds = Number(process.argv[2] ?? 10);
const partitions = Number(process.argv[3] ?? 4);
const rates = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [5, 200, 2000, 20_000];
const LOOK_MS = 50;

type Report = {
  readonly events: number;
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
};

const folder = await mkdtemp(path.join(tmpdir(), "latency-bench-"));
build();
const storage = await startStorage({});
const hub = await start("./latency-hub.ts", [String(partitions)]);
const intake = await start("./latency-intake.ts", []);
await writePlatformFiles(path.join(folder, "symphony"), {
  hubName: "bench",
  hubString: hub.first["connectionString"] ?? "",
  storageString: storage.connectionString,
  containerName: "latency-bench",
  intakeUrl: intake.first["url"] ?? "",
});
const connector = spawn(process.execPath, [fileOf("../../dist/main.js"), "azure_eventhub_messages_trigger"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: path.join(folder, "symphony") },
});
const exited = once(connector, "exit");
const pids = [connector.pid, hub.child.pid, intake.child.pid].map((pid) => pid ?? 0);

// The first events find the connector and its links ready, and its code warm.
await send(2000, 5);
print(`load ${loadavg()[0]?.toFixed(1)} before the start, ${availableParallelism()} cores`);
print("events/s |   p50 ms |   p99 ms |   max ms | requests/s | of a core: connector, hub, intake, others");
for (const rate of rates) {
  const startedAt = performance.now();
  const before = await Promise.all(pids.map(cpuMillis));
  const machineBefore = await machineMillis();
  const { requests, p50, p99, most } = await send(rate, seconds);
  const tookMs = performance.now() - startedAt;
  const used = await Promise.all(
    pids.map(async (pid, index) => (await cpuMillis(pid)) - (before[index] ?? 0)),
  );
  const others = (await machineMillis()) - machineBefore - used.reduce((sum, each) => sum + each, 0);
  const shares = [...used, others].map((millis) => `${((100 * millis) / tookMs).toFixed(0).padStart(3)} %`);
  const columns = [p50, p99, most].map((ms) => ms.toFixed(0).padStart(8));
  const perSecond = (requests / seconds).toFixed(1).padStart(10);
  print([String(rate).padStart(8), ...columns, perSecond, shares.join(", ")].join(" | "));
}
connector.kill("SIGTERM");
await exited;
await stop(hub);
await stop(intake);
await storage.close();
await rm(folder, { recursive: true });

/** Sends at a steady rate, and waits until all has arrived. */
async function send(rate: number, forSeconds: number): Promise<Report> {
  const { sent } = await hub.ask<{ sent: number }>({ rate, seconds: forSeconds });
  for (;;) {
    const { events } = await intake.ask<{ events: number }>({ count: true });
    if (events >= sent) {
      return intake.ask<Report>({});
    }
    await wait(LOOK_MS);
  }
}

/** CPU time of all processes of the machine. */
async function machineMillis(): Promise<number> {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (await readFile("/proc/stat", "utf8"))
    .split("\n", 1)
    .join()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq) * 10;
}
