export type BackoffLimits = { readonly firstMs: number; readonly maxMs: number };

/**
 * Exponential back-off with full jitter: a wait between 0 and `firstMs * 2^attempt`, capped at `maxMs`.
 * @param attempt 0 for the first wait.
 * @param random A number in [0, 1).
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: () => number): number {
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceiling);
}
