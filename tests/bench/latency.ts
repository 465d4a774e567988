import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { startIntake } from "../../src/local/intake/server.ts";
import { startStorage } from "../../src/local/storage/azurite.ts";
import {
  build,
  fileOf,
  hubConfig,
  IMAGE_ENVIRONMENT,
  print,
  start,
  stop,
  writePlatformFiles,
} from "./support.ts";

/**
 * How long an event takes from the hub's log to the intake, at steady rates. Hub and connector are processes of their
 * own on the same cores. Arguments: seconds a rate (default 10), partitions (4), the rates (5, 200, 2,000, 20,000).
 */
const seconds = Number(process.argv[2] ?? 10);
const partitions = Number(process.argv[3] ?? 4);
const rates = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [5, 200, 2000, 20_000];
const TICK_MS = 10;

const folder = await mkdtemp(path.join(tmpdir(), "latency-bench-"));
build();
const storage = await startStorage({});
const config = path.join(folder, "Config.json");
await writeFile(config, JSON.stringify(hubConfig("bench", partitions)));
const hub = await start("../../src/local/hub/process.ts", ["--config", config]);
let latencies: number[] = [];
const intake = await startIntake({
  discard: true,
  onAccepted: (raw) => {
    latencies.push(performance.now() - Number(/"at":([\d.]+)/.exec(raw)?.[1]));
  },
});
await writePlatformFiles(path.join(folder, "symphony"), {
  hubName: "bench",
  hubString: hub.first["connectionString"] ?? "",
  storageString: storage.connectionString,
  containerName: "latency-bench",
  intakeUrl: intake.url,
});
const connector = spawn(process.execPath, [fileOf("./connector-run.js"), String(Number.MAX_SAFE_INTEGER)], {
  stdio: ["pipe", "ignore", "inherit"],
  env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: path.join(folder, "symphony") },
});
// The first events find the connector and its links ready, and its code warm.
await send(2000, 3);
print("events/s |   p50 ms |   p99 ms |   max ms | requests/s");
for (const rate of rates) {
  latencies = [];
  const requests = intake.stats().requests;
  await send(rate, seconds);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0).padStart(8);
  const perSecond = ((intake.stats().requests - requests) / seconds).toFixed(1).padStart(10);
  print(`${String(rate).padStart(8)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${perSecond}`);
}
connector.stdin.end();
await once(connector, "exit");
await stop(hub);
await intake.close();
await storage.close();
await rm(folder, { recursive: true });

/** Sends at a steady rate, and waits until all has arrived. */
async function send(rate: number, forSeconds: number): Promise<void> {
  const total = rate * forSeconds;
  const before = latencies.length;
  const startedAt = performance.now();
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1);
    const bodies: string[][] = Array.from({ length: partitions }, () => []);
    for (; sent < due; sent++) {
      const body = `{"at":${performance.now()},"number":${sent},"text":"${"x".repeat(400)}"}`;
      bodies[sent % partitions]?.push(body);
    }
    for (const [partition, each] of bodies.entries()) {
      if (each.length > 0)
        await hub.ask({ append: { hub: "bench", partitionId: String(partition), bodies: each } });
    }
    await wait(TICK_MS);
  }
  while (latencies.length - before < total) await wait(TICK_MS);
}
