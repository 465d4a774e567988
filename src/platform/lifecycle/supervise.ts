import type { Clock } from "../../kernel/clock.ts";
import { sleep } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { listenForUncaught } from "./signals.ts";

/** How long a task may take to drain once it is told to stop; 5 s less than what a cluster grants by default. */
export const DRAIN_DEADLINE_MS = 25_000;
const MAX_RESTART_WAIT_MS = 60_000;

export type SupervisedTask = {
  /** Works until `signal` aborts, then drains and resolves. */
  run(signal: AbortSignal): Promise<void>;
  /** An error that the task did not handle. */
  uncaught(error: unknown): void;
  /** Errors in a row, for the wait before the next start. */
  errorsInARow(): number;
};

/** `finished`: the task ended by itself or was stopped in order; `stuck`: it did not drain in time. */
export type Ending = "finished" | "stuck";

/**
 * Runs a task again and again until it ends in order. An error that nothing caught elsewhere in the process stops the task
 * and starts it again, for nobody knows what that error left half done; the hub still has what was not acknowledged.
 * @throws what the task throws with the disposition `stop`, or while it drains.
 */
export async function supervise(task: SupervisedTask, clock: Clock, stop: AbortSignal): Promise<Ending> {
  for (;;) {
    const broken = new AbortController();
    const onException = (error: unknown) => {
      task.uncaught(error);
      broken.abort(error);
    };
    const unlisten = listenForUncaught(onException, (reason) => task.uncaught(reason));
    try {
      const signal = AbortSignal.any([stop, broken.signal]);
      const drained = await drains(task.run(signal), signal, clock);
      if (!drained) {
        return "stuck";
      }
      if (stop.aborted || !broken.signal.aborted) {
        return "finished";
      }
    } catch (error) {
      if (stop.aborted && error === stop.reason) {
        return "finished";
      }
      if (stop.aborted || (error instanceof AppError && error.disposition === "stop")) {
        throw error;
      }
      if (error !== broken.signal.reason) {
        task.uncaught(error);
      }
    } finally {
      unlisten();
    }
    const waitMs = Math.min(
      MAX_RESTART_WAIT_MS,
      1000 * 2 ** Math.min(30, Math.max(0, task.errorsInARow() - 1)),
    );
    try {
      await sleep(clock, waitMs, stop);
    } catch {
      // Told to stop while nothing runs: there is nothing to drain.
      return "finished";
    }
  }
}

/** False if `running` does not end within the deadline after the signal aborted. */
async function drains(running: Promise<void>, signal: AbortSignal, clock: Clock): Promise<boolean> {
  let cancel = () => {};
  const overdue = new Promise<false>((resolve) => {
    const onAbort = () => {
      cancel = clock.after(DRAIN_DEADLINE_MS, () => resolve(false));
    };
    if (signal.aborted) {
      onAbort();
    } else {
      signal.addEventListener("abort", onAbort, { once: true });
    }
  });
  try {
    return await Promise.race([running.then(() => true), overdue]);
  } finally {
    cancel();
  }
}
