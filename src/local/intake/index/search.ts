import { type Bitmap, clearOutside, countRows, hasRow, isEmpty, rowsFromLast } from "./bitmap.ts";
import type { Segment } from "./segment.ts";

/** Event numbers from `from`, inclusive, to `to`, exclusive. */
export type NumberRange = { readonly from: number; readonly to: number };

export type ValueCount = { readonly value: string; readonly events: number };

/** Values counted a field and segment; a field of ids would otherwise fill the memory. */
const MAX_VALUES = 20_000;

/** The events that a search finds, as sets of rows. A segment is asked when its rows are wanted. */
export class Found {
  /** The newest first: the verification of long values is bounded, and the newest count most. */
  readonly #segments: readonly Segment[];
  readonly #evaluate: (segment: Segment) => Bitmap;
  readonly #range: NumberRange;
  readonly #rows = new Map<Segment, Bitmap>();

  /** @param evaluate Its rows are copied before they are changed. */
  constructor(segments: readonly Segment[], range: NumberRange, evaluate: (segment: Segment) => Bitmap) {
    this.#segments = segments
      .filter(({ firstNumber, rows }) => firstNumber < range.to && firstNumber + rows > range.from)
      .toReversed();
    this.#range = range;
    this.#evaluate = evaluate;
  }

  get total(): number {
    return this.#segments.reduce((sum, segment) => sum + countRows(this.#rowsOf(segment)), 0);
  }

  /** Numbers of events, newest first. */
  *newest(): Generator<number> {
    for (const segment of this.#segments) {
      for (const row of rowsFromLast(this.#rowsOf(segment))) {
        yield segment.firstNumber + row;
      }
    }
  }

  /** How many events there are from each number to the next one. */
  counts(bounds: readonly number[]): readonly number[] {
    return bounds.slice(1).map((to, index) => {
      const from = bounds[index] as number;
      let sum = 0;
      for (const segment of this.#segments) {
        const { firstNumber, rows } = segment;
        if (firstNumber < to && firstNumber + rows > from) {
          sum += countRows(this.#rowsOf(segment), from - firstNumber, to - firstNumber);
        }
      }
      return sum;
    });
  }

  /** The commonest values of a field among the events, those of the newest `MAX_VALUES` distinct ones. */
  values(field: string, limit: number, prefix = ""): readonly ValueCount[] {
    const counts = new Map<string, number>();
    for (const segment of this.#segments) {
      if (counts.size >= MAX_VALUES) {
        break;
      }
      const column = segment.column(field);
      if (column === undefined) {
        continue;
      }
      const wanted = this.#rowsOf(segment);
      if (isEmpty(wanted)) {
        continue;
      }
      const { rows, numbers } = column.pairs();
      const found = new Uint32Array(column.valueCount);
      for (let at = 0; at < numbers.length; at++) {
        if (hasRow(wanted, rows === undefined ? at : (rows[at] as number))) {
          const number = numbers[at] as number;
          found[number] = (found[number] as number) + 1;
        }
      }
      const [values, folded] = [column.values(), column.folded()];
      for (let number = 0; number < found.length; number++) {
        const events = found[number] as number;
        if (events > 0 && (folded[number] as string).startsWith(prefix)) {
          const value = values[number] as string;
          counts.set(value, (counts.get(value) ?? 0) + events);
        }
      }
    }
    return [...counts]
      .sort(([a, manyA], [b, manyB]) => manyB - manyA || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([value, events]) => ({ value, events }));
  }

  #rowsOf(segment: Segment): Bitmap {
    const known = this.#rows.get(segment);
    if (known !== undefined) {
      return known;
    }
    const rows = this.#evaluate(segment).slice();
    clearOutside(rows, this.#range.from - segment.firstNumber, this.#range.to - segment.firstNumber);
    this.#rows.set(segment, rows);
    return rows;
  }
}
