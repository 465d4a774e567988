import type { LedgerReport } from "../../app/telemetry/ledger-page.ts";
import { keepCounters, type MetricValues } from "../../app/telemetry/metrics.ts";
import { NO_SUMMARY, type RunSummary } from "../../app/telemetry/run-statistics.ts";
import { backoffMs } from "../../kernel/backoff.ts";
import { type Clock, sleep } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log.ts";
import { EXIT } from "../lifecycle/failure.ts";
import type { HealthReport } from "../lifecycle/health.ts";
import { readLogLine } from "../logging/log-lines.ts";
import type { Observed, WorkerReport } from "./report.ts";
import type { Troubles } from "./troubles.ts";
import { startWorker, type WorkerEnd, type WorkerProcess } from "./worker-process.ts";

export type WorkersSettings = {
  readonly count: number;
  /** The workers' as well. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Shows from now on what all workers do together. */
  readonly observed: Observed;
};

/** Full jitter, so that workers which died of one cause do not come back in step. */
const RESTART = { firstMs: 1000, maxMs: 60_000 };
/** From a death to the first word of the next process; a longer silence shows. */
const REPLACED_WITHIN_MS = 10_000;
/** One that lived for so long had started well. */
const STEADY_AFTER_MS = 60_000;

/** One of the processes that share the work; when it dies, another takes its place. */
export class Worker {
  readonly #id: number;
  readonly #settings: WorkersSettings;
  readonly #troubles: Troubles;
  #process: WorkerProcess | undefined;
  #report: WorkerReport | undefined;
  /** Of the processes that ended in this place. */
  #keptMetrics: MetricValues = [];
  #keptForwarded = 0;
  #lastSeenAtMs: number;
  /** Since events were forwarded last. */
  #deaths = 0;

  constructor(id: number, settings: WorkersSettings, troubles: Troubles) {
    this.#id = id;
    this.#settings = settings;
    this.#troubles = troubles;
    this.#lastSeenAtMs = settings.clock.now();
  }

  get metrics(): readonly MetricValues[] {
    return this.#report === undefined ? [this.#keptMetrics] : [this.#keptMetrics, this.#report.metrics];
  }

  get ledger(): LedgerReport | undefined {
    return this.#report?.ledger ?? undefined;
  }

  /** A process that says nothing is as stuck as a receive loop that does not turn. */
  get health(): HealthReport {
    const told = this.#report?.health;
    return {
      isHealthy: told?.isHealthy ?? this.#settings.clock.now() - this.#lastSeenAtMs <= REPLACED_WITHIN_MS,
      lastEventsAtMs: told?.lastEventsAtMs ?? null,
      lastHeartbeatAtMs: Math.min(this.#lastSeenAtMs, told?.lastHeartbeatAtMs ?? this.#lastSeenAtMs),
      errorCount: this.#deaths + (told?.errorCount ?? 0),
    };
  }

  get summaries(): readonly RunSummary[] {
    const before = { ...NO_SUMMARY, forwarded: this.#keptForwarded };
    return this.#report === undefined ? [before] : [before, this.#report.summary];
  }

  kill(): void {
    this.#process?.kill();
  }

  /**
   * Keeps one process working until `stop` aborts, then lets it drain.
   * @returns the exit code: of the drain, or of a process that ended by itself because it cannot work.
   */
  async run(stop: AbortSignal): Promise<number> {
    const { clock, random, logger, observed } = this.#settings;
    for (let attempt = 0; !stop.aborted; ) {
      const startedAtMs = clock.now();
      const { code, how } = await this.#live(stop);
      if (stop.aborted) {
        return code ?? EXIT.failed;
      }
      if (code === EXIT.failed || code === EXIT.misconfigured) {
        return code;
      }
      attempt = clock.now() - startedAtMs >= STEADY_AFTER_MS ? 0 : attempt;
      const waitMs = backoffMs(attempt++, RESTART, random);
      this.#deaths++;
      observed.metrics.workerRestarted();
      logger.log(
        "error",
        `worker ${this.#id} died (${how}) and is started again; what it had not checkpointed is read again`,
        { worker: this.#id, wait_ms: waitMs },
      );
      await sleep(clock, waitMs, stop).catch(() => undefined);
    }
    return EXIT.ok;
  }

  /** One process from its start to its end. */
  async #live(stop: AbortSignal): Promise<WorkerEnd> {
    const { env, logger } = this.#settings;
    const process = startWorker(env, {
      line: (text) => this.#tell(text),
      report: (report) => this.#take(report),
    });
    this.#process = process;
    logger.log("info", `worker ${this.#id} is started`, { worker: this.#id, pid: process.pid });
    const onStop = () => process.stop();
    stop.addEventListener("abort", onStop, { once: true });
    const end = await process.ended;
    stop.removeEventListener("abort", onStop);
    this.#process = undefined;
    const last = this.#report;
    if (last !== undefined) {
      const kept = await keepCounters(this.#keptMetrics, last.metrics);
      this.#keptMetrics = kept;
      this.#keptForwarded += last.summary.forwarded;
      this.#report = undefined;
    }
    return end;
  }

  #tell(text: string): void {
    const line = readLogLine(text);
    const { level, message } = line ?? { level: "info", message: text };
    if (this.#troubles.isNew(this.#id, level, message)) {
      this.#settings.logger.log(level, message, { ...line?.fields, worker: this.#id });
    }
  }

  #take(report: WorkerReport): void {
    this.#lastSeenAtMs = this.#settings.clock.now();
    if ((report.health.lastEventsAtMs ?? 0) > (this.#report?.health.lastEventsAtMs ?? 0)) {
      this.#deaths = 0;
    }
    this.#report = report;
  }
}
