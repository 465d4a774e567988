import { type Clock, endsWithin } from "../../kernel/clock.ts";
import type { LogLevel } from "../../kernel/log.ts";

/** A line as the platform takes it. */
export type ShippedLine = {
  /** UTC, ISO 8601 with microseconds and without an offset. */
  readonly date: string;
  readonly level: LogLevel;
  readonly message: string;
};

/** `failed`: the same lines may be taken later; `refused`: they never will. */
export type ShipOutcome = "taken" | "refused" | "failed";

export type LogShipperPorts = {
  /** Never rejects. */
  send(lines: readonly ShippedLine[]): Promise<ShipOutcome>;
  /** Lines that will never arrive. */
  lost(lines: number): void;
};

const FLUSH_AFTER_MS = 5000;
const LINES_A_REQUEST = 50;
const MAX_WAITING_LINES = 1000;
const MAX_MESSAGE_CHARACTERS = 8192;
const REPEAT_AFTER_MS = 60_000;
const MAX_REMEMBERED_MESSAGES = 1000;

/**
 * Sends log lines to the platform in the background. Whatever the endpoint does, at most 1,000 lines and one request are
 * held here; when more come, the oldest are lost and counted.
 */
export class LogShipper {
  readonly #ports: LogShipperPorts;
  readonly #clock: Clock;
  /** When each `level:message` was taken last, the oldest first. */
  readonly #lastSeenAtMs = new Map<string, number>();
  #waiting: ShippedLine[] = [];
  #sending: Promise<void> | undefined;
  #failing = false;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(ports: LogShipperPorts, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
  }

  /**
   * Takes a line; the same `level` and `message` only once a minute, except for critical ones.
   * @param detail Follows the message, and does not make it another one.
   */
  ship(level: LogLevel, message: string, detail: string): void {
    if (this.#closed || this.#isRepetition(level, message)) {
      return;
    }
    const date = `${new Date(this.#clock.now()).toISOString().slice(0, -1)}000`;
    this.#waiting.push({ date, level, message: `${message}${detail}`.slice(0, MAX_MESSAGE_CHARACTERS) });
    this.#dropOldest();
    const urgent = level === "error" || level === "critical" || this.#waiting.length >= LINES_A_REQUEST;
    // A dead endpoint is asked once in five seconds, however much there is to say.
    if (urgent && !this.#failing) {
      this.#flush();
    } else {
      this.#schedule();
    }
  }

  /** Sends what waits, for at most `deadlineMs`; what is left then is lost. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    this.#flush();
    await endsWithin(this.#clock, deadlineMs, Promise.resolve(this.#sending));
    this.#cancelTimer?.();
    if (this.#waiting.length > 0) {
      this.#ports.lost(this.#waiting.length);
      this.#waiting = [];
    }
  }

  #isRepetition(level: LogLevel, message: string): boolean {
    if (level === "critical") {
      return false;
    }
    const key = `${level}:${message}`;
    const now = this.#clock.now();
    const last = this.#lastSeenAtMs.get(key);
    if (last !== undefined && now - last < REPEAT_AFTER_MS) {
      return true;
    }
    this.#lastSeenAtMs.delete(key);
    this.#lastSeenAtMs.set(key, now);
    if (this.#lastSeenAtMs.size > MAX_REMEMBERED_MESSAGES) {
      const [oldest = key] = this.#lastSeenAtMs.keys();
      this.#lastSeenAtMs.delete(oldest);
    }
    return false;
  }

  #dropOldest(): void {
    const excess = this.#waiting.length - MAX_WAITING_LINES;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#ports.lost(excess);
    }
  }

  #schedule(): void {
    this.#cancelTimer ??= this.#clock.after(FLUSH_AFTER_MS, () => {
      this.#cancelTimer = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    // Owned by this field; it ends when the lines do, and never rejects.
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0 && !this.#closed) {
        this.#schedule();
      }
    });
  }

  async #sendAll(): Promise<void> {
    this.#failing = false;
    while (this.#waiting.length > 0 && !this.#failing) {
      const lines = this.#waiting.splice(0, LINES_A_REQUEST);
      const outcome = await this.#ports.send(lines);
      if (outcome === "refused") {
        this.#ports.lost(lines.length);
      } else if (outcome === "failed") {
        this.#failing = true;
        this.#waiting.unshift(...lines);
        this.#dropOldest();
      }
    }
  }
}
