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
import { build, fileOf, hubConfig, IMAGE_ENVIRONMENT, print, rssMib, writePlatformFiles } from "./support.ts";

/**
 * A steady load for a long time: numbered records at an even rate, tokens renewed each minute, the connection dropped
 * each five minutes. Each record must come, and the memory must not grow.
 * Arguments: minutes (default 30), records a second (5,000). Ends with exit code 1 if a record was lost.
 */
const PARTITIONS = 4;
const RECORD_BYTES = 1024;
const TICK_MS = 20;
const DROP_EVERY_MS = 5 * 60_000;
const SAMPLE_EVERY_MS = 5000;

const minutes = Number(process.argv[2] ?? 30);
const rate = Number(process.argv[3] ?? 5000);
const folder = await mkdtemp(path.join(tmpdir(), "soak-"));
build();

const total = Math.floor(minutes * 60 * rate);
const seen = new Uint8Array(total);
let duplicates = 0;
const storage = await startStorage({});
const hub = await startHub({
  config: hubConfig("soak", PARTITIONS),
  port: 0,
  retention: { maxEvents: 1_000_000, maxBytes: 64 * 2 ** 20 },
});
const intake = await startIntake({
  discard: true,
  onAccepted(raw) {
    const number = Number(raw.slice(5, raw.indexOf(",")));
    if (seen[number] === 0) {
      seen[number] = 1;
    } else {
      duplicates++;
    }
  },
});
await writePlatformFiles(folder, {
  hubName: "soak",
  hubString: hub.connectionString(),
  storageString: storage.connectionString,
  containerName: "soak",
  intakeUrl: intake.url,
});
const trigger = spawn(process.execPath, [fileOf("./soak-run.js")], {
  stdio: ["pipe", "ignore", "inherit"],
  env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: folder },
});
const exited = once(trigger, "exit");

const samples: number[] = [];
const pad = "x".repeat(RECORD_BYTES - 30);
const startedAt = performance.now();
let sent = 0;
let drops = 0;
let nextSampleMs = SAMPLE_EVERY_MS;
let nextDropMs = DROP_EVERY_MS;
while (sent < total) {
  const elapsedMs = performance.now() - startedAt;
  send(Math.min(total, Math.floor((elapsedMs / 1000) * rate)));
  if (elapsedMs >= nextSampleMs) {
    nextSampleMs += SAMPLE_EVERY_MS;
    samples.push(await rssMib(trigger.pid ?? 0));
  }
  if (elapsedMs >= nextDropMs) {
    nextDropMs += DROP_EVERY_MS;
    drops += hub.faults.dropConnections();
  }
  await wait(TICK_MS);
}
const deadline = performance.now() + 60_000;
while (missing() > 0 && performance.now() < deadline) {
  await wait(500);
}
trigger.kill("SIGTERM");
const [code] = await exited;
const lost = missing();
await intake.close();
await hub.close();
await storage.close();
await rm(folder, { recursive: true });

const minute = Math.max(1, Math.floor(60_000 / SAMPLE_EVERY_MS));
const afterStart = samples.slice(Math.min(samples.length - 1, minute));
print(`${sent} records of ${RECORD_BYTES} bytes in ${minutes} min, ${drops} connections dropped`);
print(`lost ${lost}, duplicated ${duplicates}, exit code ${code}`);
print(
  `RSS: ${mean(afterStart.slice(0, minute)).toFixed(0)} MiB in the second minute, ${mean(samples.slice(-minute)).toFixed(0)} MiB in the last, at most ${Math.max(...samples).toFixed(0)} MiB`,
);
process.exitCode = lost === 0 && code === 0 ? 0 : 1;

function send(until: number): void {
  const bodies: Buffer[][] = Array.from({ length: PARTITIONS }, () => []);
  for (; sent < until; sent++) {
    bodies[sent % PARTITIONS]?.push(Buffer.from(`{"n":${sent},"pad":"${pad}"}`));
  }
  for (const [partition, list] of bodies.entries()) {
    if (list.length > 0) {
      hub.hub("soak").append(String(partition), list);
    }
  }
}

function missing(): number {
  let count = 0;
  for (const times of seen) {
    if (times === 0) {
      count++;
    }
  }
  return count;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
