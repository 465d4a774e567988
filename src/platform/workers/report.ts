import type { LedgerReport } from "../../app/telemetry/ledger-page.ts";
import type { MetricValues, ModuleMetrics } from "../../app/telemetry/metrics.ts";
import type { RunStatistics, RunSummary } from "../../app/telemetry/run-statistics.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { HealthReport, HealthState } from "../lifecycle/health.ts";

/** What a worker tells its parent, over the channel between them. */
export type WorkerReport = {
  readonly metrics: MetricValues;
  readonly health: HealthReport;
  readonly summary: RunSummary;
  /** `null` before anything is read. */
  readonly ledger: LedgerReport | null;
};

/** What a process knows about its own work, or about that of its workers. */
export type Observed = {
  readonly metrics: ModuleMetrics;
  readonly health: HealthState;
  readonly numbers: RunStatistics;
};

/** In the environment of a worker: it works for the process that started it. */
export const WORKER_VARIABLE = "EVENTHUB_INTAKE_WORKER";
/** The parent's word for "drain and end". */
export const STOP = "stop";

const REPORT_EVERY_MS = 1000;

/** This process as the worker of another. */
export type WorkerChannel = {
  /** Calls `stop` once the parent wants it, is gone, or a signal came; a terminal sends its own to both of us. @returns what takes the listeners away again. */
  listenForStop(stop: () => void): () => void;
  /** Tells the parent every second; the function returned tells a last time. */
  startReports(observed: Observed, clock: Clock): () => Promise<void>;
  /** Lets go of the parent. */
  close(): void;
};

/** @returns `undefined` in a process that was not started as a worker. */
export function openWorkerChannel(env: NodeJS.ProcessEnv): WorkerChannel | undefined {
  if (env[WORKER_VARIABLE] === undefined || process.send === undefined) {
    return undefined;
  }
  return {
    listenForStop(stop) {
      const onMessage = (message: unknown) => {
        if (message === STOP) {
          stop();
        }
      };
      process.on("message", onMessage);
      for (const event of ["disconnect", "SIGINT", "SIGTERM"]) {
        process.on(event, stop);
      }
      return () => {
        process.off("message", onMessage);
        for (const event of ["disconnect", "SIGINT", "SIGTERM"]) {
          process.off(event, stop);
        }
      };
    },
    startReports(observed, clock) {
      let cancel = () => {};
      const report = async () => send(await reportOf(observed));
      const next = () => {
        cancel = clock.after(REPORT_EVERY_MS, () => {
          // One at a time; a report that fails shows in the silence of this worker.
          report().then(next, next);
        });
      };
      next();
      return async () => {
        cancel();
        await report();
      };
    },
    close: () => {
      if (process.connected) {
        process.disconnect();
      }
    },
  };
}

async function reportOf({ metrics, health, numbers }: Observed): Promise<WorkerReport> {
  return {
    metrics: await metrics.values(),
    health: health.report(),
    summary: numbers.summary(),
    ledger: metrics.ledger.report() ?? null,
  };
}

/** Resolves when the parent has it, or is gone. */
function send(report: WorkerReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) {
      process.send?.(report, undefined, undefined, () => resolve());
    } else {
      resolve();
    }
  });
}
