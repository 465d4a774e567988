import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type LocalStack, startStack } from "../../src/local/stack.ts";
import { isAlive } from "../support/processes.ts";

const HUB = "shared";
const PARTITIONS = 8;
const INTAKE_KEY = "the-key-that-workers-must-not-tell";
const LEASES = { ownershipExpiryMs: 5000, ownershipUpdateMs: 500 };
/** The container's entry with short leases, so that what a dead worker owned is soon read by others. */
const ENTRY = "tests/chaos/worker.ts";

type Entry = {
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
};

let stack: LocalStack;

beforeAll(async () => {
  const Entities = [
    { Name: HUB, PartitionCount: String(PARTITIONS), ConsumerGroups: [{ Name: "sekoiaio" }] },
  ];
  stack = await startStack({
    hubConfig: { UserConfig: { NamespaceConfig: [{ Entities }] } },
    intake: { keys: [INTAKE_KEY] },
  });
});

afterAll(() => stack?.close());

function startWithTwoWorkers(containerName: string) {
  const folder = mkdtempSync(join(tmpdir(), "workers-"));
  stack.writePlatformFiles(folder, {
    hub_connection_string: stack.hub.connectionString(HUB),
    hub_name: HUB,
    storage_connection_string: stack.storage.connectionString,
    storage_container_name: containerName,
    intake_key: INTAKE_KEY,
    intake_server: stack.intake.url,
  });
  const child = spawn(process.execPath, [ENTRY, "azure_eventhub_messages_trigger"], {
    env: { ...process.env, SYMPHONY_DIR: folder, LEASES: JSON.stringify(LEASES), WORKERS: "2" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const entries: Entry[] = [];
  const seen = { text: "" };
  createInterface({ input: child.stdout }).on("line", (line) => {
    seen.text += `${line}\n`;
    entries.push(JSON.parse(line));
  });
  child.stderr.on("data", (piece: Buffer) => {
    seen.text += piece.toString();
  });
  const exited = once(child, "close") as Promise<[number | null]>;
  const pids = () => entries.filter(isStart).map(({ fields }) => Number(fields?.["pid"]));
  onTestFinished(() => {
    for (const pid of [child.pid, ...pids()])
      if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const page = async (path: string) => {
    const port = entries.find(({ message }) => message === `${path} is served`)?.fields?.["port"];
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  /** The sum of all series of the metric that have these labels. */
  const metric = async (name: string, labels = "") =>
    (await page("/metrics")).text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  return { child, entries, seen, exited, pids, page, metric };
}

type Trigger = ReturnType<typeof startWithTwoWorkers>;

const isStart = ({ message }: Entry) => /^worker \d is started$/.test(message);

/** How many partitions each worker reads, by what it logs; its own lines come in order, those of two do not. */
function shares({ entries }: Trigger): number[] {
  return [1, 2].map((worker) => {
    const share = new Set<string>();
    for (const { message, fields } of entries) {
      if (fields?.["worker"] !== worker) continue;
      const [, partition = "", fate] = /^partition (\d) is (read|another)/.exec(message) ?? [];
      if (fate === "read") share.add(partition);
      if (fate === "another") share.delete(partition);
      // Another process in the same place begins with none.
      if (isStart({ level: "info", message })) share.clear();
    }
    return share.size;
  });
}

const eventually = (read: () => unknown, what: Trigger) =>
  expect.poll(read, { timeout: 30_000, interval: 50, message: what.seen.text.slice(-3000) });

function append(prefix: string, each: number): string[] {
  const texts: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const some = Array.from({ length: each + partition }, (_, index) => `${prefix}-${partition}-${index}`);
    stack.hub.hub(HUB).append(
      String(partition),
      some.map((text) => Buffer.from(text)),
    );
    texts.push(...some);
  }
  return texts.sort();
}

const arrived = (prefix: string) =>
  stack.intake
    .events({ limit: 100_000 })
    .map(({ raw }) => raw)
    .filter((raw) => raw.startsWith(prefix))
    .sort();

test("two workers share eight partitions, tell one story, survive a kill and drain together", async () => {
  const trigger = startWithTwoWorkers("two");
  const open = () => trigger.metric("eventhub_intake_open_partitions");
  await eventually(async () => [...shares(trigger), await open()], trigger).toEqual([4, 4, PARTITIONS]);
  const first = append("first", 500);
  await eventually(() => arrived("first").length, trigger).toBeGreaterThanOrEqual(first.length);
  expect(arrived("first")).toEqual(first);

  const forwarded = "symphony_module_common_forwarded_events_total";
  await eventually(() => trigger.metric(forwarded), trigger).toBe(first.length);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const labels = `partition="${partition}"`;
    expect(await trigger.metric("eventhub_intake_settled_records_total", labels)).toBe(500 + partition);
    expect(await trigger.metric("eventhub_intake_lag_events", labels)).toBe(0);
  }
  expect(await open()).toBe(PARTITIONS);
  expect(await trigger.metric("eventhub_intake_worker_restarts_total")).toBe(0);
  expect((await trigger.page("/health")).status).toBe(200);
  const { total, partitions } = JSON.parse((await trigger.page("/ledger")).text);
  expect(total).toMatchObject({ forwarded: first.length, pending: 0, imbalance: 0 });
  expect(partitions).toHaveLength(PARTITIONS);
  const ledger = "eventhub_intake_ledger_records";
  expect(await trigger.metric(ledger, 'account="forwarded"')).toBe(first.length);

  const [victim = 0, survivor = 0] = trigger.pids();
  process.kill(victim, "SIGKILL");
  const second = append("second", 300);
  await eventually(() => [...new Set(arrived("second"))].length, trigger).toBe(second.length);
  expect([...new Set(arrived("second"))]).toEqual(second);
  await eventually(() => trigger.pids().length, trigger).toBe(3);
  await eventually(() => shares(trigger), trigger).toEqual([4, 4]);
  const third = append("third", 10);
  await eventually(() => arrived("third").length, trigger).toBeGreaterThanOrEqual(third.length);
  expect(trigger.entries).toContainEqual(
    expect.objectContaining({
      level: "error",
      message: "worker 1 died (SIGKILL) and is started again; what it had not checkpointed is read again",
    }),
  );
  expect(await trigger.metric("eventhub_intake_worker_restarts_total")).toBe(1);
  const least = first.length + third.length;
  await eventually(() => trigger.metric(forwarded), trigger).toBeGreaterThanOrEqual(least);

  const startedAtMs = Date.now();
  trigger.child.kill("SIGTERM");
  expect(await trigger.exited, trigger.seen.text.slice(-3000)).toEqual([0, null]);
  expect(Date.now() - startedAtMs).toBeLessThan(8000);
  expect([survivor, ...trigger.pids()].filter(isAlive)).toEqual([]);
  const container = new ContainerClient(stack.storage.connectionString, "two");
  const owners: unknown[] = [];
  const positions: unknown[] = [];
  for await (const { name, metadata } of container.listBlobsFlat({ includeMetadata: true })) {
    if (name.includes("/ownership/")) owners.push(metadata?.["ownerid"]);
    if (name.includes("/checkpoint/")) positions.push(Number(metadata?.["sequencenumber"]));
  }
  expect(owners).toEqual(Array.from({ length: PARTITIONS }, () => ""));
  expect(positions).toEqual(Array.from({ length: PARTITIONS }, (_, partition) => 809 + 3 * partition));
  expect(trigger.seen.text).not.toContain(INTAKE_KEY);
}, 120_000);
