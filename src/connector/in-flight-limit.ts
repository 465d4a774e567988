import type { ReceiveBudget } from "./contract.ts";

/** The bound on what is received but not settled, in records and bytes, over all partitions. */
export class InFlightLimit implements ReceiveBudget {
  readonly maxBytes: number;
  readonly #maxRecords: number;
  #records = 0;
  #bytes = 0;
  readonly #waiters = new Set<() => void>();

  constructor(maxRecords: number, maxBytes: number) {
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
    this.#records += records;
    this.#bytes += bytes;
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
