import type { Outcome } from "../contract.ts";

/** Where the account of one reading writes its entries. */
export type LedgerEntry = {
  received(sequenceNumber: number, records: number): void;
  reached(enqueuedAtMs: number): void;
  settled(outcome: Outcome, records: number): void;
  restarted(): void;
  closed(pending: number): void;
};

/** The account of one partition from its opening to its loss or stop; what comes after that is not an entry any more. */
export class LedgerSession {
  readonly #entry: LedgerEntry;
  #pending = 0;
  #isClosed = false;

  constructor(entry: LedgerEntry) {
    this.#entry = entry;
  }

  /** Records in the window now. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * An event came.
   * @param records How many records it holds, those filtered and heartbeats included.
   */
  received(sequenceNumber: number, records: number): void {
    if (!this.#isClosed) {
      this.#entry.received(sequenceNumber, records);
    }
  }

  /** @param enqueuedAtMs When the hub stored the newest event that came, milliseconds since 1970. */
  reached(enqueuedAtMs: number): void {
    if (!this.#isClosed) {
      this.#entry.reached(enqueuedAtMs);
    }
  }

  /** Records took up room in the window. */
  hold(records: number): void {
    this.#pending += records;
  }

  /** The room of records is free again: they are settled. */
  release(records: number): void {
    this.#pending -= records;
  }

  settled(outcome: Outcome, records: number): void {
    if (!this.#isClosed) {
      this.#entry.settled(outcome, records);
    }
  }

  /** The hub was recreated, or keeps the next events no longer: lower numbers are not repetition, higher ones a gap. */
  restart(): void {
    if (!this.#isClosed) {
      this.#entry.restarted();
    }
  }

  /** The partition is read no longer by this reader; what is pending goes back to the hub. */
  close(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#entry.closed(this.#pending);
  }
}
