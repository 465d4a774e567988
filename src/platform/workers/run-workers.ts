import { EXIT } from "../lifecycle/failure.ts";
import { mergeLedgers } from "./merge-ledgers.ts";
import { Troubles } from "./troubles.ts";
import { Worker, type WorkersSettings } from "./worker.ts";

/**
 * Runs the work in processes of its own, which share it among themselves by the store's ownership records. One that dies
 * is started again; one that ends by itself with an exit code for a failure that no start can mend ends all.
 * @param signal Drains all.
 * @returns the exit code for all.
 */
export async function runWorkers(settings: WorkersSettings, signal: AbortSignal): Promise<number> {
  const { observed, clock } = settings;
  const verdict = new AbortController();
  const troubles = new Troubles(clock);
  const workers = Array.from(
    { length: settings.count },
    (_, index) => new Worker(index + 1, settings, troubles),
  );
  observed.metrics.follow(() => workers.flatMap((worker) => worker.metrics));
  observed.metrics.ledger.follow(() => mergeLedgers(workers.flatMap((worker) => worker.ledger ?? [])));
  observed.health.follow(() => workers.map((worker) => worker.health));
  observed.numbers.follow(() => workers.flatMap((worker) => worker.summaries));
  const killAll = () => {
    for (const worker of workers) {
      worker.kill();
    }
  };
  // Whatever ends this process, a second signal too, none stays behind.
  process.on("exit", killAll);
  try {
    const stop = AbortSignal.any([signal, verdict.signal]);
    const codes = workers.map(async (worker) => {
      const code = await worker.run(stop);
      if (code !== EXIT.ok) {
        verdict.abort();
      }
      return code;
    });
    return Math.max(...(await Promise.all(codes)));
  } finally {
    process.off("exit", killAll);
  }
}
