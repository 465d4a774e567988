import type { Clock } from "../../kernel/clock.ts";
import type { Page } from "./http-server.ts";

/** A loop that is silent for longer is stuck; one without events is not silent. */
const HEARTBEAT_THRESHOLD_SECONDS = 120;
/** What works badly may do so for so long before it shows; a single repeated request is not a failure. */
const GRACE_MS = 10_000;
/** The work as a whole ended by an error, and starts again. */
const WORK = "work";

/** Something outside that the work needs fails; it goes on by itself once that is over. */
export type Degradation = {
  /** A word, for a label. */
  readonly reason: string;
  readonly sinceMs: number;
};

/**
 * What the pages of health know. `/health` answers 500 only when a restart would help; what fails elsewhere is
 * `degraded`, which `/ready` and a metric tell. Times are milliseconds since 1970.
 */
export class HealthState {
  readonly #clock: Clock;
  readonly #heartbeats = new Map<string, number>();
  /** By reason, since when. */
  readonly #failing = new Map<string, number>();
  #stuckSinceMs: number | null = null;
  #lastEventsAtMs: number | undefined;
  #errorCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on this loop owes heartbeats. */
  loopStarted(loop: string): void {
    this.#heartbeats.set(loop, this.#clock.now());
  }

  loopEnded(loop: string): void {
    this.#heartbeats.delete(loop);
  }

  /** A loop went round, with or without events. */
  heartbeat(loop: string): void {
    if (this.#heartbeats.has(loop)) {
      this.#heartbeats.set(loop, this.#clock.now());
      this.recovered();
    }
  }

  /** Events were delivered: whatever went wrong before is over. */
  eventsForwarded(): void {
    this.#lastEventsAtMs = this.#clock.now();
    this.#errorCount = 0;
    this.recovered();
  }

  /**
   * @param reason What fails, in a word.
   * @param sinceMs `null` once it works again.
   */
  failing(reason: string, sinceMs: number | null): void {
    if (sinceMs === null) {
      this.#failing.delete(reason);
    } else {
      this.#failing.set(reason, sinceMs);
    }
  }

  /** @param sinceMs Since when the work stands still although all was tried but a restart; `null` once it goes on. */
  stuck(sinceMs: number | null): void {
    this.#stuckSinceMs = sinceMs;
  }

  /** Something broke that nothing handles; the work may start again. */
  uncaughtError(): void {
    this.#errorCount++;
    if (!this.#failing.has(WORK)) {
      this.#failing.set(WORK, this.#clock.now());
    }
  }

  /** The work goes on. */
  recovered(): void {
    this.#failing.delete(WORK);
  }

  /** Errors that nothing handled, since events were forwarded last. */
  get errorCount(): number {
    return this.#errorCount;
  }

  get lastEventsAtMs(): number | undefined {
    return this.#lastEventsAtMs;
  }

  /** What has failed for longer than a moment. */
  degradations(): readonly Degradation[] {
    const now = this.#clock.now();
    return [...this.#failing]
      .filter(([, sinceMs]) => now - sinceMs > GRACE_MS)
      .map(([reason, sinceMs]) => ({ reason, sinceMs }));
  }

  /** A restart would help: a loop hangs, or stands still after all else was tried. */
  get needsRestart(): boolean {
    const silentSinceMs = this.#lastHeartbeatAtMs;
    const isSilent =
      silentSinceMs !== null && this.#clock.now() - silentSinceMs > HEARTBEAT_THRESHOLD_SECONDS * 1000;
    return isSilent || this.#stuckSinceMs !== null;
  }

  /** The page `/health`, with the names that the platform reads: 500 asks for a restart. */
  livenessPage(): Page {
    const { needsRestart } = this;
    return this.#page(needsRestart ? 500 : 200, {
      last_events_time: isoTime(this.#lastEventsAtMs ?? null),
      last_heartbeat: isoTime(this.#lastHeartbeatAtMs),
      // 0: a hub may be quiet for as long as it likes.
      seconds_without_events_threshold: 0,
      last_heartbeat_threshold: HEARTBEAT_THRESHOLD_SECONDS,
      error_count: this.#errorCount,
    });
  }

  /** The page `/ready`: 503 while something fails, for those who want to alarm. */
  readinessPage(): Page {
    const isReady = !this.needsRestart && this.degradations().length === 0;
    return this.#page(isReady ? 200 : 503, {});
  }

  #page(status: number, fields: Readonly<Record<string, unknown>>): Page {
    const degradations = this.degradations();
    const state = this.needsRestart ? "stuck" : degradations.length > 0 ? "degraded" : "ok";
    const reasons = degradations.map(({ reason, sinceMs }) => ({ reason, since: isoTime(sinceMs) }));
    return {
      status,
      contentType: "application/json",
      body: JSON.stringify({ ...fields, status: state, ...(reasons.length > 0 ? { reasons } : {}) }),
    };
  }

  /** Of the loop that is silent for the longest time. */
  get #lastHeartbeatAtMs(): number | null {
    return this.#heartbeats.size === 0 ? null : Math.min(...this.#heartbeats.values());
  }
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
