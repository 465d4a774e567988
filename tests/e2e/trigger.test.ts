import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { type LocalIntake, startIntake } from "../../src/local/intake/server.ts";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { eventually } from "../support/eventually.ts";

const INTAKE_KEY = "an-intake-key-that-must-stay-secret";
const CONFIG = {
  UserConfig: {
    NamespaceConfig: [
      { Entities: [{ Name: "logs", PartitionCount: "4", ConsumerGroups: [{ Name: "sekoiaio" }] }] },
    ],
  },
};

let hub: LocalHubServer;
let storage: LocalStorage;
let intake: LocalIntake;

beforeAll(async () => {
  hub = await startHub({ config: CONFIG, port: 0 });
  storage = await startStorage();
  intake = await startIntake();
});

afterAll(async () => {
  await intake?.close();
  await hub?.close();
  await storage?.close();
});

/** Starts the trigger as the container does: a folder of platform files, and the platform's command. */
function startTrigger(containerName: string, more: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "symphony-"));
  const file = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  file("module_configuration", {});
  file("trigger_configuration", {
    hub_connection_string: hub.connectionString("logs"),
    hub_name: "logs",
    storage_connection_string: storage.connectionString,
    storage_container_name: containerName,
    intake_key: INTAKE_KEY,
    intake_server: intake.url,
    ...more,
  });
  const child = spawn(process.execPath, ["src/main.ts", "azure_eventhub_messages_trigger"], {
    env: { ...process.env, SYMPHONY_DIR: folder, LIVENESS_PORT: "0", METRICS_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  const exited = once(child, "exit") as Promise<[number | null]>;
  return {
    output: () => output,
    async stop() {
      const startedAtMs = Date.now();
      child.kill("SIGTERM");
      const [code] = await exited;
      rmSync(folder, { recursive: true, force: true });
      return { code, tookMs: Date.now() - startedAtMs };
    },
  };
}

async function checkpoints(containerName: string): Promise<Record<string, string | undefined>> {
  const container = new ContainerClient(storage.connectionString, containerName);
  const found: Record<string, string | undefined> = {};
  for await (const blob of container.listBlobsFlat({ includeMetadata: true })) {
    if (blob.name.includes("/checkpoint/")) {
      found[blob.name.split("/").at(-1) ?? ""] = blob.metadata?.["sequencenumber"];
    }
  }
  return found;
}

test("the trigger forwards 100,000 messages of four partitions byte for byte, drains at SIGTERM, and forwards none twice", async () => {
  const PER_PARTITION = 25_000;
  const wanted = new Set<string>();
  for (let partition = 0; partition < 4; partition++) {
    const bodies: Buffer[] = [];
    for (let index = 0; index < PER_PARTITION; index++) {
      const text = `{"id":"${partition}-${index}", "n":1.0,"big":12345678901234567890,"pad":"${"é".repeat(450)}"}`;
      wanted.add(text);
      bodies.push(Buffer.from(text));
    }
    hub.hub("logs").append(String(partition), bodies);
  }
  const first = startTrigger("exact");
  await eventually(() => intake.count() >= 100_000, first.output);
  const stopped = await first.stop();
  expect(stopped.code, first.output()).toBe(0);
  expect(stopped.tookMs).toBeLessThan(5000);
  expect(await checkpoints("exact")).toEqual({ 0: "24999", 1: "24999", 2: "24999", 3: "24999" });
  expect(intake.count()).toBe(100_000);
  for (const event of intake.events({ limit: 100_000 })) {
    wanted.delete(event.raw);
  }
  expect(wanted.size).toBe(0);

  const second = startTrigger("exact");
  hub.hub("logs").append("2", [Buffer.from("one more")]);
  await eventually(() => intake.count() > 100_000, second.output);
  expect((await second.stop()).code).toBe(0);
  expect(intake.count()).toBe(100_001);
  for (const secret of [
    INTAKE_KEY,
    "SAS_KEY_VALUE",
    /AccountKey=([^;]+)/.exec(storage.connectionString)?.[1] ?? "",
  ]) {
    expect(`${first.output()}${second.output()}`).not.toContain(secret);
  }
}, 150_000);
