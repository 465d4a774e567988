import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Leases } from "../../src/app/forward.ts";
import { type FaultyStack, startStack } from "../support/faulty-stack.ts";
import { Blobs } from "./blobs.ts";
import { Random } from "./random.ts";
import { type StorageProxy, startStorageProxy } from "./storage-proxy.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";
import { WorkerProcess } from "./worker-process.ts";

export const HUB = "chaos";
export const GROUP = "sekoiaio";
const CONTAINER = "chaos-checkpoints";
const SEND_EVERY_MS = 50;
const MEMORY_EVERY_MS = 500;

export type WorldOptions = {
  readonly seed: number;
  readonly partitions: number;
  readonly processes: number;
  readonly leases: Leases;
  /** How long outages last. */
  readonly outageMs: number;
};

/** Everything a chaos run is about: servers, processes, traffic and what arrived. */
export class World {
  readonly options: WorldOptions;
  readonly random: Random;
  readonly hub: FaultyStack["hub"];
  readonly intake: FaultyStack["intake"];
  readonly proxy: StorageProxy;
  readonly blobs: Blobs;
  readonly traffic: Traffic;
  readonly tally: Tally;
  readonly workers: WorkerProcess[] = [];
  /** Those that have ended as well. */
  readonly everyWorker: WorkerProcess[] = [];
  readonly #stack: FaultyStack;
  readonly #folder = mkdtempSync(join(tmpdir(), "eventhub-intake-chaos-"));
  readonly #timers: NodeJS.Timeout[] = [];
  #sending: NodeJS.Timeout | undefined;
  readonly #killAll = () => {
    for (const worker of this.everyWorker) {
      if (worker.isRunning) {
        worker.signal("SIGKILL");
      }
    }
  };

  private constructor(
    options: WorldOptions,
    stack: FaultyStack,
    proxy: StorageProxy,
    accept: { raw(text: string): void },
  ) {
    this.options = options;
    this.random = new Random(options.seed);
    this.#stack = stack;
    this.hub = stack.hub;
    this.intake = stack.intake;
    this.proxy = proxy;
    this.blobs = new Blobs(stack.storage.connectionString, CONTAINER, stack.hub.port, HUB, GROUP);
    this.traffic = new Traffic(stack.hub.hub(HUB), new Random(options.seed + 1));
    this.tally = new Tally(this.traffic);
    accept.raw = (text) => this.tally.accept(text);
    stack.writePlatformFiles(this.#folder, {
      hub_connection_string: stack.hub.connectionString(HUB),
      hub_name: HUB,
      hub_consumer_group: GROUP,
      storage_connection_string: proxy.connectionString,
      storage_container_name: CONTAINER,
      intake_key: "chaos-key",
      intake_server: stack.intake.url,
    });
    this.#every(MEMORY_EVERY_MS, () => {
      for (const worker of this.workers) {
        worker.observeMemory();
      }
    });
    // A stopped process does not see its parent go, so it would stay for ever.
    process.once("exit", this.#killAll);
  }

  static async start(options: WorldOptions): Promise<World> {
    const accept = { raw(_text: string): void {} };
    const Entities = [{ Name: HUB, PartitionCount: options.partitions, ConsumerGroups: [{ Name: GROUP }] }];
    const stack = await startStack({
      hubConfig: { UserConfig: { NamespaceConfig: [{ Entities }] } },
      intake: { discard: true, onAccepted: (raw) => accept.raw(raw) },
    });
    const proxy = await startStorageProxy(stack.storage.connectionString);
    const world = new World(options, stack, proxy, accept);
    for (let count = 0; count < options.processes; count++) {
      world.addWorker();
    }
    return world;
  }

  /** @param clockSkewMs How far its clock is ahead. */
  addWorker(clockSkewMs = 0): WorkerProcess {
    const name = `worker ${this.everyWorker.length}`;
    const worker = new WorkerProcess(name, this.#folder, this.options.leases, clockSkewMs);
    this.workers.push(worker);
    this.everyWorker.push(worker);
    return worker;
  }

  /** One of the running workers, which is no longer counted among them. */
  takeWorker(): WorkerProcess {
    const [worker] = this.workers.splice(this.random.between(0, this.workers.length - 1), 1);
    if (worker === undefined) {
      throw new Error("no worker is running; the chaos run has lost count of them");
    }
    return worker;
  }

  /** Sends at an even rate until `stopSending`. */
  sendSteadily(recordsPerSecond: number): void {
    const startedAtMs = Date.now();
    let sent = 0;
    this.#sending = this.#every(SEND_EVERY_MS, () => {
      const due = ((Date.now() - startedAtMs) / 1000) * recordsPerSecond;
      const before = this.traffic.records;
      if (due > sent) {
        this.traffic.send(due - sent);
      }
      sent += this.traffic.records - before;
    });
  }

  stopSending(): void {
    clearInterval(this.#sending);
  }

  /** Reads all dead letters into the tally. */
  async collectDeadLetters(): Promise<void> {
    for (const bytes of await this.blobs.deadLetters()) {
      this.tally.deadLetter(bytes);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    await Promise.all(this.everyWorker.map((worker) => worker.destroy()));
    process.off("exit", this.#killAll);
    await this.proxy.close();
    await this.#stack.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #every(ms: number, task: () => void): NodeJS.Timeout {
    const timer = setInterval(task, ms);
    this.#timers.push(timer);
    return timer;
  }
}
