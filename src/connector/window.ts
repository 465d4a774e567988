import type { ReceiveBudget } from "./contract.ts";

/** The bound on what is received but not settled, in records and bytes, over all partitions. */
export class Window implements ReceiveBudget {
  readonly maxBytes: number;
  readonly #maxRecords: number;
  readonly #whenFull: () => void;
  #records = 0;
  #bytes = 0;
  readonly #waiters = new Set<() => void>();

  /** @param whenFull Called when the window becomes full: what waits for company must not wait any longer. */
  constructor(maxRecords: number, maxBytes: number, whenFull: () => void) {
    this.#whenFull = whenFull;
    this.#maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  get records(): number {
    return this.#records;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#records >= this.#maxRecords || this.#bytes >= this.maxBytes;
  }

  take(records: number, bytes: number): void {
    const wasFull = this.isFull;
    this.#records += records;
    this.#bytes += bytes;
    if (!wasFull && this.isFull) this.#whenFull();
  }

  give(records: number, bytes: number): void {
    this.#records -= records;
    this.#bytes -= bytes;
    if (this.isFull) return;
    for (const wake of this.#waiters) wake();
  }

  onRoom(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }
}
