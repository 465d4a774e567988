import { numberOf, type Traffic } from "./traffic.ts";

const EXAMPLES_MAX = 5;

/** Counts what arrives, and compares every byte of it with what was sent. */
export class Tally {
  readonly #traffic: Traffic;
  /** How often the intake accepted each number, 255 at most. */
  #accepted = new Uint8Array(1024);
  readonly #deadLettered = new Set<number>();
  #firstOpen = 0;
  #duplicates = 0;
  readonly #altered: string[] = [];
  #alteredCount = 0;

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** Every number below is where it belongs. */
  get firstOpen(): number {
    while (this.#firstOpen < this.#traffic.records && this.isSettled(this.#firstOpen)) {
      this.#firstOpen++;
    }
    return this.#firstOpen;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  get altered(): { readonly count: number; readonly examples: readonly string[] } {
    return { count: this.#alteredCount, examples: this.#altered };
  }

  accept(raw: string): void {
    const number = numberOf(raw) ?? Number.POSITIVE_INFINITY;
    const fate = number < this.#traffic.records ? this.#traffic.fateOf(number) : undefined;
    if (fate?.to === "intake" && fate.text === raw) {
      this.#count(number);
    } else {
      this.#alter(raw);
    }
  }

  /** @param bytes Of a dead letter; what the intake refused by order of a fault may be any record. */
  deadLetter(bytes: Buffer): void {
    const text = bytes.toString("latin1");
    // A damaged gzip body shows no number, so it is looked for among those that were sent.
    const number = numberOf(text) ?? this.#traffic.numberOfBytes(bytes);
    const fate = number === undefined ? undefined : this.#traffic.fateOf(number);
    const wanted = fate?.to === "intake" ? Buffer.from(fate.text) : fate?.bytes;
    if (number !== undefined && wanted?.equals(bytes) === true) {
      this.#deadLettered.add(number);
    } else {
      this.#alter(text);
    }
  }

  isSettled(number: number): boolean {
    return (this.#accepted[number] ?? 0) > 0 || this.#deadLettered.has(number);
  }

  /** Numbers from `from` to `to` (exclusive) that are not where they belong. */
  open(from: number, to: number): number[] {
    const found: number[] = [];
    for (let number = from; number < to; number++) {
      if (!this.isSettled(number)) {
        found.push(number);
      }
    }
    return found;
  }

  #count(number: number): void {
    if (number >= this.#accepted.length) {
      const larger = new Uint8Array(Math.max(number + 1, this.#accepted.length * 2));
      larger.set(this.#accepted);
      this.#accepted = larger;
    }
    const before = this.#accepted[number] ?? 0;
    if (before > 0) {
      this.#duplicates++;
    }
    this.#accepted[number] = Math.min(255, before + 1);
  }

  #alter(text: string): void {
    this.#alteredCount++;
    if (this.#altered.length < EXAMPLES_MAX) {
      this.#altered.push(text.slice(0, 200));
    }
  }
}
