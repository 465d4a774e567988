import { systemClock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import { isCrashing } from "./crash-rule.ts";
import { EXIT, stackOf } from "./failure.ts";
import type { HealthState } from "./health.ts";
import type { PlatformLogger } from "./logger.ts";
import { DRAIN_DEADLINE_MS, supervise } from "./supervise.ts";

/**
 * Keeps a service going until it is told to stop.
 * @param work Gives the exit code; an error of it is told, and followed by another start.
 * @returns the exit code.
 */
export async function serve(
  work: (signal: AbortSignal) => Promise<number>,
  { health, logger, stop }: { health: HealthState; logger: PlatformLogger; stop: AbortSignal },
): Promise<number> {
  const startedAtMs = systemClock.now();
  let code: number = EXIT.ok;
  const ending = await supervise(
    {
      async run(signal) {
        code = await work(signal);
      },
      uncaught(error) {
        health.uncaughtError();
        const now = systemClock.now();
        const crashing =
          !logger.criticalSent &&
          isCrashing(health.errorCount, now - startedAtMs, now - (health.lastEventsAtMs ?? startedAtMs));
        const message = `an error was not handled: ${messageOf(error)}`;
        logger.log(crashing ? "critical" : "error", message, stackOf(error));
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
  return code;
}
