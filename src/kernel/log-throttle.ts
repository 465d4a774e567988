import type { Clock } from "./clock.ts";

/** More kinds than this are not kinds any more, and all start over. */
const MOST_KINDS = 100;

/** Lets one line of a kind through in a time: what fails often mostly fails for one reason. */
export class LogThrottle {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #nextAtMs = new Map<string, number>();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Whether a line of this kind may be written now; if so, it counts as written. */
  isDue(kind: string): boolean {
    const now = this.#clock.now();
    if (now < (this.#nextAtMs.get(kind) ?? 0)) {
      return false;
    }
    if (this.#nextAtMs.size > MOST_KINDS) {
      this.#nextAtMs.clear();
    }
    this.#nextAtMs.set(kind, now + this.#everyMs);
    return true;
  }

  /** What was told is over: the next line of each kind may be written at once. */
  clear(): void {
    this.#nextAtMs.clear();
  }
}
