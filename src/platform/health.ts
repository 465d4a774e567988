import type { Clock } from "../kernel/clock.ts";
import type { Page } from "./http-server.ts";

/** A partition whose receive loop is silent for longer is stuck; a quiet hub's loop is not silent. */
const HEARTBEAT_THRESHOLD_SECONDS = 120;

/** The intake or the hub may stumble for so long before it shows; a single repeated request is no failure. */
const FAILURE_GRACE_MS = 10_000;

/** What the liveness page knows. Times are milliseconds since 1970. */
export class HealthState {
  readonly #clock: Clock;
  readonly #heartbeats = new Map<string, number>();
  #lastEventsAtMs: number | undefined;
  #intakeFailingSinceMs: number | null = null;
  #hubFailingSinceMs: number | null = null;
  #errorCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A partition is read from now on, so its receive loop owes heartbeats. */
  partitionOpened(partitionId: string): void {
    this.#heartbeats.set(partitionId, this.#clock.now());
  }

  partitionClosed(partitionId: string): void {
    this.#heartbeats.delete(partitionId);
  }

  /** The receive loop of an open partition went round, with or without events. */
  heartbeat(partitionId: string): void {
    if (this.#heartbeats.has(partitionId)) {
      this.#heartbeats.set(partitionId, this.#clock.now());
    }
  }

  /** The intake took events: whatever went wrong before is over. */
  eventsForwarded(): void {
    this.#lastEventsAtMs = this.#clock.now();
    this.#errorCount = 0;
  }

  /** @param sinceMs `null` once the intake answers well again. */
  intakeFailing(sinceMs: number | null): void {
    this.#intakeFailingSinceMs = sinceMs;
  }

  /** @param sinceMs `null` once the hub can be read again. */
  hubFailing(sinceMs: number | null): void {
    this.#hubFailingSinceMs = sinceMs;
  }

  uncaughtError(): void {
    this.#errorCount++;
  }

  /** Errors that nothing handled, since events were forwarded last. */
  get errorCount(): number {
    return this.#errorCount;
  }

  get lastEventsAtMs(): number | undefined {
    return this.#lastEventsAtMs;
  }

  get isHealthy(): boolean {
    const now = this.#clock.now();
    const failsFor = (sinceMs: number | null, limitMs: number) => sinceMs !== null && now - sinceMs > limitMs;
    return !(
      failsFor(this.#oldestHeartbeatAtMs(), HEARTBEAT_THRESHOLD_SECONDS * 1000) ||
      failsFor(this.#intakeFailingSinceMs, FAILURE_GRACE_MS) ||
      failsFor(this.#hubFailingSinceMs, FAILURE_GRACE_MS)
    );
  }

  /** The page `/health`, with the names that the platform reads. */
  page(): Page {
    return {
      status: this.isHealthy ? 200 : 500,
      contentType: "application/json",
      body: JSON.stringify({
        last_events_time: isoTime(this.#lastEventsAtMs ?? null),
        last_heartbeat: isoTime(this.#oldestHeartbeatAtMs()),
        // 0: a hub may be quiet for as long as it likes.
        seconds_without_events_threshold: 0,
        last_heartbeat_threshold: HEARTBEAT_THRESHOLD_SECONDS,
        error_count: this.#errorCount,
      }),
    };
  }

  /** Of all open partitions the one that is silent for the longest time; `null` if none is open. */
  #oldestHeartbeatAtMs(): number | null {
    return this.#heartbeats.size === 0 ? null : Math.min(...this.#heartbeats.values());
  }
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
