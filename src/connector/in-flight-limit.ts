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
  /** Messages of which not all records had room. */
  readonly #rests = new Set<() => boolean>();
  #isWaking = false;

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
    return this.#rests.size > 0 || this.#isOver(1);
  }

  get mustPause(): boolean {
    return this.#rests.size > 0 || this.isExceeded;
  }

  /** So far over a bound that not even the next record of a message is taken. */
  get isExceeded(): boolean {
    return this.#isOver(HARD_BOUND);
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

  /**
   * The records of a message that have no room yet: nothing else is received before them.
   * @param goOn Called when there is room; takes what fits. @returns whether that was all.
   * @returns forgets them.
   */
  wait(goOn: () => boolean): () => void {
    this.#rests.add(goOn);
    return () => {
      if (this.#rests.delete(goOn)) {
        this.#wake();
      }
    };
  }

  onRoom(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }

  #isOver(factor: number): boolean {
    return (
      this.#records >= this.#maxRecords * factor ||
      this.#bytes >= this.maxBytes * factor ||
      this.#unstoredRecords >= this.maxUnstoredRecords * factor
    );
  }

  /** An answer settles records of many partitions: whoever waits is woken once for all of them. */
  #wake(): void {
    if (!this.#isWaking) {
      this.#isWaking = true;
      queueMicrotask(() => {
        this.#isWaking = false;
        this.#wakeWaiters();
      });
    }
  }

  #wakeWaiters(): void {
    for (const goOn of this.#rests) {
      if (this.#isOver(1) || !goOn()) {
        return;
      }
      this.#rests.delete(goOn);
    }
    if (this.isFull) {
      return;
    }
    for (const wake of this.#waiters) {
      wake();
    }
  }
}
