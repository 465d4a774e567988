import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/log.ts";
import { Checkpointer } from "./checkpoint/checkpointer.ts";
import { Ledger } from "./checkpoint/ledger.ts";
import { BodyPool } from "./chunks/pool.ts";
import type {
  CheckpointPort,
  DeadLetterPort,
  HubPort,
  IntakePort,
  PipelineObserver,
  Position,
  StartPosition,
} from "./contract.ts";
import { InFlightLimit } from "./in-flight-limit.ts";
import { type LedgerReport, LedgerReporter } from "./ledger-report.ts";
import { Outbox } from "./outbox.ts";
import { PartitionRun } from "./partition.ts";
import { CategoryCounter } from "./records/category-counter.ts";
import { RepairCounts } from "./records/repair-count.ts";

export type PipelineSettings = {
  readonly intakeKey: string;
  /** Records a chunk. */
  readonly chunkSize: number;
  /** Records of other categories are dropped; empty: all are forwarded. */
  readonly categories: readonly string[];
  /** A category that came before and has not come for so long is reported, and so is a silent hub; left out: neither. */
  readonly silenceMs?: number | undefined;
  /** Malformed JSON is repaired if it can be. */
  readonly repairsJson: boolean;
  /** UTF-8 bytes of a finished body; at most `MAX_BODY_BYTES`. Larger ones gain no speed and hold memory. */
  readonly chunkMaxBytes: number;
  /** While no request is under way, a chunk is sent this long after its first record … */
  readonly chunkLingerMs: number;
  /** … else it waits for more, at most this long. */
  readonly chunkMaxAgeMs: number;
  readonly inFlightMaxRecords: number;
  readonly inFlightMaxBytes: number;
  /** Records that are settled and not covered by a stored checkpoint; receiving waits beyond. */
  readonly unstoredMaxRecords: number;
  readonly checkpointEveryMs: number;
  /** How long what was received may take to settle once reading has stopped. */
  readonly drainMs: number;
};

export const PIPELINE_DEFAULTS = {
  chunkMaxBytes: 2 * 1024 * 1024,
  chunkLingerMs: 50,
  chunkMaxAgeMs: 1000,
  inFlightMaxRecords: 100_000,
  inFlightMaxBytes: 40 * 1024 * 1024,
  unstoredMaxRecords: 100_000,
  checkpointEveryMs: 1000,
  drainMs: 8000,
} as const;

const TRIM_EVERY_MS = 15_000;
/** Memory of sent bodies that is kept for the next ones; more of it gains no speed. */
const POOL_MAX_BYTES = 24 * 1024 * 1024;

