import { type Clock, sleep } from "../../kernel/clock.ts";

/**
 * Whether a no of the intake may be the fault of the events: only an acceptance of other events with the same key tells.
 * It must be that of a request which started after the no was read; one under way by then may have been accepted
 * before the key was withdrawn.
 */
export class KeyProof {
  readonly #clock: Clock;
  readonly #waits = new Set<{ readonly doubtedAfter: number; readonly proven: AbortController }>();
  #newest = 0;
  #newestAccepted = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of the request started last; what a no that was just read is remembered by. */
  get newest(): number {
    return this.#newest;
  }

  /** @returns the number of a request that starts now. */
  started(): number {
    return ++this.#newest;
  }

  /** The intake took events of this request. */
  accepted(request: number): void {
    this.#newestAccepted = Math.max(this.#newestAccepted, request);
    for (const { doubtedAfter, proven } of this.#waits) {
      if (this.isProven(doubtedAfter)) {
        proven.abort();
      }
    }
  }

  /** @param doubtedAfter `newest` when the no was read. */
  isProven(doubtedAfter: number): boolean {
    return this.#newestAccepted > doubtedAfter;
  }

  /**
   * Waits until the key is proven good, `maxWaitMs` at most.
   * @throws the signal's reason once it aborts.
   */
  async wait(doubtedAfter: number, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    if (this.isProven(doubtedAfter)) {
      return;
    }
    const wait = { doubtedAfter, proven: new AbortController() };
    this.#waits.add(wait);
    try {
      await sleep(this.#clock, maxWaitMs, AbortSignal.any([signal, wait.proven.signal]));
    } catch {
      // Proven, or given up.
      signal.throwIfAborted();
    } finally {
      this.#waits.delete(wait);
    }
  }
}
