import type { Outcome, Position } from "../contract.ts";

/** Where the account of one reading writes its entries. */
export type Book = {
  received(first: Position, last: Position, records: number, newestEnqueuedAtMs: number): void;
  settled(outcome: Outcome, records: number): void;
  closed(pending: number): void;
};

/** The account of one partition from its opening to its loss or stop; what comes after that is no entry any more. */
export class ReadingAccount {
  readonly #book: Book;
  #pending = 0;
  #isClosed = false;

  constructor(book: Book) {
    this.#book = book;
  }

  /** Records in the window now. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Events came, with sequence numbers from `first` to `last` without a gap between them.
   * @param records How many records they hold, those filtered and heartbeats included.
   */
  received(first: Position, last: Position, records: number, newestEnqueuedAtMs: number): void {
    if (!this.#isClosed) this.#book.received(first, last, records, newestEnqueuedAtMs);
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
    if (!this.#isClosed) this.#book.settled(outcome, records);
  }

  /** The partition is read no longer by this reader; what is pending goes back to the hub. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#book.closed(this.#pending);
  }
}