export type PipelinePorts = {
  readonly hub: HubPort;
  readonly intake: IntakePort;
  readonly checkpoint: CheckpointPort;
  readonly deadLetters: DeadLetterPort;
  readonly observer: PipelineObserver;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The one place where the rooms meet: hub → records → chunks → intake → checkpoint, bounded by one in-flight limit. */
export class Pipeline {
  readonly #settings: PipelineSettings;
  readonly #ports: PipelinePorts;
  readonly #inFlight: InFlightLimit;
  readonly #pool = new BodyPool(POOL_MAX_BYTES);
  readonly #outbox: Outbox;
  readonly #checkpointer: Checkpointer;
  readonly #ledger: Ledger;
  readonly #categoryCounter = new CategoryCounter();
  readonly #repairs = new RepairCounts();
  readonly #reporter: LedgerReporter;
  #cancelTrim: () => void = () => {};
  readonly #runs = new Map<string, PartitionRun>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(settings: PipelineSettings, ports: PipelinePorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { inFlightMaxRecords, inFlightMaxBytes, unstoredMaxRecords } = settings;
    this.#inFlight = new InFlightLimit(inFlightMaxRecords, inFlightMaxBytes, unstoredMaxRecords);
    const { intakeKey, chunkSize, chunkMaxBytes, chunkLingerMs, chunkMaxAgeMs } = settings;
    const chunks = { intakeKey, maxRecords: chunkSize, maxBytes: chunkMaxBytes };
    this.#outbox = new Outbox(
      { ...chunks, lingerMs: chunkLingerMs, maxAgeMs: chunkMaxAgeMs },
      { ...ports, pool: this.#pool },
    );
    this.#checkpointer = new Checkpointer(
      { everyMs: settings.checkpointEveryMs, manyRecords: unstoredMaxRecords / 2 },
      {
        checkpoint: ports.checkpoint,
        clock: ports.clock,
        logger: ports.logger,
        mayWrite: (partitionId) => ports.hub.owns(partitionId),
        written: (partitionId, position) => ports.observer.checkpointed(partitionId, position),
        unstored: (records) => {
          this.#inFlight.unstoredRecords = records;
        },
        failing: (sinceMs) => ports.observer.storageFailing(sinceMs),
      },
    );
    this.#ledger = new Ledger(ports.logger);
    this.#reporter = new LedgerReporter(
      { categories: settings.categories, silenceMs: settings.silenceMs },
      { ...ports, ledger: this.#ledger, categoryCounter: this.#categoryCounter, repairs: this.#repairs },
    );
    // Whether somebody listens yet or not, a failure is reported by `run`.
    this.#failed.promise.catch(() => undefined);
  }

  /** The stored position of a partition was deleted. */
  positionLost(partitionId: string): void {
    this.#checkpointer.writeAgain(partitionId);
  }

  /** The hub does not know the position of a partition, and reading goes on at another one. */
  positionInvalid(partitionId: string): void {
    this.#runs.get(partitionId)?.restart();
  }

  /** The accounts as they are now. */
  report(): LedgerReport {
    return this.#reporter.report();
  }

  /**
   * Forwards until the signal aborts, then drains.
   * @throws what broke a partition; nothing that was not settled is checkpointed.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) {
        resolve();
      }
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#reporter.start();
    this.#trimPool();
    try {
      // A hub that does not answer is asked until it does, so the signal must end that wait as well.
      const started = this.#ports.hub.start(
        (partitionId, from) => this.#open(partitionId, from),
        this.#inFlight,
        (error) => this.#failed.reject(error),
      );
      await Promise.race([started, stopped, this.#failed.promise]);
      await Promise.race([stopped, this.#failed.promise]);
    } finally {
      this.#cancelTrim();
      await this.#drain();
    }
  }

  /** After a burst its memory is given back. */
  #trimPool(): void {
    this.#pool.trim();
    this.#cancelTrim = this.#ports.clock.after(TRIM_EVERY_MS, () => this.#trimPool());
  }

  #open(partitionId: string, from: Position | StartPosition): PartitionRun {
    const { logger, observer, deadLetters, clock } = this.#ports;
    this.#runs.get(partitionId)?.abandon();
    const { categories, repairsJson } = this.#settings;
    const settings = { categories: new Set(categories), repairsJson };
    const run = new PartitionRun(partitionId, from, settings, {
      outbox: this.#outbox,
      deadLetters,
      clock,
      logger,
      observer,
      checkpointer: this.#checkpointer,
      ledger: this.#ledger,
      categoryCounter: this.#categoryCounter,
      repairs: this.#repairs,
      inFlight: this.#inFlight,
      fail: (error) => this.#failed.reject(error),
    });
    this.#runs.set(partitionId, run);
    if ("sequenceNumber" in from) {
      this.#checkpointer.begin(partitionId, from);
    }
    observer.partitionOpened(partitionId);
    logger.log("info", `partition ${partitionId} is read ${describeStart(from)}`, { partition: partitionId });
    return run;
  }

  async #drain(): Promise<void> {
    const { hub, clock, logger } = this.#ports;
    hub.pause();
    const deadline = new AbortController();
    const cancel = clock.after(this.#settings.drainMs, () =>
      deadline.abort(new Error("the drain timed out")),
    );
    const settled = Promise.all(
      [...this.#runs.values()].map(async (run) => {
        await run.drain();
        await this.#checkpointer.flush(run.partitionId, deadline.signal);
      }),
    );
    const timeUp = new Promise<never>((_, reject) => {
      deadline.signal.addEventListener("abort", () => reject(deadline.signal.reason), { once: true });
    });
    await Promise.race([settled, timeUp]).then(
      () => logger.log("info", "everything received is settled and checkpointed"),
      () => {
        logger.log(
          "warning",
          "stopped before everything was settled; the rest is read again at the next start",
          {
            pending: this.#inFlight.records,
          },
        );
      },
    );
    cancel();
    for (const run of this.#runs.values()) {
      run.abandon();
    }
    await settled.catch(() => undefined);
    this.#reporter.stop();
    await hub.release();
  }
}

function describeStart(from: Position | StartPosition): string {
  if ("sequenceNumber" in from) {
    return `after its checkpoint, sequence number ${from.sequenceNumber}`;
  }
  if (from.kind === "time") {
    return `without a checkpoint, from ${new Date(from.enqueuedAtMs).toISOString()} (start_position)`;
  }
  return `without a checkpoint, from the ${from.kind} event (start_position)`;
}
