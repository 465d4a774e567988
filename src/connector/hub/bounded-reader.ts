import type { PartitionEnd, PartitionReader, Position } from "../contract.ts";

/** Hands events on up to one of them, and ignores those that come after it. */
export class BoundedReader implements PartitionReader {
  /** Resolves when the last event came, or one behind it. */
  readonly finished: Promise<void>;
  readonly #inner: PartitionReader;
  readonly #lastSequenceNumber: number;
  #firstSequenceNumber: number | undefined;
  #handedOn: number | undefined;
  #isUntold = false;
  #isPast = false;
  #finish: () => void = () => {};

  /** @param lastSequenceNumber Of the last event wanted. */
  constructor(inner: PartitionReader, lastSequenceNumber: number) {
    this.#inner = inner;
    this.#lastSequenceNumber = lastSequenceNumber;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Events handed on. */
  get events(): number {
    if (this.#handedOn === undefined || this.#firstSequenceNumber === undefined) {
      return 0;
    }
    return this.#handedOn - this.#firstSequenceNumber + 1;
  }

  /** Events there are; 0 before the first came. */
  get ofEvents(): number {
    if (this.#firstSequenceNumber === undefined) {
      return 0;
    }
    return this.#lastSequenceNumber - this.#firstSequenceNumber + 1;
  }

  get pendingEvents(): number {
    return this.#inner.pendingEvents;
  }

  receive(bytes: Buffer, start: number, end: number, sequenceNumber: number): void {
    if (sequenceNumber > this.#lastSequenceNumber) {
      this.#isPast = true;
      return;
    }
    this.#firstSequenceNumber ??= sequenceNumber;
    this.#handedOn = sequenceNumber;
    this.#isUntold = true;
    this.#inner.receive(bytes, start, end, sequenceNumber);
  }

  reach(position: Position, enqueuedAtMs: number): void {
    if (this.#isUntold && this.#handedOn !== undefined) {
      // The offset is that of an event behind the range at most; nobody reads on from it.
      this.#inner.reach({ offset: position.offset, sequenceNumber: this.#handedOn }, enqueuedAtMs);
    }
    this.#isUntold = false;
    if (this.#isPast || this.#handedOn === this.#lastSequenceNumber) {
      this.#finish();
    }
  }

  flush(): void {
    this.#inner.flush();
  }

  alive(): void {
    this.#inner.alive();
  }

  observeEnd(end: PartitionEnd): void {
    this.#inner.observeEnd(end);
  }

  close(): void {
    this.#inner.close();
  }
}
