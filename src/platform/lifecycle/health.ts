import type { Clock } from "../../kernel/clock.ts";
import type { Page } from "./http-server.ts";

/** A partition whose receive loop is silent for longer is stuck; a quiet hub's loop is not silent. */
const HEARTBEAT_THRESHOLD_SECONDS = 120;

/** The intake, the hub or the work as a whole may stumble for so long before it shows; a single repeated request is no failure. */
const FAILURE_GRACE_MS = 10_000;

/** What the liveness page tells of one process, or of several. */
export type HealthReport = {
  readonly isHealthy: boolean;
  readonly lastEventsAtMs: number | null;
  /** Of the receive loop that is silent for the longest time; `null` if none turns. */
  readonly lastHeartbeatAtMs: number | null;
  readonly errorCount: number;
};

/** What the liveness page knows. Times are milliseconds since 1970. */
export class HealthState {
  readonly #clock: Clock;
  readonly #heartbeats = new Map<string, number>();
  #lastEventsAtMs: number | undefined;
  #intakeFailingSinceMs: number | null = null;
  #hubFailingSinceMs: number | null = null;
  #brokenSinceMs: number | null = null;
  #errorCount = 0;
  #others: () => readonly HealthReport[] = () => [];

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
      this.recovered();
    }
  }

  /** The intake took events: whatever went wrong before is over. */
  eventsForwarded(): void {
    this.#lastEventsAtMs = this.#clock.now();
    this.#errorCount = 0;
    this.recovered();
  }

  /** @param sinceMs `null` once the intake answers well again. */
  intakeFailing(sinceMs: number | null): void {
    this.#intakeFailingSinceMs = sinceMs;
  }

  /** @param sinceMs `null` once the hub can be read again. */
  hubFailing(sinceMs: number | null): void {
    this.#hubFailingSinceMs = sinceMs;
  }

  /** Other processes do the work, or a part of it, from now on. */
  follow(others: () => readonly HealthReport[]): void {
    this.#others = others;
  }

  /** Something broke that nothing handles; the work may start anew. */
  uncaughtError(): void {
    this.#errorCount++;
    this.#brokenSinceMs ??= this.#clock.now();
  }

  /** The work goes on. */
  recovered(): void {
    this.#brokenSinceMs = null;
  }

  /** Errors that nothing handled, since events were forwarded last. */
  get errorCount(): number {
    return this.#errorCount;
  }

  get lastEventsAtMs(): number | undefined {
    return this.#lastEventsAtMs;
  }

  get isHealthy(): boolean {
    return this.report().isHealthy;
  }

  /** With the processes that are followed: one that fails, or is silent, is a failure of the whole. */
  report(): HealthReport {
    const others = this.#others();
    const now = this.#clock.now();
    const failsFor = (sinceMs: number | null, limitMs: number) => sinceMs !== null && now - sinceMs > limitMs;
    const heartbeats = [...this.#heartbeats.values(), ...others.map((other) => other.lastHeartbeatAtMs)];
    const events = [this.#lastEventsAtMs ?? null, ...others.map((other) => other.lastEventsAtMs)];
    const lastHeartbeatAtMs = best(heartbeats, Math.min);
    return {
      isHealthy: !(
        failsFor(lastHeartbeatAtMs, HEARTBEAT_THRESHOLD_SECONDS * 1000) ||
        failsFor(this.#intakeFailingSinceMs, FAILURE_GRACE_MS) ||
        failsFor(this.#hubFailingSinceMs, FAILURE_GRACE_MS) ||
        failsFor(this.#brokenSinceMs, FAILURE_GRACE_MS) ||
        others.some((other) => !other.isHealthy)
      ),
      lastEventsAtMs: best(events, Math.max),
      lastHeartbeatAtMs,
      errorCount: others.reduce((sum, other) => sum + other.errorCount, this.#errorCount),
    };
  }

  /** The page `/health`, with the names that the platform reads. */
  page(): Page {
    const { isHealthy, lastEventsAtMs, lastHeartbeatAtMs, errorCount } = this.report();
    return {
      status: isHealthy ? 200 : 500,
      contentType: "application/json",
      body: JSON.stringify({
        last_events_time: isoTime(lastEventsAtMs),
        last_heartbeat: isoTime(lastHeartbeatAtMs),
        // 0: a hub may be quiet for as long as it likes.
        seconds_without_events_threshold: 0,
        last_heartbeat_threshold: HEARTBEAT_THRESHOLD_SECONDS,
        error_count: errorCount,
      }),
    };
  }
}

/** @returns `null` if no time is known. */
function best(
  timesMs: readonly (number | null)[],
  choose: (...known: readonly number[]) => number,
): number | null {
  const known = timesMs.filter((atMs) => atMs !== null);
  return known.length === 0 ? null : choose(...known);
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
