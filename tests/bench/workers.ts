import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startStorage } from "../../src/local/storage/azurite.ts";

/**
 * One process against two workers (`WORKERS=2`) that have shared 8 partitions evenly before the first event comes; both
 * take turns, and the medians are compared. Time and CPU are those of all processes of the trigger, seen from outside.
 * Arguments: events a partition (default 25,000), rounds (3).
 */
const PARTITIONS = 8;
const FLAGS = ["--disable-warning=ExperimentalWarning"];
/** As the Dockerfile has it. */
const IMAGE_OPTIONS = "--max-semi-space-size=4";
const CASES = [
  { title: "1 KB, the intake answers at once", latencyMs: 0 },
  { title: "1 KB, the intake answers after 1 s", latencyMs: 1000 },
] as const;

type Draw = { readonly rate: number; readonly cpuMicros: number; readonly rssMib: number };
type Server = {
  readonly child: ChildProcess;
  readonly first: Record<string, string>;
  ask(line: object): Promise<Answer>;
};
type Answer = { readonly count?: number };
type Trigger = { readonly child: ChildProcess; readonly pids: readonly number[] };

const eventsPerPartition = Number(process.argv[2] ?? 25_000);
const rounds = Number(process.argv[3] ?? 3);
const root = path.join(import.meta.dirname, "../..");
const folder = await mkdtemp(path.join(tmpdir(), "workers-bench-"));
execFileSync(path.join(root, "node_modules/.bin/tsc"), ["-p", path.join(root, "tsconfig.build.json")]);
const storage = await startStorage({});
const entity = { Name: "bench", PartitionCount: PARTITIONS, ConsumerGroups: [] };
const hubConfig = path.join(folder, "Config.json");
await writeFile(hubConfig, JSON.stringify({ UserConfig: { NamespaceConfig: [{ Entities: [entity] }] } }));

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
  const hub = await start("src/local/hub/process.ts", ["--config", hubConfig]);
  const intake = await start("tests/bench/discard-intake.ts", [String(latencyMs)]);
  const { child, pids } = await startTrigger(workers, hub.first["connectionString"], intake.first["url"]);
  const cpuBefore = await cpuMillis(pids);
  const startedAt = performance.now();
  const bodies = [JSON.stringify({ category: "Devices", text: "x".repeat(992) })];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await hub.ask({
      append: { hub: "bench", partitionId: String(partition), bodies, times: eventsPerPartition },
    });
  }
  const total = eventsPerPartition * PARTITIONS;
  let rssMib = 0;
  while (((await intake.ask({})).count ?? 0) < total) {
    rssMib = Math.max(rssMib, await rssOf(pids));
    await sleep(20);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMicros = (((await cpuMillis(pids)) - cpuBefore) * 1000) / total;
  child.kill("SIGTERM");
  await once(child, "exit");
  for (const server of [intake, hub]) {
    server.child.stdin?.end();
    await once(server.child, "exit");
  }
  return { rate: total / seconds, cpuMicros, rssMib };
}

/** @returns when each process has its share of the partitions. */
async function startTrigger(workers: number, hubString = "", intakeUrl = ""): Promise<Trigger> {
  const symphony = await mkdtemp(path.join(folder, "symphony-"));
  const settings = {
    hub_connection_string: hubString,
    hub_name: "bench",
    hub_consumer_group: "$Default",
    storage_connection_string: storage.connectionString,
    storage_container_name: `bench-${path.basename(symphony).slice(-6).toLowerCase()}`,
    intake_key: "bench-key",
    intake_server: intakeUrl,
  };
  const files = {
    module_configuration: {},
    trigger_configuration: settings,
    liveness_port: 0,
    metrics_port: 0,
    workers,
  };
  for (const [name, value] of Object.entries(files)) {
    await writeFile(path.join(symphony, name), JSON.stringify(value));
  }
  const child = spawn(
    process.execPath,
    [path.join(root, "dist/main.js"), "azure_eventhub_messages_trigger"],
    {
      env: { ...process.env, NODE_OPTIONS: IMAGE_OPTIONS, SYMPHONY_DIR: symphony },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
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

async function start(file: string, args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, [...FLAGS, path.join(root, file), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${file} ended early`);
    return JSON.parse(line.value);
  };
  const first = await next();
  return {
    child,
    first,
    ask: (line) => {
      child.stdin.write(`${JSON.stringify(line)}\n`);
      return next();
    },
  };
}

async function rssOf(pids: readonly number[]): Promise<number> {
  const statuses = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, "utf8")));
  return statuses.reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024, 0);
}

/** User and system time; the kernel counts in hundredths of a second. */
async function cpuMillis(pids: readonly number[]): Promise<number> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8")));
  return stats.reduce((sum, stat) => {
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
