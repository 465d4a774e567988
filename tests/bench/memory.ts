import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { startHub } from "../support/hub-faults.ts";
import { startIntake } from "../support/intake-faults.ts";
import {
  build,
  cpuMillis,
  fileOf,
  hubConfig,
  IMAGE_ENVIRONMENT,
  print,
  rssMib,
  writePlatformFiles,
} from "./support.ts";

/**
 * The trigger's memory and idle load on a hub of 32 partitions: fresh, with the intake down while 1,000,000 events wait,
 * then at full speed, then idle again. Arguments: events (1,000,000), seconds of each quiet phase (30).
 */
const PARTITIONS = 32;
const SAMPLE_MS = 200;

const events = Number(process.argv[2] ?? 1_000_000);
const seconds = Number(process.argv[3] ?? 30);
const folder = await mkdtemp(path.join(tmpdir(), "memory-"));
build();
const storage = await startStorage({});
const hub = await startHub({
  config: hubConfig("memory", PARTITIONS),
  port: 0,
});
const intake = await startIntake({ discard: true });
await writePlatformFiles(folder, {
  hubName: "memory",
  hubString: hub.connectionString(),
  storageString: storage.connectionString,
  containerName: "memory",
  intakeUrl: intake.url,
});
const trigger = spawn(process.execPath, [fileOf("../../dist/main.js"), "azure_eventhub_messages_trigger"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: folder },
});
const exited = once(trigger, "exit");
const pid = trigger.pid ?? 0;

// Connected, balanced, and its code compiled.
await wait(15_000);
report("fresh and idle", await watch(() => false));
await intake.faults.down();
const body = Buffer.from(JSON.stringify({ category: "Devices", text: "x".repeat(990) }));
const batch = Array<Buffer>(1000).fill(body);
for (let sent = 0; sent < events; sent += batch.length) {
  hub.hub("memory").append(String((sent / batch.length) % PARTITIONS), batch);
}
report(`intake down, ${events} events waiting`, await watch(() => false));
await intake.faults.up();
report("full speed", await watch(() => intake.count() >= events, 600));
// The memory of a burst is given back within three looks of a quarter of a minute.
await wait(50_000);
report("idle", await watch(() => false));
trigger.kill("SIGTERM");
const [code] = await exited;
print(`${intake.count()} events accepted, exit code ${code}`);
await intake.close();
await hub.close();
await storage.close();
await rm(folder, { recursive: true });

type Phase = { seconds: number; mostRssMib: number; lastRssMib: number; cpuShare: number };

async function watch(isOver: () => boolean, maxSeconds = seconds): Promise<Phase> {
  const startedAt = performance.now();
  const cpuBefore = await cpuMillis(pid);
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const samples: number[] = [];
  while (!isOver() && elapsed() < maxSeconds) {
    samples.push(await rssMib(pid));
    await wait(SAMPLE_MS);
  }
  const took = elapsed();
  const lastRssMib = samples.at(-1) ?? 0;
  return {
    seconds: took,
    mostRssMib: Math.max(...samples),
    lastRssMib,
    cpuShare: ((await cpuMillis(pid)) - cpuBefore) / 1000 / took,
  };
}

function report(name: string, { seconds: took, mostRssMib, lastRssMib, cpuShare }: Phase): void {
  print(
    `${name}: ${took.toFixed(1)} s, RSS at most ${mostRssMib.toFixed(0)} MiB, at the end ${lastRssMib.toFixed(0)} MiB, ${(cpuShare * 100).toFixed(1)} % of a core`,
  );
}
