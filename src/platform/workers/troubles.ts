import type { Clock } from "../../kernel/clock.ts";
import type { LogLevel } from "../../kernel/log.ts";

const SAME_TROUBLE_MS = 60_000;
const MAX_REMEMBERED = 100;

/** A wrong key is one trouble, however many workers have it: errors that one has told are not told again by another. */
export class Troubles {
  readonly #clock: Clock;
  /** By level and message, the oldest first. */
  readonly #told = new Map<string, { readonly worker: number; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isNew(worker: number, level: LogLevel, message: string): boolean {
    if (level !== "error" && level !== "critical") {
      return true;
    }
    const key = `${level}:${message}`;
    const before = this.#told.get(key);
    const atMs = this.#clock.now();
    if (before !== undefined && before.worker !== worker && atMs - before.atMs < SAME_TROUBLE_MS) {
      return false;
    }
    this.#told.delete(key);
    this.#told.set(key, { worker, atMs });
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_REMEMBERED) {
        break;
      }
      this.#told.delete(oldest);
    }
    return true;
  }
}
