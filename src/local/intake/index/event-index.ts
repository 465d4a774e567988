import type { DatabaseSync } from "node:sqlite";
import type { Query } from "../query/query.ts";
import type { Bitmap } from "./bitmap.ts";
import type { Verify } from "./column-rows.ts";
import { evaluationOf } from "./evaluate.ts";
import { LruCache } from "./lru-cache.ts";
import { OpenSegment } from "./open-segment.ts";
import { SealedSegment } from "./sealed-segment.ts";
import { Found, type NumberRange } from "./search.ts";
import type { Segment } from "./segment.ts";
import type { SegmentDelta } from "./segment-delta.ts";
import type { SegmentParts } from "./segment-parts.ts";
import { SegmentTable } from "./segment-table.ts";

/** What full segments answered to the last searches: page, histogram and facets ask the same. */
const ANSWERS_BYTES = 32 * 1024 * 1024;
const MAX_KEY_CHARS = 2000;

/** The segments, as searches read them: full ones in the database, and the open one in memory. */
export class EventIndex {
  readonly #table: SegmentTable;
  readonly #sealed: SealedSegment[];
  readonly #answers = new LruCache(ANSWERS_BYTES);
  #open: OpenSegment;

  constructor(database: DatabaseSync) {
    this.#table = new SegmentTable(database);
    this.#sealed = this.#table.all();
    const last = this.#sealed.at(-1);
    this.#open = new OpenSegment(last === undefined ? 1 : last.firstNumber + last.rows);
  }

  /** The number of the first event that no full segment holds. */
  get firstOpen(): number {
    return this.#open.firstNumber;
  }

  /** The number of the first event that is not indexed. */
  get next(): number {
    return this.#open.firstNumber + this.#open.rows;
  }

  get segments(): readonly Segment[] {
    return [...this.#sealed, this.#open];
  }

  apply(delta: SegmentDelta): void {
    this.#open.apply(delta);
  }

  /**
   * Stores a full segment, inside of a transaction: the open one, or one that came after it.
   * @returns makes it so for searches, once it is committed.
   */
  seal(firstNumber: number, parts: SegmentParts): () => void {
    const sealed = this.#table.write(firstNumber, parts);
    return () => {
      this.#sealed.push(sealed);
      this.#open = new OpenSegment(sealed.firstNumber + sealed.rows);
    };
  }

  /** Forgets the open segment: its events are indexed anew. */
  reopen(): void {
    this.#open = new OpenSegment(this.#open.firstNumber);
  }

  /** @throws QueryInvalid for a pattern that cannot be used. */
  find(query: Query, range: NumberRange, verify: Verify): Found {
    const evaluate = evaluationOf(query);
    const key = JSON.stringify(query);
    let verified = 0;
    const counted: Verify = (number, field, matcher) => {
      verified += 1;
      return verify(number, field, matcher);
    };
    const answer = (segment: Segment): Bitmap => {
      if (!(segment instanceof SealedSegment) || key.length > MAX_KEY_CHARS) {
        return evaluate(segment, verify);
      }
      const name = `${segment.id} ${key}`;
      const known = this.#answers.peek<Bitmap>(name);
      if (known !== undefined) {
        return known;
      }
      const before = verified;
      const rows = evaluate(segment, counted);
      // Reading events whole is bounded a search: what it found is not for the next one.
      return verified === before ? this.#answers.get(name, ANSWER_BYTES + key.length, () => rows) : rows;
    };
    return new Found(this.segments, range, answer);
  }
}

/** Of one answer, with what keeping it takes. */
const ANSWER_BYTES = 1200;
