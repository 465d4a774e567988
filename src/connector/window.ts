/** The bound on what is received but not settled, in records and bytes, over all partitions. */
export class Window {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  #records = 0;
  #bytes = 0;
  readonly #waiters = new Set<() => void>();

  constructor(maxRecords: number, maxBytes: number) {
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
  }

  get records(): number {
    return this.#records;
  }

  get isFull(): boolean {
    return this.#records >= this.#maxRecords || this.#bytes >= this.#maxBytes;
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

  /** @throws the signal's reason once it aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.isFull) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiters.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiters.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    signal.throwIfAborted();
  }
}
