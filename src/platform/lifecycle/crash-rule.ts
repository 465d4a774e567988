const MIN_ERRORS = 5;
const MIN_UPTIME_MS = 1800 * 1000;
const MAX_UPTIME_MS = 5 * 24 * 3600 * 1000;

/**
 * Whether errors in a row mean that the trigger is broken, and not that it has a bad moment: the longer it has worked, the
 * longer it may fail to before a person is told.
 * @param errors Uncaught ones since the last event.
 * @param sinceLastEventMs Since the start if there was none.
 */
export function isCrashing(errors: number, uptimeMs: number, sinceLastEventMs: number): boolean {
  return (
    errors >= MIN_ERRORS &&
    uptimeMs >= MIN_UPTIME_MS &&
    Math.min(uptimeMs, MAX_UPTIME_MS) / 5 <= sinceLastEventMs
  );
}
