import { setTimeout as wait } from "node:timers/promises";
import { until } from "../support/eventually.ts";
import type { Fault, Repeats } from "./faults.ts";
import { World, type WorldOptions } from "./world.ts";

export type ChaosOptions = WorldOptions & {
  readonly records: number;
  /** Sending takes about as long. */
  readonly minutes: number;
  /** How many faults at least; more follow until the time is over. */
  readonly faultCount: number;
  /** No fault begins after this. */
  readonly limitMinutes: number;
  readonly faults: readonly Fault[];
  /** Told after each fault. */
  readonly say: (line: string) => void;
};

export type FaultRow = {
  readonly fault: string;
  count: number;
  lost: number;
  duplicated: number;
  /** From the end of the trouble until everything sent before it had arrived; the longest of all. */
  recoveredInMs: number;
};

export type ChaosReport = {
  readonly options: ChaosOptions;
  readonly records: number;
  readonly faults: number;
  readonly durationMs: number;
  readonly duplicated: number;
  readonly peakRssBytes: number;
  readonly longestStopMs: number;
  readonly checkpointsLooked: number;
  readonly rows: readonly FaultRow[];
  /** What did not hold; empty after a good run. */
  readonly broken: readonly string[];
  /** The processes' last lines, for whoever has to find out why. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
};

/** Records that a process has received and not settled, at most; README.md states it. */
const WINDOW = 20_000;
/** Records that a process has settled and not yet stored as a checkpoint, at most; README.md states it. */
const UNSTORED = 125_000;
const MAX_RSS_BYTES = 300 * 1024 * 1024;
const RECOVERY_MS = 120_000;
const STOP_MS = 10_000;
const CALM_MS = 300;
const REST_MS = 1500;
const LOOK_EVERY_MS = 1000;

/** A stretch of the run that one fault answers for: from its beginning to the next one's. */
type Stretch = { readonly row: FaultRow; readonly firstRecord: number; readonly duplicatesBefore: number };

/** Sends, injects one fault after the other, waits for each recovery, and checks everything at the end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const world = await World.start(options);
  try {
    return await new ChaosRun(world, options).run();
  } finally {
    await world.close();
  }
}

class ChaosRun {
  readonly #world: World;
  readonly #options: ChaosOptions;
  readonly #rows = new Map<string, FaultRow>();
  readonly #stretches: Stretch[] = [];
  readonly #broken: string[] = [];
  readonly #startedAtMs = Date.now();
  /** Of each partition, the messages whose records are known to be where they belong. */
  readonly #verified = new Map<string, number>();
  /** Records below a checkpoint that nobody had seen when it was read. */
  readonly #suspects = new Map<number, string>();
  #looked = 0;
  #longestStopMs = 0;
  /** Something did not arrive: there is no use in more faults. */
  #isStuck = false;

  constructor(world: World, options: ChaosOptions) {
    this.#world = world;
    this.#options = options;
  }

  async run(): Promise<ChaosReport> {
    const { records, minutes, say } = this.#options;
    const { traffic } = this.#world;
    this.#world.sendSteadily(records / (minutes * 60));
    const looking = this.#lookAtCheckpoints();
    // The processes do not start at the same moment, so the later ones take partitions from the first.
    await this.#measure("the start", "window", async () => {
      await until(() => this.#world.tally.firstOpen > 0, RECOVERY_MS);
      return [];
    });
    for (let count = 0; this.#mustGoOn(count); count++) {
      const fault = this.#nextFault(count);
      await this.#measure(fault.name, fault.repeats, () => fault.run(this.#world));
      await wait(CALM_MS);
    }
    if (traffic.records < records) {
      await this.#measure("a burst of what was left to send", "none", async () => {
        traffic.send(records - traffic.records);
        return [];
      });
    }
    this.#world.stopSending();
    await this.#arrived(traffic.records, "the end");
    looking.abort();
    say("everything is sent; the processes are stopped and the accounts looked at");
    await this.#checkLedgers();
    await this.#stopWorkers();
    await this.#checkEnd();
    return this.#report();
  }

  #mustGoOn(count: number): boolean {
    const { minutes, limitMinutes, faultCount } = this.#options;
    const elapsedMinutes = (Date.now() - this.#startedAtMs) / 60_000;
    const isWanted = count < faultCount || elapsedMinutes < minutes;
    return !this.#isStuck && isWanted && elapsedMinutes < limitMinutes;
  }

  #order: Fault[] = [];

  /** Each fault once in an order of the seed; then those that take no minutes again and again, each time in another. */
  #nextFault(count: number): Fault {
    const { faults } = this.#options;
    if (this.#order.length === 0) {
      const quick = faults.filter(({ isSlow }) => isSlow !== true);
      this.#order = this.#world.random.shuffled(count === 0 || quick.length === 0 ? faults : quick);
    }
    return this.#order.pop() as Fault;
  }

  async #measure(name: string, repeats: Repeats, act: () => Promise<string[]>): Promise<void> {
    const { traffic, tally } = this.#world;
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { fault: name, count: 0, lost: 0, duplicated: 0, recoveredInMs: 0 };
      this.#rows.set(name, row);
    }
    row.count++;
    const duplicatesBefore = tally.duplicates;
    this.#stretches.push({ row, firstRecord: traffic.records, duplicatesBefore });
    const broken = await act();
    this.#broken.push(...broken);
    const endedAtMs = Date.now();
    await this.#arrived(traffic.records, name);
    const recoveredInMs = Date.now() - endedAtMs;
    row.recoveredInMs = Math.max(row.recoveredInMs, recoveredInMs);
    if (repeats === "none") {
      await wait(CALM_MS);
    } else {
      await this.#comeToRest();
    }
    const duplicated = tally.duplicates - duplicatesBefore;
    row.duplicated += duplicated;
    const allowed = { none: 0, answers: WINDOW, window: WINDOW, unstored: UNSTORED }[repeats];
    if (duplicated > allowed) {
      this.#broken.push(`${name}: ${duplicated} records came twice, ${allowed} at most were expected`);
    }
    this.#options.say(
      `${this.#seconds()} ${name}: recovered in ${(recoveredInMs / 1000).toFixed(1)} s, ${duplicated} twice`,
    );
  }

  /**
   * Partitions that changed hands, and requests whose answers were lost, may repeat something although all has arrived:
   * waits until nothing has for a while, so that the next fault does not answer for it.
   */
  async #comeToRest(): Promise<void> {
    const { tally } = this.#world;
    const quietMs = CALM_MS + Math.max(REST_MS, 2 * this.#options.leases.ownershipUpdateMs);
    const deadlineMs = Date.now() + 10 * quietMs;
    for (let seen = -1; seen !== tally.duplicates && Date.now() < deadlineMs; ) {
      seen = tally.duplicates;
      await wait(quietMs);
    }
  }

  /** Waits until every record below `number` is where it belongs. */
  async #arrived(number: number, after: string): Promise<void> {
    const { tally } = this.#world;
    if (this.#isStuck) {
      return;
    }
    let nextLookAtMs = Date.now() + 1000;
    const isThere = async () => {
      if (tally.firstOpen >= number) {
        return true;
      }
      if (Date.now() >= nextLookAtMs) {
        await this.#world.collectDeadLetters();
        nextLookAtMs = Date.now() + 2000;
      }
      return tally.firstOpen >= number;
    };
    if (!(await until(isThere, RECOVERY_MS))) {
      this.#isStuck = true;
      const open = tally.open(0, number);
      this.#broken.push(
        `${after}: not recovered within ${RECOVERY_MS / 1000} s, ${open.length} records are missing (${open.slice(0, 5).join(", ")})`,
      );
    }
  }

  /** Reads the positions over and over: nothing below one may be missing. */
  #lookAtCheckpoints(): AbortController {
    const stop = new AbortController();
    const look = async () => {
      while (!stop.signal.aborted) {
        await this.#lookOnce();
        await wait(LOOK_EVERY_MS);
      }
    };
    look().catch((thrown: unknown) => {
      if (!stop.signal.aborted) {
        this.#broken.push(`the checkpoints could not be read: ${String(thrown)}`);
      }
    });
    return stop;
  }

  async #lookOnce(): Promise<void> {
    const { blobs, traffic, tally } = this.#world;
    this.#looked++;
    for (const [partitionId, sequenceNumber] of await blobs.checkpoints()) {
      const messages = traffic.sentTo(partitionId);
      let index = this.#verified.get(partitionId) ?? 0;
      for (; index <= sequenceNumber && index < messages.length; index++) {
        const message = messages[index];
        if (message === undefined) {
          break;
        }
        for (let number = message.firstNumber; number < message.firstNumber + message.count; number++) {
          if (!tally.isSettled(number)) {
            this.#suspects.set(number, `${partitionId} at ${sequenceNumber}`);
          }
        }
      }
      this.#verified.set(partitionId, index);
    }
  }

  async #checkLedgers(): Promise<void> {
    for (const worker of this.#world.workers) {
      const page = (await worker.page("/ledger").catch(() => undefined)) as
        | { total?: { imbalance?: number; gapEvents?: number } }
        | undefined;
      if (page?.total?.imbalance !== 0 || page.total.gapEvents !== 0) {
        this.#broken.push(`${worker.name}: the ledger says ${JSON.stringify(page?.total ?? "nothing")}`);
      }
    }
  }

  async #stopWorkers(): Promise<void> {
    const startedAtMs = Date.now();
    await Promise.all(
      this.#world.workers.map(async (worker) => {
        worker.observeMemory();
        worker.signal("SIGTERM");
        const code = await Promise.race([worker.exited(), wait(STOP_MS + 1000, "late" as const)]);
        const tookMs = Date.now() - startedAtMs;
        this.#longestStopMs = Math.max(this.#longestStopMs, tookMs);
        if (code !== 0) {
          this.#broken.push(`the end: ${worker.name} ended with ${code} after ${tookMs} ms`);
        }
      }),
    );
  }

  async #checkEnd(): Promise<void> {
    const { blobs, everyWorker, tally, traffic } = this.#world;
    await this.#world.collectDeadLetters();
    await this.#lookOnce();
    const checkpoints = await blobs.checkpoints();
    for (const id of traffic.partitionIds) {
      const last = traffic.sentTo(id).length - 1;
      const stored = checkpoints.get(id) ?? -1;
      if (stored !== last) {
        this.#broken.push(`the end: partition ${id} is checkpointed at ${stored}, not ${last}`);
      }
    }
    for (const [number, where] of this.#suspects) {
      if (!tally.isSettled(number)) {
        this.#broken.push(`a checkpoint of partition ${where} passed record ${number}`);
      }
    }
    const { count, examples } = tally.altered;
    if (count > 0) {
      this.#broken.push(`${count} records are not what was sent: ${examples.join(" | ")}`);
    }
    for (const [index, { row, firstRecord }] of this.#stretches.entries()) {
      const open = tally.open(firstRecord, this.#stretches[index + 1]?.firstRecord ?? traffic.records);
      row.lost += open.length;
      if (open.length > 0) {
        this.#broken.push(`${row.fault}: ${open.length} records are lost`);
      }
    }
    for (const worker of everyWorker) {
      if (worker.peakRssBytes > MAX_RSS_BYTES) {
        this.#broken.push(`${worker.name} took ${Math.round(worker.peakRssBytes / 2 ** 20)} MiB of memory`);
      }
    }
  }

  #report(): ChaosReport {
    const { everyWorker, tally, traffic } = this.#world;
    return {
      options: this.#options,
      records: traffic.records,
      faults: [...this.#rows.values()].reduce((sum, row) => sum + row.count, 0),
      durationMs: Date.now() - this.#startedAtMs,
      duplicated: tally.duplicates,
      peakRssBytes: Math.max(...everyWorker.map((worker) => worker.peakRssBytes)),
      longestStopMs: this.#longestStopMs,
      checkpointsLooked: this.#looked,
      rows: [...this.#rows.values()],
      broken: this.#broken,
      logs: new Map(everyWorker.map((worker) => [worker.name, worker.lines])),
    };
  }

  #seconds(): string {
    return `${((Date.now() - this.#startedAtMs) / 1000).toFixed(0).padStart(4)} s`;
  }
}
