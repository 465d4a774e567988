import { type BackoffLimits, backoffMs } from "../../kernel/backoff.ts";
import type { Clock } from "../../kernel/clock.ts";

export type GateSettings = { readonly maxConcurrent: number; readonly backoff: BackoffLimits };

export type GatePorts = { readonly clock: Clock; readonly random: () => number };

type Waiter = { readonly enter: () => void };

/**
 * Lets requests to the intake through: a bounded number at a time, none during a pause, and after a failure one alone
 * until it succeeds. So an intake that is down is asked by one request, not by every chunk that waits.
 */
export class Gate {
  readonly #settings: GateSettings;
  readonly #ports: GatePorts;
  readonly #waiters: Waiter[] = [];
  #active = 0;
  #failures = 0;
  #failingSinceMs: number | null = null;
  #lastFailureAtMs = 0;
  #pausedUntilMs = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(settings: GateSettings, ports: GatePorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /** Milliseconds since 1970 when the first of the failures in a row came; null while all is well. */
  get failingSinceMs(): number | null {
    return this.#failingSinceMs;
  }

  /**
   * Waits for leave to send one request; `leave` must follow.
   * @returns when the request may start, milliseconds since 1970.
   * @throws the signal's reason once it aborts.
   */
  enter(signal: AbortSignal): Promise<number> {
    const now = this.#ports.clock.now();
    if (
      !signal.aborted &&
      this.#waiters.length === 0 &&
      this.#active < this.#limit &&
      this.#pausedUntilMs <= now
    ) {
      this.#active++;
      return Promise.resolve(now);
    }
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiter: Waiter = {
        enter: () => {
          signal.removeEventListener("abort", onAbort);
          resolve(this.#ports.clock.now());
        },
      };
      const onAbort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#admit();
    });
  }

  leave(): void {
    this.#active--;
    this.#admit();
  }

  succeeded(): void {
    this.#failures = 0;
    this.#failingSinceMs = null;
    this.#pausedUntilMs = 0;
  }

  /**
   * @param startedAtMs When the request was let through: requests that were under way together fail as one.
   * @param leastWaitMs What the intake asked for, or a bound of ours.
   * @returns milliseconds until the next request.
   */
  failed(startedAtMs: number, leastWaitMs: number): number {
    const now = this.#ports.clock.now();
    const isNew = this.#failingSinceMs === null || startedAtMs >= this.#lastFailureAtMs;
    this.#failingSinceMs ??= now;
    if (isNew) {
      this.#lastFailureAtMs = now;
      this.#pausedUntilMs = now + backoffMs(this.#failures++, this.#settings.backoff, this.#ports.random);
    }
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, now + leastWaitMs);
    return this.#pausedUntilMs - now;
  }

  get #limit(): number {
    return this.#failingSinceMs === null ? this.#settings.maxConcurrent : 1;
  }

  #admit(): void {
    while (this.#active < this.#limit && this.#waiters.length > 0) {
      const waitMs = this.#pausedUntilMs - this.#ports.clock.now();
      if (waitMs > 0) {
        this.#cancelTimer?.();
        this.#cancelTimer = this.#ports.clock.after(waitMs, () => this.#admit());
        return;
      }
      this.#active++;
      this.#waiters.shift()?.enter();
    }
  }
}
