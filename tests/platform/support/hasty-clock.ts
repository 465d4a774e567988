import type { Clock } from "../../../src/kernel/clock.ts";

/** A clock whose waits pass at once; `waitsMs` tells how long they would have been. */
export class HastyClock implements Clock {
  readonly waitsMs: number[] = [];
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    this.waitsMs.push(delayMs);
    const timer = setImmediate(() => {
      this.#nowMs += delayMs;
      task();
    });
    return () => clearImmediate(timer);
  }
}
