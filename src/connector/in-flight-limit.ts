import type { ReceiveBudget } from "./contract.ts";

/** Reading stops altogether this far over a bound: credit foresees what comes, this bounds it. */
const HARD_BOUND = 1.25;

/**
 * The bounds on what comes again after a crash, over all partitions: what is received and not settled, in records and
 * in bytes as memory holds them, and what is settled and not yet covered by a stored checkpoint, in records.
 */
export class InFlightLimit implements ReceiveBudget {
  readonly maxBytes: number;
  readonly maxUnstoredRecords: number;
  readonly #maxRecords: number;
  #unstoredRecords = 0;
  #records = 0;
  #bytes = 0;
  readonly #waiters = new Set<() => void>();

  constructor(maxRecords: number, maxBytes: number, maxUnstoredRecords = maxRecords) {
    this.#maxRecords = maxRecords;
    this.maxBytes = maxBytes;
    this.maxUnstoredRecords = maxUnstoredRecords;
  }

  get records(): number {
    return this.#records;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return (
      this.#records >= this.#maxRecords ||
      this.#bytes >= this.maxBytes ||
      this.#unstoredRecords >= this.maxUnstoredRecords
    );
  }

  get mustPause(): boolean {
    return (
      this.#records > this.#maxRecords * HARD_BOUND ||
      this.#bytes > this.maxBytes * HARD_BOUND ||
      this.#unstoredRecords > this.maxUnstoredRecords * HARD_BOUND
    );
  }

  /** Settled and not yet covered by a stored checkpoint. */
  get unstoredRecords(): number {
    return this.#unstoredRecords;
  }

  set unstoredRecords(records: number) {
    const isFewer = records < this.#unstoredRecords;
    this.#unstoredRecords = records;
    if (isFewer) {
      this.#wake();
    }
  }

  take(records: number, bytes: number): void {
    this.#records += records;
    this.#bytes += bytes;
  }

  give(records: number, bytes: number): void {
    this.#records -= records;
    this.#bytes -= bytes;
    this.#wake();
  }

  onRoom(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }

  #wake(): void {
    if (this.isFull) {
      return;
    }
    for (const wake of this.#waiters) {
      wake();
    }
  }
}
