import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startHub } from "../../src/local/hub/server.ts";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { IMAGE_ENVIRONMENT, writePlatformFiles } from "../bench/support.ts";
import { configOf, HUB } from "./support.ts";

const PARTITIONS = 8;
const MESSAGES = 12;
const RECORDS = 300_000;
const MAX_RSS_MIB = 300;

/** An intake that takes requests and never answers. */
async function startHungIntake() {
  let requests = 0;
  const server = createServer((request) => {
    requests++;
    request.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

/** 26 million records were pending, and 899 MiB of memory taken, since only the bytes of messages were bounded. */
test("eight partitions of 1 MB messages of 300,000 records, and an intake that hangs, take 300 MiB at most", async () => {
  const storage = await startStorage();
  onTestFinished(() => storage.close());
  const hub = await startHub({ config: configOf(PARTITIONS), port: 0 });
  onTestFinished(() => hub.close());
  const intake = await startHungIntake();
  const message = Buffer.from(`[${Array<string>(RECORDS).fill("{}").join()}]`);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    hub.hub(HUB).append(String(partition), Array<Buffer>(MESSAGES).fill(message));
  }
  const folder = mkdtempSync(path.join(tmpdir(), "symphony-"));
  await writePlatformFiles(folder, {
    hubName: HUB,
    hubString: hub.connectionString(HUB),
    storageString: storage.connectionString,
    containerName: "many-records",
    intakeUrl: intake.url,
  });
  const args = ["--disable-warning=ExperimentalWarning", "src/main.ts", "azure_eventhub_messages_trigger"];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...IMAGE_ENVIRONMENT, SYMPHONY_DIR: folder },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true });
  });
  await expect.poll(() => intake.requests(), { timeout: 60_000 }).toBeGreaterThan(0);
  // Nothing more comes, in records or in messages.
  const sent: number[] = [];
  const isStill = () => {
    sent.push(hub.stats().sentTransfers + intake.requests());
    return sent.length > 4 && sent.slice(-4).every((each) => each === sent.at(-1));
  };
  await expect.poll(isStill, { timeout: 60_000, interval: 1000 }).toBe(true);
  const peakMib =
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  expect(peakMib).toBeGreaterThan(50);
  expect(peakMib).toBeLessThanOrEqual(MAX_RSS_MIB);
}, 150_000);
