import type { Position } from "../contract.ts";

/** A stretch of a partition that is settled as a whole: a chunk on its way, or dead letters being stored. */
export type Span = { isSettled: boolean; readonly reachesTo: Position | undefined };

type OpenSpan = { isSettled: boolean; reachesTo: Position | undefined; events: number; records: number };

/**
 * The law of the checkpoint, for one partition: spans are opened in order, settled in any order,
 * and the checkpoint is the position below which everything is settled.
 *
 * `open` when the first record of a span is taken; `reach` when all records of the events up to a position have found
 * their span (or needed none: filtered, heartbeat); `settle` when a span's records are accepted or stored as dead letters.
 */
export class Watermark {
  readonly #spans: OpenSpan[] = [];
  #head = 0;
  #position: Position | undefined;
  #openEvents = 0;
  #settledRecords = 0;
  #coveredRecords = 0;

  /** The highest position up to which everything is settled; undefined before the first. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Spans that are not part of the settled prefix. */
  get openSpans(): number {
    return this.#spans.length - this.#head;
  }

  /** Events that are reached and not part of the settled prefix. */
  get openEvents(): number {
    return this.#openEvents;
  }

  /** Records of the spans that are settled. */
  get settledRecords(): number {
    return this.#settledRecords;
  }

  /** Of those, the ones that the position covers. */
  get coveredRecords(): number {
    return this.#coveredRecords;
  }

  open(): Span {
    const span: OpenSpan = { isSettled: false, reachesTo: undefined, events: 0, records: 0 };
    this.#spans.push(span);
    return span;
  }

  /**
   * Every record of the events up to `position` is now in a span that is open, or settled. Positions must rise.
   * @param events How many events that are since the last call.
   */
  reach(position: Position, events: number): void {
    const last = this.openSpans > 0 ? this.#spans.at(-1) : undefined;
    if (last === undefined) {
      this.#position = position;
      return;
    }
    last.reachesTo = position;
    last.events += events;
    this.#openEvents += events;
  }

  /** @param records How many the span holds: they come again if the position is not stored. */
  settle(span: Span, records: number): void {
    const settled = span as OpenSpan;
    settled.isSettled = true;
    settled.records = records;
    this.#settledRecords += records;
    for (;;) {
      const first = this.#spans[this.#head];
      if (first === undefined || !first.isSettled) {
        break;
      }
      this.#position = first.reachesTo ?? this.#position;
      this.#openEvents -= first.events;
      this.#coveredRecords += first.records;
      this.#head++;
    }
    // Forget the settled prefix now and then, so that the list stays as short as the window.
    if (this.#head > 64 && this.#head * 2 > this.#spans.length) {
      this.#spans.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
