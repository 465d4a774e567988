import { systemClock } from "../../kernel/clock.ts";
import { AppError, messageOf } from "../../kernel/errors.ts";
import type { PlatformLogger } from "../logging/logger.ts";
import { isCrashing } from "./crash-rule.ts";
import { EXIT, stackOf } from "./failure.ts";
import type { HealthState } from "./health.ts";
import { DRAIN_DEADLINE_MS, supervise } from "./supervise.ts";

/** Work that lasts so long since its start is well; a storage that does not answer ends it sooner. */
const RECOVERED_AFTER_MS = 30_000;

/**
 * Keeps a service going until it is told to stop.
 * @param work An error of it is reported, and followed by another start.
 * @returns the exit code.
 */
export async function serve(
  work: (signal: AbortSignal) => Promise<void>,
  { health, logger, stop }: { health: HealthState; logger: PlatformLogger; stop: AbortSignal },
): Promise<number> {
  const startedAtMs = systemClock.now();
  const ending = await supervise(
    {
      async run(signal) {
        const cancel = systemClock.after(RECOVERED_AFTER_MS, () => health.recovered());
        try {
          await work(signal);
        } finally {
          cancel();
        }
      },
      uncaught(error) {
        health.uncaughtError();
        const now = systemClock.now();
        const crashing =
          !logger.criticalSent &&
          isCrashing(health.errorCount, now - startedAtMs, now - (health.lastEventsAtMs ?? startedAtMs));
        const level = crashing ? "critical" : "error";
        if (error instanceof AppError) {
          logger.log(level, error.message, { code: error.code });
        } else {
          logger.log(level, `an error was not handled: ${messageOf(error)}`, stackOf(error));
        }
      },
      errorsInARow: () => health.errorCount,
    },
    systemClock,
    stop,
  );
  if (ending === "stuck") {
    logger.log(
      "critical",
      "the item did not drain in time; what was not acknowledged is read again at the next start",
      { drain_deadline_seconds: DRAIN_DEADLINE_MS / 1000 },
    );
    return EXIT.failed;
  }
  return EXIT.ok;
}
